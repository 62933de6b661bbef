"""Whether a camera looks at a face or at a picture of one: two MiniFASNet models, each with its own share of context.

Crops are those the models were trained with (minivision-ai/Silent-Face-Anti-Spoofing): `scale` times the detector's
box, no more than the picture has, moved into it and not shrunk. They are sampled from the full-size picture without
averaging, as OpenCV's bilinear resize does: what tells a screen from skin is in the finest detail.

What the models say rests on the surroundings. Where there is less than `LEAST_CONTEXT` of them (tight crops, faces that
fill the picture), they accept 4 to 99 per cent of real faces and 0 to 27 per cent of attacks: nothing may be concluded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..batches import answers
from ..geometry import Box
from ..models import ModelLibrary
from ..picture import Picture

LEAST_CONTEXT = 2.0
MODELS = (("minifasnet-v2", 2.7), ("minifasnet-v1se", 4.0))

_SIDE = 80
_LIVE = 1  # of the three classes; the others are attacks


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face in a picture."""

    picture: Picture
    box: Box


def context(picture: Picture, box: Box, scale: float = MODELS[0][1]) -> float:
    """How many times as large as the box a crop can be, `scale` at most."""
    return min(scale, (picture.width - 1) / max(box.width, 1.0), (picture.height - 1) / max(box.height, 1.0))


def live_scores(library: ModelLibrary, threads: int, seen: Sequence[Sighting]) -> NDArray[np.float64]:
    """[n]: the probability that each is a real face, the mean of both models. Raises ModelError, PictureError."""
    if not seen:
        return np.zeros(0)
    scores = []
    for name, scale in MODELS:
        pieces = np.stack([piece(one.picture, one.box, scale) for one in seen])
        (logits,) = answers(library.session(name), ["output"], pieces, _tensor, threads)
        scores.append(_softmax(logits.astype(np.float64))[:, _LIVE])
    mean: NDArray[np.float64] = np.mean(scores, axis=0)
    return mean


def piece(picture: Picture, box: Box, scale: float) -> NDArray[np.uint8]:
    """What a model sees: [80,80,3], red, green, blue."""
    left, top, right, bottom = corners(picture.width, picture.height, box, context(picture, box, scale))
    image = picture.layer(1.0).image
    matrix = ((right - left) / _SIDE, 0, left, 0, (bottom - top) / _SIDE, top)
    cut = image.transform((_SIDE, _SIDE), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    return np.asarray(cut.convert("RGB"))


def corners(width: int, height: int, box: Box, factor: float) -> tuple[int, int, int, int]:
    """Left, top, and the first column and row after the crop, in whole pixels of a picture of that size."""
    left, right = _span(box.left + box.width / 2, box.width * factor, width)
    top, bottom = _span(box.top + box.height / 2, box.height * factor, height)
    return left, top, right, bottom


def _span(centre: float, length: float, side: int) -> tuple[int, int]:
    start = min(max(centre - length / 2, 0.0), max(side - 1 - length, 0.0))
    return int(start), min(int(start + length) + 1, side)


def _tensor(pieces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blue, green, red planes, 0..255."""
    return np.ascontiguousarray(pieces[..., ::-1].transpose(0, 3, 1, 2), np.float32)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares
