"""How well a face lends itself to recognition.

LightQNet foretells from an aligned chip how alike the face will look to another picture of the same person. The levels
are ours, since Azure Face publishes none: clean faces score 0.55 to 0.61 and blurred ones 0.22 in the middle. Of the
two quickstart pictures whose recorded answer is public, detection1.jpg (0.56) is high and detection3.jpg (0.33, turned
by 33 degrees) is medium.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..align import chips
from ..face import Face
from ..geometry import similarity
from .head_pose import pose
from .sight import Sight

Level = Literal["low", "medium", "high"]

MODEL = "lightqnet-dm100"
MEDIUM_FROM = 0.30
HIGH_FROM = 0.52
HIGH_UP_TO = 30.0  # degrees of yaw and pitch
HIGH_FROM_SIDE = 72.0  # pixels of the box's shorter side

_SIDE = 96
_TEMPLATE = ((32.82, 44.31), (63.02, 44.14), (48.12, 79.10))  # both eyes, middle of the mouth


def measure(sight: Sight) -> list[Level]:
    """Needs the quality model, and the dense landmark model where a face scores high enough."""
    levels = [_level(score) for score in scores(sight)]
    for index, level in enumerate(levels):
        if level == "high" and (_small(sight.faces[index]) or _turned(sight.meshes[index])):
            levels[index] = "medium"
    return levels


def scores(sight: Sight) -> list[float]:
    """The model's answer for each face, 0..1, higher is better."""
    placements = [similarity(_eyes_and_mouth(face), _TEMPLATE) for face in sight.faces]
    answers = sight.answers(MODEL, "quality", chips(sight.picture, placements, _SIDE), _tensor)
    return [float(score) for score in answers[:, 0]]


def _eyes_and_mouth(face: Face) -> NDArray[np.float32]:
    points = face.points
    return np.stack((points[0], points[1], (points[3] + points[4]) / 2))


def _tensor(pieces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blue, green, red planes from -1 to 1."""
    tensor = np.ascontiguousarray(pieces[..., ::-1].transpose(0, 3, 1, 2), np.float32)
    tensor -= 128
    tensor /= 128
    return tensor


def _level(score: float) -> Level:
    if score < MEDIUM_FROM:
        return "low"
    return "medium" if score < HIGH_FROM else "high"


def _small(face: Face) -> bool:
    return min(face.box.width, face.box.height) < HIGH_FROM_SIDE


def _turned(mesh: NDArray[np.float32]) -> bool:
    found = pose(mesh)
    return max(abs(found.yaw), abs(found.pitch)) > HIGH_UP_TO
