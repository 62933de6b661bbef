"""Whether a mask is worn, or something else covers the mouth, and whether the nose is covered as well.

The model is a detector of masked and bare faces, used as a classifier: it sees the face with half its width and height
around it and proposes many boxes; the surest proposal decides. What the face shows around mouth and nose has a say: a
mask that leaves the mouth free is none, and a covered mouth without a mask is covered by something else.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..align import boxes
from ..geometry import Box
from .readouts import judged
from .sight import Sight

MODEL = "aizoo-mask"
LEAST_SCORE = 0.5  # below it the model's publisher takes no proposal for a face

_SIDE = 260


@dataclass(frozen=True, slots=True)
class Mask:
    """`score`: how sure the model is of a mask or of a bare face, 0..1. "uncertain" where that is not enough, or where
    it sees a mask on a face whose mouth is free."""

    kind: Literal["faceMask", "noMask", "otherMaskOrOcclusion", "uncertain"]
    nose_and_mouth: bool
    score: float


def measure(sight: Sight) -> list[Mask]:
    """Needs the mask, the dense landmark and the glasses model."""
    pieces = boxes(sight.picture, [_around(face.box) for face in sight.faces], _SIDE, _SIDE)
    (proposals,) = sight.answers(MODEL, ["cls"], pieces, _tensor)
    mouths, noses = judged(sight, "mouthCovered"), judged(sight, "noseCovered")
    return [
        _judged(float(masked), float(bare), mouth.shows, nose.shows)
        for (masked, bare), mouth, nose in zip(proposals.max(axis=1), mouths, noses, strict=True)
    ]


def _around(box: Box) -> Box:
    return Box(box.left - box.width / 2, box.top - box.height / 2, box.width * 2, box.height * 2)


def _tensor(pieces: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pieces * np.float32(1 / 255)


def _judged(masked: float, bare: float, mouth: bool, nose: bool) -> Mask:
    score = max(masked, bare)
    if score < LEAST_SCORE or (masked > bare and not mouth):
        return Mask("uncertain", mouth and nose, score)
    if masked > bare:
        return Mask("faceMask", nose, score)
    return Mask("otherMaskOrOcclusion" if mouth else "noMask", mouth and nose, score)
