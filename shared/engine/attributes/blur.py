"""How blurred a face is, as a recogniser sees it.

An edge that is blurred already changes little when it is blurred again. So the chip is blurred by one pixel, which
quiets noise, and by two, and the energies of the gradient across its strongest edges are compared: an edge of width s
has the energy 1 / sqrt(s^2 + 1^2) after the one and 1 / sqrt(s^2 + 2^2) after the other, which gives s (defocus from
re-blurring: Zhuo and Sim 2011). It is taken in four directions and the most blurred one counts, because a camera that
moves blurs along one only.

The chip has a fixed size, so a small face, which is enlarged, is blurred in it: that is what a recogniser gets to see.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from .aligned import EYES, INSIDE, brightness
from .levels import Level, level
from .sight import Sight

MEDIUM_FROM, HIGH_FROM = 0.25, 0.75
"""Azure Face publishes no limits. Its published answers (22 of them) are low up to 0.23, medium from 0.28 to 0.74, high
from 0.89."""

SHARP, WHOLE = 0.017, 0.077
"""Edge widths, in distances between the eyes, that are called 0 and 1. LFW, whose press photos nobody calls blurred, is
below the first for one face in two. Medium begins where our recogniser begins to lose faces, high where most are lost
(docs/attributes.md)."""

_FIRST, _SECOND = 1, 2  # pixels, the standard deviations of the two blurs
_STRONGEST = 0.7  # the edges that count are the strongest 30 per cent
_DIRECTIONS = ((1.0, 0.0), (0.0, 1.0), (sqrt(0.5), sqrt(0.5)), (sqrt(0.5), -sqrt(0.5)))
_INNER = INSIDE[1:-1, 1:-1]


@dataclass(frozen=True, slots=True)
class Blur:
    """`value`: 0 (sharp) to 1."""

    value: float
    level: Level


def measure(sight: Sight) -> list[Blur]:
    """Needs no model."""
    return [_judged(edge_width(chip) / EYES) for chip in sight.once(brightness)]


def _judged(width: float) -> Blur:
    value = min(max((width - SHARP) / (WHOLE - SHARP), 0.0), 1.0)
    return Blur(value, level(value, MEDIUM_FROM, HIGH_FROM))


def edge_width(chip: NDArray[np.float32]) -> float:
    """The width of the edges of a chip in its pixels, 0 where they are as sharp as can be told."""
    once, twice = _gradients(_blurred(chip, _FIRST)), _gradients(_blurred(chip, _SECOND))
    kept = min(_kept(once @ direction, twice @ direction) for direction in np.array(_DIRECTIONS, np.float32))
    if kept >= _SECOND / _FIRST:
        return 0.0
    return sqrt((_SECOND**2 - _FIRST**2 * kept**2) / max(kept**2 - 1, 1e-6))


def _kept(once: NDArray[np.float32], twice: NDArray[np.float32]) -> float:
    """The energy after the first blur, in that after the second, where that is strongest."""
    energy = twice**2
    strongest = energy >= np.quantile(energy, _STRONGEST)
    return float((once[strongest] ** 2).sum() / max(float(energy[strongest].sum()), 1e-6))


def _gradients(chip: NDArray[np.float32]) -> NDArray[np.float32]:
    """[pixels of the face,2]: across and down."""
    across, down = chip[1:-1, 2:] - chip[1:-1, :-2], chip[2:, 1:-1] - chip[:-2, 1:-1]
    return np.stack((across[_INNER], down[_INNER]), axis=1)


def _blurred(chip: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    """By a Gaussian; the border is repeated."""
    reach = ceil(3 * deviation)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2).astype(np.float32)
    weights /= weights.sum()
    padded = np.pad(chip, reach, "edge")
    rows, blurred = np.zeros((len(chip), padded.shape[1]), np.float32), np.zeros_like(chip)
    for at, weight in enumerate(weights):
        rows += weight * padded[at : at + len(chip)]
    for at, weight in enumerate(weights):
        blurred += weight * rows[:, at : at + chip.shape[1]]
    return blurred
