"""What one frame of a capture shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .. import detector, mesh, recogniser
from ..align import boxes
from ..attributes import NEEDS, HeadPose, Sight, mask, quality
from ..attributes.head_pose import pose
from ..face import Face
from ..geometry import Box
from ..models import ModelLibrary
from ..picture import Picture
from ..recipes import Recogniser
from ..workers import side_by_side
from . import attack

DETECTOR, LONG_SIDES = "detection_03", (640, 320)
ANOTHER_FACE_FROM = 0.25  # of the largest face's area; what is smaller stands in the background

_CHIP = 64
_THUMB = 64
_INSIDE = 0.95  # share of the dense landmarks that a whole face has inside the frame


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """What is cheap to see. `faces`: how many, background ones left out. `brightness`: mean of the face, 0..255;
    `glare`: the share of it that is white. `thumb`: the frame as [64,64] grey levels, in memory only. `mesh`: the
    face's [478,3]. `cut_off`: the face reaches over the edge of the frame."""

    picture: Picture
    faces: int
    face: Face | None
    pose: HeadPose | None
    brightness: float
    glare: float
    thumb: NDArray[np.float32]
    mesh: NDArray[np.float32] | None
    cut_off: bool

    @property
    def context(self) -> float:
        """How many times as large as the face a crop can be, up to 2.7."""
        return attack.context(self.picture, self.face.box) if self.face else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Look(Glimpse):
    """Everything that a verdict needs; of a frame without a face the rest has no meaning. `live`: the attack detectors'
    probability of a real face. `quality`: 0..1. `template`: unit length. `masked`: None where not looked at."""

    live: float
    quality: float
    template: NDArray[np.float32]
    masked: bool | None


MODELS = NEEDS["quality_for_recognition"] | {name for name, _ in attack.MODELS}
"""What a look takes beside the models of detection, landmarks and recognition."""


class Eye:
    """Looks at frames. Safe to use from several threads. May raise ModelError, PictureError."""

    def __init__(self, library: ModelLibrary) -> None:
        self._library = library
        self._detector = replace(library.manifest.detectors[DETECTOR], long_sides=LONG_SIDES)

    def looks(self, pictures: Sequence[Picture], recognition_model: str, threads: int) -> list[Look]:
        """Frames side by side, each on one thread. What was decoded is kept of none: 24 of them fill 300 MB."""
        chosen = self._library.manifest.recogniser(recognition_model)

        def look(at: int) -> Look:
            seen = self._look(pictures[at], chosen, at % 3 == 0)
            pictures[at].forget()
            return seen

        return side_by_side(look, range(len(pictures)), threads)

    def _look(self, picture: Picture, chosen: Recogniser, for_masks: bool) -> Look:
        seen = self.glimpse(picture)
        known = {name: getattr(seen, name) for name in Glimpse.__slots__}
        if seen.face is None or seen.mesh is None:
            return Look(**known, live=0.0, quality=0.0, template=np.zeros(0, np.float32), masked=None)
        faces, meshes = [seen.face], seen.mesh[None]
        sight = Sight(self._library, 1, picture, faces, lambda: meshes)
        return Look(
            **known,
            live=float(attack.live_scores(self._library, 1, [attack.Sighting(picture, seen.face.box)])[0]),
            quality=quality.scores(sight)[0],
            template=recogniser.templates(self._library, 1, chosen, picture, faces)[0],
            masked=mask.measure(sight)[0].kind == "faceMask" if for_masks else None,
        )

    def glimpse(self, picture: Picture) -> Glimpse:
        session = self._library.session(self._detector.model)
        found = sorted(detector.detect(session, self._detector, picture), key=lambda face: -face.box.area)
        if not found:
            return Glimpse(picture, 0, None, None, 0.0, 0.0, _thumb(picture), None, cut_off=False)
        face = found[0]
        shown = boxes(picture, [face.box], _CHIP, _CHIP)[0].mean(axis=2)
        settings = self._library.manifest.mesh
        points = mesh.landmarks(self._library.session(settings.model), 1, settings, picture, [face])[0]
        count = sum(one.box.area >= ANOTHER_FACE_FROM * face.box.area for one in found)
        glare = float((shown > 250).mean())
        inside = ((points[:, :2] >= 0) & (points[:, :2] < (picture.width, picture.height))).all(axis=1).mean()
        brightness, thumb = float(shown.mean()), _thumb(picture)
        return Glimpse(picture, count, face, pose(points), brightness, glare, thumb, points, bool(inside < _INSIDE))


def _thumb(picture: Picture) -> NDArray[np.float32]:
    image = picture.layer(0.0).image.convert("L")
    return np.asarray(image.resize((_THUMB, _THUMB), Image.Resampling.BOX), np.float32)


def side(box: Box) -> float:
    """The size of a face in one number: the side of the square of its area."""
    return float(np.sqrt(box.area))
