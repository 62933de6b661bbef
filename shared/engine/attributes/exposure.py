"""How well a face is lit.

Half way between its highlights and its shadows. The mean brightness would call dark skin under-exposed: a face of dark
skin, well lit, is as dark in the middle as one of light skin that is lit by half as much. But it has highlights, on the
skin, in the eyes and on the teeth, which only too little light takes away; and only too much of it takes away the
shadows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .aligned import INSIDE, brightness
from .sight import Sight

GOOD_FROM, OVER_FROM = 0.25, 0.75  # the contract's

_SHADOWS, _HIGHLIGHTS = 25, 99  # per cent of the face's pixels that are darker
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Exposure:
    """`value`: 0 (black) to 1 (white)."""

    value: float
    level: Literal["underExposure", "goodExposure", "overExposure"]


def measure(sight: Sight) -> list[Exposure]:
    """Needs no model."""
    return [_judged(_middle(chip)) for chip in sight.once(brightness)]


def _middle(chip: NDArray[np.float32]) -> float:
    return float(np.percentile(chip[INSIDE], (_SHADOWS, _HIGHLIGHTS)).mean()) / _WHITE


def _judged(value: float) -> Exposure:
    if value < GOOD_FROM:
        return Exposure(value, "underExposure")
    return Exposure(value, "goodExposure" if value < OVER_FROM else "overExposure")
