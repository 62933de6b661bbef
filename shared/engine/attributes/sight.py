"""A picture's faces as the attributes see them; what several attributes need is worked out once."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..batches import answers
from ..face import Face
from ..models import ModelLibrary
from ..picture import Picture

_Value = TypeVar("_Value")


class Sight:
    """At least one face of a picture. Its methods may raise ModelError and PictureError."""

    def __init__(
        self,
        library: ModelLibrary,
        threads: int,
        picture: Picture,
        faces: Sequence[Face],
        landmarks: Callable[[], NDArray[np.float32]],
    ) -> None:
        """`landmarks` gives the faces' meshes, [n,478,3]; it is called when the first attribute wants them."""
        self.picture = picture
        self.faces = faces
        self._library = library
        self._threads = threads
        self._landmarks = landmarks
        self._done: dict[Callable[[Sight], Any], Any] = {}

    @cached_property
    def meshes(self) -> NDArray[np.float32]:
        """[n,478,3] in pixels of the full-size picture."""
        return self._landmarks()

    def once(self, work: Callable[["Sight"], _Value]) -> _Value:
        """What `work` gives for this sight, worked out when the first attribute wants it."""
        if work not in self._done:
            self._done[work] = work(self)
        value: _Value = self._done[work]
        return value

    def answers(
        self,
        model: str,
        outputs: Sequence[str],
        pieces: NDArray[np.uint8],
        tensor: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    ) -> list[NDArray[np.float32]]:
        """What the manifest's model of that name answers for each piece; see `batches.answers`."""
        return answers(self._library.session(model), outputs, pieces, tensor, self._threads)
