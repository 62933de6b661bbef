"""The engine as a service uses it: what each step takes, and how many faces there are."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from shared import telemetry
from shared.engine import Engine, Face, Picture

F = TypeVar("F", bound=Callable[..., Any])


def _step(method: F) -> F:
    """Time a method of the engine under its name."""

    @wraps(method)
    def measured(self: Engine, *arguments: Any, **options: Any) -> Any:
        step = method.__name__
        with telemetry.timed("ownface.inference.duration", f"inference {step}", step=step):
            return method(self, *arguments, **options)

    return measured  # type: ignore[return-value]


class MeasuredEngine(Engine):
    """Does what the engine does."""

    embed = _step(Engine.embed)
    landmarks = _step(Engine.landmarks)
    attributes = _step(Engine.attributes)
    looks = _step(Engine.looks)
    glimpse = _step(Engine.glimpse)
    _detect = _step(Engine.detect)

    def detect(self, picture: Picture, detection_model: str = "detection_01", limit: int = 100) -> list[Face]:
        faces = self._detect(picture, detection_model, limit)
        telemetry.record("ownface.faces", len(faces))
        return faces
