"""The 27 named points of the Face API, picked from the 478. "Left" is the viewer's left."""

import numpy as np
from numpy.typing import NDArray

# Name -> index in the mesh, in the order of the contract.
NAMED = {
    "pupilLeft": 468,
    "pupilRight": 473,
    "noseTip": 4,
    "mouthLeft": 61,
    "mouthRight": 291,
    "eyebrowLeftOuter": 46,
    "eyebrowLeftInner": 55,
    "eyeLeftOuter": 33,
    "eyeLeftTop": 159,
    "eyeLeftBottom": 145,
    "eyeLeftInner": 133,
    "eyebrowRightInner": 285,
    "eyebrowRightOuter": 276,
    "eyeRightInner": 362,
    "eyeRightTop": 386,
    "eyeRightBottom": 374,
    "eyeRightOuter": 263,
    "noseRootLeft": 193,
    "noseRootRight": 417,
    "noseLeftAlarTop": 198,
    "noseRightAlarTop": 420,
    "noseLeftAlarOutTip": 129,
    "noseRightAlarOutTip": 358,
    "upperLipTop": 0,
    "upperLipBottom": 13,
    "underLipTop": 14,
    "underLipBottom": 17,
}


def named_landmarks(mesh: NDArray[np.float32]) -> dict[str, tuple[float, float]]:
    """The named points of one mesh ([478,3]) as (x, y), in the contract's order."""
    return {name: (float(mesh[index, 0]), float(mesh[index, 1])) for name, index in NAMED.items()}
