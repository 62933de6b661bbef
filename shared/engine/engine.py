"""Picture -> faces -> templates: the one object that callers hold."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from . import attributes, detector, liveness, mesh, recogniser
from .attributes import Attributes, Sight
from .errors import UnknownModel
from .face import Face
from .liveness import Eye, Glimpse, Look
from .models import ModelLibrary
from .picture import Picture, decode
from .workers import cores, side_by_side

_Value = TypeVar("_Value")


class Engine:
    """Finds, embeds and measures faces. Safe to use from several threads; models load on first use.

    Every method may raise ModelError (a model is missing, corrupt or unknown) and, since a small face may need the
    picture decoded at a larger scale, PictureError.
    """

    def __init__(self, library: ModelLibrary, threads: int = 0, optional: Collection[str] = ()) -> None:
        """`threads` work on one call; 0 means one per core. `optional`: attributes (fields of Attributes) whose models
        not every installation has, and this one must have. Raises ModelsMissing.

        By the models that were left out of the installation `unavailable` says which attributes it does without, and
        `judges_liveness` whether it has what `looks` takes."""
        self._library = library
        self._optional = attributes.optional_models(optional)
        library.require(self._optional)
        self._manifest = library.manifest
        self._threads = threads or cores()
        left_out = library.manifest.left_out
        self.unavailable = frozenset(name for name, models in attributes.NEEDS.items() if models & left_out)
        self.judges_liveness = not liveness.MODELS & left_out

    def detect(self, picture: Picture, detection_model: str = "detection_01", limit: int = 100) -> list[Face]:
        """The faces, at most `limit`, largest first: by the whole pixels that each covers inside the picture."""
        settings = _named(self._manifest.detectors, detection_model, "detection model")
        session = self._library.session(settings.model, self._threads)
        faces = detector.detect(session, settings, picture)

        def size(face: Face) -> tuple[float, float]:
            *_, width, height = face.box.pixels(picture.width, picture.height)
            return width * height, face.box.area

        return sorted(faces, key=size, reverse=True)[: max(limit, 0)]

    def embed(
        self, picture: Picture, faces: Sequence[Face], recognition_model: str = "recognition_01"
    ) -> NDArray[np.float32]:
        """The faces' templates, [n,dimension], rows of unit length: their dot product is the similarity."""
        chosen = self._manifest.recogniser(recognition_model)
        return recogniser.templates(self._library, self._threads, chosen, picture, faces)

    def landmarks(self, picture: Picture, faces: Sequence[Face]) -> NDArray[np.float32]:
        """The faces' meshes, [n,478,3]: x, y in pixels of the upright, full-size picture, z in the same unit."""
        settings = self._manifest.mesh
        session = self._library.session(settings.model)
        return mesh.landmarks(session, self._threads, settings, picture, faces)

    def attributes(
        self,
        picture: Picture,
        faces: Sequence[Face],
        names: Collection[str],
        meshes: NDArray[np.float32] | None = None,
    ) -> list[Attributes]:
        """The attributes with these names (fields of Attributes) of each face.

        `meshes`: what `landmarks` gave, where the caller has it already; else it is made where an attribute needs it.
        """
        if not faces:
            return []

        def landmarks() -> NDArray[np.float32]:
            return self.landmarks(picture, faces) if meshes is None else meshes

        return attributes.measure(Sight(self._library, self._threads, picture, faces, landmarks), names)

    def decode(self, data: Sequence[bytes]) -> list[Picture]:
        """Several pictures side by side. Raises PictureError."""
        return side_by_side(decode, data, self._threads)

    def looks(self, frames: Sequence[Picture], recognition_model: str) -> list[Look]:
        """What frames show that a camera took one after the other, for a verdict on liveness."""
        return Eye(self._library).looks(frames, recognition_model, self._threads)

    def glimpse(self, frame: Picture) -> Glimpse:
        """The cheap part of that, to guide a person before the frames are taken."""
        return Eye(self._library).glimpse(frame)

    def recogniser(self, recognition_model: str) -> str:
        """The id of the recogniser behind a recognition model; templates of different ids never compare."""
        return self._manifest.recogniser(recognition_model).id

    def warm(self) -> None:
        """Loads every model that is needed, and proves that recognisers make the templates that they say."""
        detectors = {detector.model for detector in self._manifest.detectors.values()}
        for name in (*self._manifest.needed(), *self._optional):
            self._library.session(name, self._threads if name in detectors else 1)
        for name in sorted(set(self._manifest.recognition_models.values())):
            recogniser.prove(self._library, self._manifest.recognisers[name])


def _named(entries: Mapping[str, _Value], name: str, kind: str) -> _Value:
    if name not in entries:
        raise UnknownModel(f"there is no {kind} {name!r}")
    return entries[name]
