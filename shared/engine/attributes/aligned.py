"""The brightness of aligned faces: what blur and exposure look at, and what a recogniser sees."""

import numpy as np
from numpy.typing import NDArray

from ..align import chips
from ..geometry import similarity
from .sight import Sight

SIDE = 128
EYES = 47.0  # pixels between the eyes of a chip

# Where the five points of a face lie: as in the chip of the recogniser with 256 numbers.
_TEMPLATE = ((40.3928, 59.0815), (87.3757, 59.0815), (64.0336, 81.9847), (44.7324, 105.5606), (83.6399, 105.5606))
_CENTRE, _REACH = (64, 80), (38, 46)  # an ellipse from the brows to the chin that leaves out hair and background

BRIGHTNESS = np.array((0.299, 0.587, 0.114), np.float32)  # of red, green and blue (ITU-R BT.601)


def _inside() -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    across, down = (columns - _CENTRE[0]) / _REACH[0], (rows - _CENTRE[1]) / _REACH[1]
    inside: NDArray[np.bool_] = across**2 + down**2 < 1
    return inside


INSIDE = _inside()
"""[SIDE,SIDE]: which pixels of a chip surely belong to the face."""


def brightness(sight: Sight) -> NDArray[np.float32]:
    """[n,SIDE,SIDE], 0..255. Raises PictureError."""
    placements = [similarity(face.points, _TEMPLATE) for face in sight.faces]
    return chips(sight.picture, placements, SIDE) @ BRIGHTNESS
