"""How much a face smiles: a logistic function of the mouth's shape.

The mesh is turned so that it looks ahead, and measured in distances between the outer corners of the eyes: a smile
widens the mouth, lifts its corners, and draws the upper lip towards the nose. `tests/labels/fit_smile.py` fits the
weights to labels by eye. Azure Face withdrew the attribute; it is measured only where the owner of the installation
asks for it.
"""

from math import exp

import numpy as np
from numpy.typing import NDArray

from .head_pose import turn
from .sight import Sight

_EYES = (33, 263)  # outer corners
_CORNERS = [61, 291]
_LIPS = [0, 17]  # the highest point of the upper lip in the middle, and the lowest of the lower
_NOSE, _UPPER_LIP = 4, 0

_WEIGHTS = (21.42, 43.44, -25.18)
_BIAS = -8.69


def measure(sight: Sight) -> list[float]:
    """0..1: the share of those labelled as smiling among faces that look like this. Needs the dense landmark model."""
    return [float(1 / (1 + exp(-(shape(mesh) @ _WEIGHTS + _BIAS)))) for mesh in sight.meshes]


def shape(mesh: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of one mesh, [478,3]: the mouth's width, how far its corners lie above its middle, and nose tip to upper lip."""
    ahead = mesh.astype(np.float64) @ turn(mesh)
    eyes = max(float(np.linalg.norm(ahead[_EYES[0], :2] - ahead[_EYES[1], :2])), 1e-6)
    left, right = ahead[_CORNERS, :2]
    lift = ahead[_LIPS, 1].mean() - (left[1] + right[1]) / 2
    return np.array((right[0] - left[0], lift, ahead[_UPPER_LIP, 1] - ahead[_NOSE, 1])) / eyes
