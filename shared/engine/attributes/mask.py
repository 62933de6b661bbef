"""Whether a mask is worn.

The model is a detector of masked and bare faces, used as a classifier: it sees the face with half its width and height
around it and proposes many boxes; the surest proposal decides. Which part of the face the mask covers it does not say.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..align import boxes
from ..geometry import Box
from .sight import Sight

MODEL = "aizoo-mask"
LEAST_SCORE = 0.5  # below it the model's publisher takes no proposal for a face

_SIDE = 260


@dataclass(frozen=True, slots=True)
class Mask:
    """`score` is how sure the model is, 0..1; "uncertain" where that is not enough."""

    kind: Literal["faceMask", "noMask", "uncertain"]
    score: float


def measure(sight: Sight) -> list[Mask]:
    """Needs the mask model only."""
    pieces = boxes(sight.picture, [_around(face.box) for face in sight.faces], _SIDE, _SIDE)
    (proposals,) = sight.answers(MODEL, ["cls"], pieces, _tensor)
    return [_judged(float(masked), float(bare)) for masked, bare in proposals.max(axis=1)]


def _around(box: Box) -> Box:
    return Box(box.left - box.width / 2, box.top - box.height / 2, box.width * 2, box.height * 2)


def _tensor(pieces: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pieces * np.float32(1 / 255)


def _judged(masked: float, bare: float) -> Mask:
    score = max(masked, bare)
    if score < LEAST_SCORE:
        return Mask("uncertain", score)
    return Mask("faceMask" if masked > bare else "noMask", score)
