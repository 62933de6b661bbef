"""YuNet: a picture at some size to candidate faces.

Input is float32 [1,3,H,W], blue, green, red, 0..255, H and W multiples of 32 (zeros on the right and at the bottom).
Output, for each stride of 8, 16 and 32, is a row per anchor of the grid: class and object scores, a box and five
points relative to the anchor.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .geometry import suppress
from .resample import each_stripe
from .sessions import Session

_STRIDES = (8, 16, 32)
_KINDS = ("cls", "obj", "bbox", "kps")
_OUTPUTS = [f"{kind}_{stride}" for stride in _STRIDES for kind in _KINDS]
_MULTIPLE = 32
_MOST_CANDIDATES = 5000  # the best ones go on to suppression; a crowd of 500 has about 2000
_LARGEST_EXPONENT = 10.0  # 32 * e**10 is beyond any picture; keeps a wild answer finite


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """n faces, best first, in pixels of the resized picture.

    boxes [n,4] (left, top, width, height), points [n,5,2], scores [n].
    """

    boxes: NDArray[np.float32]
    points: NDArray[np.float32]
    scores: NDArray[np.float32]


def find(session: Session, image: Image.Image, size: tuple[int, int], score: float, overlap: float) -> Found:
    """The faces in a picture of mode "RGB" or "L", looked for at `size` (width, height)."""
    tensor = _tensor(image, size, session.threads)
    answers = session.run(_OUTPUTS, {"input": tensor})
    width = tensor.shape[3]
    found = [
        _decode([answer[0] for answer in answers[at * 4 : at * 4 + 4]], stride, width // stride, score)
        for at, stride in enumerate(_STRIDES)
    ]
    boxes, points, scores = (np.concatenate(values) for values in zip(*found, strict=True))
    order = np.argsort(-scores, kind="stable")[:_MOST_CANDIDATES]
    order = order[suppress(boxes[order], overlap)]
    return Found(boxes[order], points[order], scores[order])


def _tensor(image: Image.Image, size: tuple[int, int], threads: int) -> NDArray[np.float32]:
    """One copy from bytes to padded float planes, blue first."""
    width, height = size
    tensor = np.zeros((1, 3, _padded(height), _padded(width)), np.float32)

    def fill(top: int, rows: NDArray[np.uint8]) -> None:
        planes = rows if rows.ndim == 2 else rows[:, :, ::-1].transpose(2, 0, 1)
        tensor[0, :, top : top + len(rows), :width] = planes

    each_stripe(image, size, threads, fill)
    return tensor


def _padded(side: int) -> int:
    return -(-side // _MULTIPLE) * _MULTIPLE


def _decode(
    answer: list[NDArray[np.float32]], stride: int, columns: int, least: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Boxes, points and scores of the anchors that score enough; only those are decoded."""
    kinds, objects, boxes, points = answer
    scores = np.sqrt(kinds[:, 0].clip(0, 1) * objects[:, 0].clip(0, 1))
    chosen = np.flatnonzero(scores >= least)
    anchors = np.stack((chosen % columns, chosen // columns), axis=1).astype(np.float32)
    centres = anchors + boxes[chosen, :2]
    sizes = np.exp(np.minimum(boxes[chosen, 2:], _LARGEST_EXPONENT))
    decoded = np.concatenate((centres - sizes / 2, sizes), axis=1) * stride
    return decoded, (points[chosen].reshape(-1, 5, 2) + anchors[:, None]) * stride, scores[chosen]
