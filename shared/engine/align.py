"""Square chips cut out of a picture, turned and sized by a placement."""

from collections.abc import Sequence
from math import floor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .geometry import Placement
from .picture import Layer, Picture

_FRAME = 2  # black pixels around the picture: as many as bilinear sampling looks at
_CORNERS = (0, 1, 1j, 1 + 1j)
_HALF = 0.5 + 0.5j  # Pillow counts from a pixel's corner, placements from its middle


def chips(picture: Picture, placements: Sequence[Placement], size: int) -> NDArray[np.uint8]:
    """One RGB chip per placement, [n,size,size,3], bilinear, black outside the picture. Raises PictureError.

    Each comes from the smallest layer that still has a pixel for each of the chip's: large faces need no full decode.
    """
    result = np.empty((len(placements), size, size, 3), np.uint8)
    needs = [1 / abs(placement.step) for placement in placements]
    # The neediest first, so that the picture is decoded again once at most.
    for index in sorted(range(len(placements)), key=lambda index: -needs[index]):
        chip = np.asarray(_cut(picture.layer(needs[index]), placements[index], size))
        result[index] = chip if chip.ndim == 3 else chip[:, :, None]
    return result


def _cut(layer: Layer, placement: Placement, size: int) -> Image.Image:
    step = placement.step * layer.scale
    origin = (placement.origin + _HALF - placement.step * _HALF) * layer.scale
    image, left, top = _framed(layer.image, [origin + step * size * corner for corner in _CORNERS])
    start = origin - complex(left, top)
    rows = (step.real, -step.imag, start.real, step.imag, step.real, start.imag)
    return image.transform((size, size), Image.Transform.AFFINE, rows, Image.Resampling.BILINEAR)


def _framed(image: Image.Image, corners: Sequence[complex]) -> tuple[Image.Image, int, int]:
    """The picture, or, for a chip that reaches over its edge, the part it covers with a black frame; and the offset.

    Past the middle of the last pixel Pillow repeats it up to its border, where the contract fades it to black; on a
    face cut off by the edge the recognisers tell the difference (cosine down to 0.93).
    """
    width, height = image.size
    left, right = min(corner.real for corner in corners), max(corner.real for corner in corners)
    top, bottom = min(corner.imag for corner in corners), max(corner.imag for corner in corners)
    if left >= 1 and top >= 1 and right <= width - 1 and bottom <= height - 1:
        return image, 0, 0
    box = (_within(left, width), _within(top, height), _within(right, width) + 1, _within(bottom, height) + 1)
    return image.crop(box), box[0], box[1]


def _within(edge: float, side: int) -> int:
    return floor(min(max(edge, -_FRAME), side + _FRAME - 1))
