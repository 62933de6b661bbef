"""How noisy a face is.

On its own pixels, not on the aligned chip: interpolation smooths noise, by as much as the face happens to be enlarged
(of a deviation of 10 the chip showed 2 to 5). Large faces are averaged down to a size near the chip's, so that noise
that a recogniser does not get to see does not count.

A second derivative in both directions leaves next to nothing of surfaces and of edges that run straight, and noise as
it is (Immerkaer 1996). Hair, beard and folds leave more; so the face is cut into blocks and one of the calmer ones
tells. A block is as large as those that JPEG codes, whose borders it therefore evens out.
"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from ..face import Face
from .levels import Level, level
from .sight import Sight

MEDIUM_FROM, HIGH_FROM = 0.3, 0.7  # the contract's

WHOLE = 20.0
"""Standard deviation of the brightness, of 255, that is called 1."""

_BLOCK = 8  # pixels
_CALM = 25  # per cent of the blocks that are calmer than the one that tells
_REACH = 0.8  # distances between the eyes to each side of the middle of the five points
_LARGEST = 64  # pixels of reach; larger faces are averaged down
_GAIN = 6 * sqrt(2 / pi)  # mean magnitude of the derivative of noise with a deviation of 1


@dataclass(frozen=True, slots=True)
class Noise:
    """`value`: 0 (none to be seen) to 1."""

    value: float
    level: Level


def measure(sight: Sight) -> list[Noise]:
    """Needs no model."""
    values = [min(deviation(_pixels(sight, face)) / WHOLE, 1.0) for face in sight.faces]
    return [Noise(value, level(value, MEDIUM_FROM, HIGH_FROM)) for value in values]


def deviation(pixels: NDArray[np.float32]) -> float:
    """The standard deviation of the noise in [height,width] brightness; 0 where that is too small to tell."""
    second = np.diff(np.diff(pixels, 2, axis=0), 2, axis=1)
    side = min(_BLOCK, *second.shape)
    if side < 1:
        return 0.0
    rows, columns = second.shape[0] // side, second.shape[1] // side
    blocks = np.abs(second[: rows * side, : columns * side]).reshape(rows, side, columns, side).mean(axis=(1, 3))
    return float(np.percentile(blocks, _CALM)) / _GAIN


def _pixels(sight: Sight, face: Face) -> NDArray[np.float32]:
    """[height,width]: the brightness between brows and chin. Raises PictureError."""
    points = np.nan_to_num(face.points, posinf=0.0, neginf=0.0)
    reach = _REACH * max(float(np.linalg.norm(points[1] - points[0])), 1.0)
    layer = sight.picture.layer(_LARGEST / reach)
    across, down = (float(part) * layer.scale for part in points.mean(axis=0))
    reach *= layer.scale
    left, right = (_within(across + side, layer.image.width) for side in (-reach, reach))
    top, bottom = (_within(down + side, layer.image.height) for side in (-reach, reach))
    part = layer.image.crop((left, top, right, bottom)).convert("L")
    return np.asarray(part.reduce(max(int(reach / _LARGEST), 1)) if part.width and part.height else part, np.float32)


def _within(edge: float, side: int) -> int:
    return round(min(max(edge, 0), side))
