"""Level strips of a face, twice as wide as high, and what the glasses model makes of them.

The model was trained to tell glasses, with one number. What stands before its last layers, a grid of 96 features, tells
more: hats, hair, hands and masks, where it is shown other strips than that of the eyes, and glasses better than its own
number does (docs/attributes.md). `readouts` reads it off.
"""

from cmath import exp, phase
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..align import chips
from ..geometry import Placement
from .sight import Sight

MODEL = "glasses-mobilenetv3"
WIDTH, HEIGHT = 128, 64

FEATURES = "model_4/MobilenetV3small/expanded_conv_10/Add/add"
_EYE_CORNERS = (33, 263)
_HAIRLINE, _CHIN = 10, 152


class Strip(NamedTuple):
    """Where a strip lies: around the mean of `points` of the mesh, `width` and `down` in heights of the face, from the
    hairline to the chin."""

    points: tuple[int, ...]
    width: float
    down: float


TOP = Strip((127, 356, 10), 1.6, -0.33)
EYES = Strip((33, 133, 362, 263), 1.05, 0.04)
MOUTH = Strip((61, 291), 0.9, 0.0)
NOSE = Strip((4,), 0.6, 0.0)
STRIPS: Mapping[str, Strip] = {"top": TOP, "eyes": EYES, "mouth": MOUTH, "nose": NOSE}


def features(sight: Sight, strip: Strip) -> NDArray[np.float32]:
    """What the model makes of that strip of each face, [n,768]. Raises ModelError, PictureError."""
    places = [placement(mesh, strip) for mesh in sight.meshes]
    (found,) = sight.answers(MODEL, [FEATURES], chips(sight.picture, places, WIDTH, HEIGHT), tensor)
    return found.reshape(len(found), -1)


def tensor(pieces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Red, green, blue from 0 to 255."""
    return pieces.astype(np.float32)


def placement(mesh: NDArray[np.float32], strip: Strip) -> Placement:
    """Of a chip WIDTH by HEIGHT with that strip; the face is level in it by the line of its eyes."""
    points = mesh[:, :2].astype(np.float64) @ (1, 1j)
    left, right = _EYE_CORNERS
    turn = exp(1j * phase(complex(points[right] - points[left])))
    height = max(abs(complex(points[_CHIN] - points[_HAIRLINE])), 1.0)
    step = strip.width * height / WIDTH * turn
    middle = complex(points[list(strip.points)].mean()) + 1j * strip.down * height * turn
    return Placement(step, middle - step * complex(WIDTH / 2, HEIGHT / 2))
