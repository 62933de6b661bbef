"""Rectangles and similarities in the plane, in pixels: x to the right, y down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright, full-size picture. It may leave the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height

    def common(self, other: "Box") -> float:
        """The area that both cover."""
        width = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        height = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, width and height in whole pixels inside a picture of that size, at least one wide and high."""
        left = min(max(round(self.left), 0), width - 1)
        top = min(max(round(self.top), 0), height - 1)
        right = min(max(round(self.left + self.width), left + 1), width)
        bottom = min(max(round(self.top + self.height), top + 1), height)
        return left, top, right - left, bottom - top


class Placement(NamedTuple):
    """Where a square chip lies in the picture: picture point = step * chip point + origin, points as x + iy.

    `step` holds the turn and the size (full-size pixels per chip pixel). Points are pixel centres: (0, 0) is the middle
    of the first pixel, as in OpenCV.
    """

    step: complex
    origin: complex


def similarity(points: NDArray[np.float32], template: Sequence[tuple[float, float]]) -> Placement:
    """The placement of a chip whose `template` points lie on `points` ([k,2], picture pixels).

    The least-squares similarity from the picture to the template without reflection (Umeyama 1991; in the plane it is
    a division of complex numbers), inverted. Points that coincide or are not finite place an unturned chip at natural
    size around their mean: no face to speak of, but no error either.
    """
    picture = np.nan_to_num(points.astype(np.float64), posinf=0.0, neginf=0.0) @ (1, 1j)
    chip = np.asarray(template, dtype=np.float64) @ (1, 1j)
    seen, wanted = picture - picture.mean(), chip - chip.mean()
    spread = float(np.vdot(seen, seen).real)
    forward = complex(np.vdot(seen, wanted)) / spread if spread > 1e-6 else 0j
    step = 1 / forward if abs(forward) > 1e-6 else 1 + 0j
    return Placement(step, complex(picture.mean()) - step * complex(chip.mean()))


def suppress(boxes: NDArray[np.float32], overlap: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression of `boxes` ([n,4]: left, top, width, height), best first.

    Returns the indices that stay: a box goes when its intersection over union with a
    better one is more than `overlap`.
    """
    start, size = boxes[:, :2], boxes[:, 2:]
    end, area = start + size, size[:, 0] * size[:, 1]
    left = np.arange(len(boxes))
    kept = []
    while left.size:
        best, rest = left[0], left[1:]
        kept.append(best)
        shared = np.minimum(end[best], end[rest]) - np.maximum(start[best], start[rest])
        common = shared.clip(0)[:, 0] * shared.clip(0)[:, 1]
        left = rest[common <= overlap * (area[best] + area[rest] - common)]
    return np.asarray(kept, dtype=np.intp)
