"""The engine's faces as the contract's objects."""

import numpy as np
from numpy.typing import NDArray

from shared.engine import Box, Picture, named_landmarks
from shared.wire.objects import Coordinate, FaceLandmarks, FaceRectangle


def rectangle(box: Box, picture: Picture) -> FaceRectangle:
    """Whole pixels inside the picture, at least one wide and high."""
    left = min(max(round(box.left), 0), picture.width - 1)
    top = min(max(round(box.top), 0), picture.height - 1)
    right = min(max(round(box.left + box.width), left + 1), picture.width)
    bottom = min(max(round(box.top + box.height), top + 1), picture.height)
    return FaceRectangle(top=top, left=left, width=right - left, height=bottom - top)


def landmarks_object(mesh: NDArray[np.float32]) -> FaceLandmarks:
    """The 27 named points of a mesh [478, 3], to a tenth of a pixel as the service gives them."""
    points = named_landmarks(mesh).values()
    return FaceLandmarks(
        **{
            name: Coordinate(x=round(float(x), 1), y=round(float(y), 1))
            for name, (x, y) in zip(FaceLandmarks.__struct_fields__, points, strict=True)
        }
    )
