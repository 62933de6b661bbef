"""Which way a head points: the rotation that lays a rest shape on its mesh with the least squares (Kabsch 1976).

The signs are those of Azure Face. Its recorded answer to the quickstart's detection1.jpg (Azure/azure-sdk-assets, tests
of azure-ai-vision-face, May 2024, detection_03) is pitch -17.1, roll -16.9, yaw 12.3; this gives -16.7, -16.3, 13.0.
"""

from dataclasses import dataclass
from math import asin, atan2, degrees

import numpy as np
from numpy.typing import NDArray

from .canonical import REST_SHAPE
from .sight import Sight

_POINTS = list(REST_SHAPE)
_REST = np.array(list(REST_SHAPE.values())) * (1, -1, -1)  # as the mesh: x to the right, y down, z away
_CENTRED = _REST - _REST.mean(axis=0)


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees, as seen in the picture: `pitch` is positive where the face looks up, `yaw` where it looks to the
    viewer's right, `roll` where the head is turned clockwise."""

    pitch: float
    roll: float
    yaw: float


def measure(sight: Sight) -> list[HeadPose]:
    """Needs the dense landmark model only."""
    return [pose(mesh) for mesh in sight.meshes]


def pose(mesh: NDArray[np.float32]) -> HeadPose:
    """The pose of one mesh, [478,3]. Roll is the turn of the eye line in the picture; it is undone first, then yaw."""
    turned = turn(mesh)
    return HeadPose(
        pitch=-degrees(atan2(turned[2, 1], turned[2, 2])),
        roll=degrees(atan2(turned[1, 0], turned[0, 0])),
        yaw=degrees(asin(min(max(turned[2, 0], -1), 1))),
    )


def turn(mesh: NDArray[np.float32]) -> NDArray[np.float64]:
    """The rotation, [3,3], from the rest shape to the mesh; points times it lie as in a face that looks ahead."""
    seen = mesh[_POINTS].astype(np.float64)
    left, _, right = np.linalg.svd((seen - seen.mean(axis=0)).T @ _CENTRED)
    rotation: NDArray[np.float64] = left @ np.diag((1, 1, np.sign(np.linalg.det(left @ right)))) @ right
    return rotation
