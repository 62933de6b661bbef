"""The engine's faces as the contract's objects."""

import numpy as np
from numpy.typing import NDArray

from shared.engine import Box, Picture, named_landmarks
from shared.wire.objects import Coordinate, FaceLandmarks, FaceRectangle


def rectangle(box: Box, picture: Picture) -> FaceRectangle:
    """Whole pixels inside the picture, at least one wide and high."""
    left, top, width, height = box.pixels(picture.width, picture.height)
    return FaceRectangle(top=top, left=left, width=width, height=height)


def landmarks_object(mesh: NDArray[np.float32]) -> FaceLandmarks:
    """The 27 named points of a mesh [478, 3], to a tenth of a pixel as the service gives them."""
    points = named_landmarks(mesh).values()
    return FaceLandmarks(
        **{
            name: Coordinate(x=round(float(x), 1), y=round(float(y), 1))
            for name, (x, y) in zip(FaceLandmarks.__struct_fields__, points, strict=True)
        }
    )
