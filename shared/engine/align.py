"""Pieces of a picture: square chips, turned and sized by a placement, and upright boxes, stretched to a size."""

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .geometry import Box, Placement
from .picture import Layer, Picture

_FRAME = 2  # black pixels around the picture: as many as bilinear sampling looks at
_HALF = 0.5 + 0.5j  # Pillow counts from a pixel's corner, placements from its middle


class _Frame(NamedTuple):
    """A piece's first corner, and how far one of its columns and one of its rows goes, in the picture as x + iy."""

    corner: complex
    column: complex
    row: complex


def chips(picture: Picture, placements: Sequence[Placement], size: int, height: int | None = None) -> NDArray[np.uint8]:
    """One RGB chip per placement, [n,height,size,3], bilinear, black outside the picture. Raises PictureError.

    They are square where no `height` is given.
    Each comes from the smallest layer that still has a pixel for each of the chip's: large faces need no full decode.
    """
    frames = [_Frame(origin + _HALF - step * _HALF, step, step * 1j) for step, origin in placements]
    return _pieces(picture, frames, size, height or size)


def boxes(picture: Picture, areas: Sequence[Box], width: int, height: int) -> NDArray[np.uint8]:
    """What each box shows, stretched to [n,height,width,3]; else as `chips`. Raises PictureError."""
    frames = [
        _Frame(complex(area.left, area.top), complex(_some(area.width) / width), 1j * _some(area.height) / height)
        for area in areas
    ]
    return _pieces(picture, frames, width, height)


def _some(side: float) -> float:
    return max(side, 1.0)


def _pieces(picture: Picture, frames: Sequence[_Frame], width: int, height: int) -> NDArray[np.uint8]:
    result = np.empty((len(frames), height, width, 3), np.uint8)
    needs = [1 / min(abs(frame.column), abs(frame.row)) for frame in frames]
    # The neediest first, so that the picture is decoded again once at most.
    for index in sorted(range(len(frames)), key=lambda index: -needs[index]):
        piece = np.asarray(_cut(picture.layer(needs[index]), frames[index], width, height))
        result[index] = piece if piece.ndim == 3 else piece[:, :, None]
    return result


def _cut(layer: Layer, frame: _Frame, width: int, height: int) -> Image.Image:
    corner, column, row = (part * layer.scale for part in frame)
    across, down = column * width, row * height
    image, left, top = _framed(layer.image, [corner, corner + across, corner + down, corner + across + down])
    start = corner - complex(left, top)
    matrix = (column.real, row.real, start.real, column.imag, row.imag, start.imag)
    return image.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _framed(image: Image.Image, corners: Sequence[complex]) -> tuple[Image.Image, int, int]:
    """The picture, or, for a piece that reaches over its edge, the part it covers with a black frame; and the offset.

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
