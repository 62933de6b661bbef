"""Faces of known size and angle in pictures made for it (tests/engine/scenes.py): what detection withstands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.engine import Box, Engine, Face, decode
from tests.engine import scenes
from tests.engine.samples import encoded

from .document import Section, Table, count, share
from .survey import overlap

HEIGHTS = (20, 24, 28, 32, 36, 41, 48, 64)
ANGLES = tuple(range(0, 181, 15))
FILLED = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1)
ROWS, COLUMNS = 7, 10
LARGE = 1280

_Value = TypeVar("_Value", int, float)

NOTES = f"""\
- Faces of LFW. *Small*: pasted before scenes without faces in a picture of 1920 x 1080; a box is about three quarters
  as wide as high, so 41 high is the contract's 36 x 36 by area. *Turned*: the face half as high as a square of 480.
  *Recognised*: its template matches that of the upright one at confidence 0.5. *Filling*: the face's height as a share
  of a square picture of {LARGE}; found whole, and no other face on it."""


@dataclass(frozen=True, slots=True)
class Same:
    """When two templates are of one person: the recognition model, and the cosine from which on they are."""

    recognition_model: str
    identical: float


@dataclass(frozen=True, slots=True)
class Extent:
    """How many faces are tried, at most, and which of the sizes and angles: one in `step`."""

    faces: int
    step: int

    def of(self, values: Sequence[_Value]) -> Sequence[_Value]:
        """The last of them, and each `step` before it."""
        return values[:: -self.step][::-1]


def section(engine: Engine, models: Sequence[str], same: Same, extent: Extent) -> Section:
    """`models`: the detection models to compare."""
    some = scenes.cuttings(engine, extent.faces)
    heights, angles, filled = extent.of(HEIGHTS), extent.of(ANGLES), extent.of(FILLED)
    turned = [f"{model}, {what}" for model in models for what in ("found", "recognised")]
    return Section(
        "Robustness of detection, synthetic",
        NOTES,
        [
            Table(
                "Small: recall",
                ("box height, px", "faces", *models),
                [_small(engine, models, some, height) for height in heights],
            ),
            Table(
                "Turned in the plane", ("degrees", "faces", *turned), list(_turned(engine, models, same, some, angles))
            ),
            Table(
                "Filling the picture: found whole",
                ("share", "faces", *models),
                [_filling(engine, models, some, own) for own in filled],
            ),
        ],
    )


def _small(engine: Engine, models: Sequence[str], some: Sequence[scenes.Cutting], height: int) -> list[str]:
    data, truth = scenes.scattered(some, (1920, 1080), height, ROWS, COLUMNS, seed=height)

    def found(model: str) -> int:
        seen = engine.detect(decode(data), model, limit=1000)
        return sum(any(overlap(face.box, box) > 0.4 for face in seen) for box in truth)

    return _cells(str(height), len(truth), models, found)


def _turned(
    engine: Engine, models: Sequence[str], same: Same, some: Sequence[scenes.Cutting], angles: Sequence[int]
) -> Iterator[list[str]]:
    def template(image: Image.Image, model: str) -> NDArray[np.float32] | None:
        picture = decode(encoded(image, "BMP"))
        found: list[Face] = engine.detect(picture, model, limit=1)
        return engine.embed(picture, found, same.recognition_model)[0] if found else None

    upright = [template(cutting.turned(0), models[0]) for cutting in some]
    for angle in angles:
        cells = [str(angle), count(len(some))]
        for model in models:
            found = [template(cutting.turned(angle), model) for cutting in some]
            pairs = [
                (one, other) for one, other in zip(upright, found, strict=True) if one is not None and other is not None
            ]
            good = sum(float(one @ other) >= same.identical for one, other in pairs)
            cells += [share(sum(own is not None for own in found), len(some)), share(good, len(some))]
        yield cells


def _filling(engine: Engine, models: Sequence[str], some: Sequence[scenes.Cutting], filled: float) -> list[str]:
    pictures = [cutting.filling(LARGE, filled) for cutting in some]

    def found(model: str) -> int:
        return sum(_whole(engine.detect(decode(data), model), box) for data, box in pictures)

    return _cells(str(filled), len(some), models, found)


def _whole(seen: Sequence[Face], truth: Box) -> bool:
    """Of the faces that lie on the true one by more than half of themselves there is one, and it is that."""
    on_it = [face.box for face in seen if face.box.common(truth) > face.box.area / 2]
    return len(on_it) == 1 and overlap(on_it[0], truth) > 0.5


def _cells(case: str, faces: int, models: Sequence[str], found: Callable[[str], int]) -> list[str]:
    return [case, count(faces), *(share(found(model), faces) for model in models)]
