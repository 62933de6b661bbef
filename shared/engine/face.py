"""A face as the detector found it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .geometry import Box


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in pixels of the upright, full-size picture.

    `points` is [5,2]: eye at image-left, eye at image-right, nose tip, mouth corner at image-left, at image-right.
    `score` is the detector's, 0..1.
    """

    box: Box
    points: NDArray[np.float32]
    score: float
