"""How well a face lends itself to recognition.

LightQNet foretells from an aligned chip how alike the face will look to another picture of the same person. What it
overlooks lowers the level further: blur, above all by motion, and what a recogniser cannot make up for, a face of few
pixels, turned away or behind a mask. The limits are ours, since Azure Face publishes none; they agree with its two
recorded answers for pictures at hand (detection1.jpg, 0.56, is high; detection3.jpg, 0.33, is medium).
docs/attributes.md says how many recognitions fail at each level.
"""

import numpy as np
from numpy.typing import NDArray

from ..align import chips
from ..face import Face
from ..geometry import similarity
from . import blur, head_pose, mask
from .levels import Level, level
from .sight import Sight

MODEL = "lightqnet-dm100"
MEDIUM_FROM = 0.30
HIGH_FROM = 0.55
HIGH_UP_TO_YAW, HIGH_UP_TO_PITCH = 40.0, 30.0  # degrees
HIGH_FROM_SIDE = 36.0  # pixels of the box's shorter side: the smallest face that the contract wants found
MEDIUM_FROM_SIDE = 20.0

_SIDE = 96
_TEMPLATE = ((32.82, 44.31), (63.02, 44.14), (48.12, 79.10))  # both eyes, middle of the mouth
_ORDER: tuple[Level, ...] = ("low", "medium", "high")
_AT_BLUR: dict[Level, Level] = {"low": "high", "medium": "medium", "high": "low"}


def measure(sight: Sight) -> list[Level]:
    """Needs the quality model; where a face is good enough otherwise, those of dense landmarks, masks and glasses."""
    levels = [
        min(level(score, MEDIUM_FROM, HIGH_FROM), _of_size(face), _AT_BLUR[blurred.level], key=_ORDER.index)
        for face, score, blurred in zip(sight.faces, scores(sight), sight.once(blur.measure), strict=True)
    ]
    if "high" not in levels:
        return levels
    hidden = zip(sight.once(head_pose.measure), sight.once(mask.measure), strict=True)
    most: list[Level] = ["medium" if _away(pose) or worn.kind == "faceMask" else "high" for pose, worn in hidden]
    return [min(pair, key=_ORDER.index) for pair in zip(levels, most, strict=True)]


def _of_size(face: Face) -> Level:
    return level(min(face.box.width, face.box.height), MEDIUM_FROM_SIDE, HIGH_FROM_SIDE)


def scores(sight: Sight) -> list[float]:
    """The model's answer for each face, 0..1, higher is better."""
    placements = [similarity(_eyes_and_mouth(face), _TEMPLATE) for face in sight.faces]
    (answers,) = sight.answers(MODEL, ["quality"], chips(sight.picture, placements, _SIDE), _tensor)
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


def _away(pose: head_pose.HeadPose) -> bool:
    return abs(pose.yaw) > HIGH_UP_TO_YAW or abs(pose.pitch) > HIGH_UP_TO_PITCH
