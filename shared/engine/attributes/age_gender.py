"""How old a face looks, and whether a woman's or a man's, to a small model.

Azure Face withdrew both; they are measured only where the owner of the installation asks for them, and the model is
not one of those that every installation has. Its publisher gives a mean error of 7 years and 96 per cent of genders,
and made it for adults.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..align import boxes
from ..geometry import Box
from .sight import Sight

MODEL = "age-gender-0013"

Gender = Literal["female", "male"]

_SIDE = 62
_CROP = 0.9  # of the longer side of the detector's box
_YEARS = 100  # the model's unit


@dataclass(frozen=True, slots=True)
class _Looks:
    age: float
    gender: Gender


def ages(sight: Sight) -> list[float]:
    """In years. Needs the model of ages and genders only."""
    return [looks.age for looks in sight.once(_looks)]


def genders(sight: Sight) -> list[Gender]:
    """Needs the model of ages and genders only."""
    return [looks.gender for looks in sight.once(_looks)]


def _looks(sight: Sight) -> list[_Looks]:
    pieces = boxes(sight.picture, [_middle(face.box) for face in sight.faces], _SIDE, _SIDE)
    found, sure = sight.answers(MODEL, ["age", "prob"], pieces, _tensor)
    years = np.maximum(found.reshape(len(pieces)), 0) * _YEARS
    women = sure.reshape(len(pieces), 2)[:, 0] > 0.5
    return [_Looks(float(age), "female" if woman else "male") for age, woman in zip(years, women, strict=True)]


def _middle(box: Box) -> Box:
    side = _CROP * max(box.width, box.height)
    return Box(box.left + (box.width - side) / 2, box.top + (box.height - side) / 2, side, side)


def _tensor(pieces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blue, green, red planes from 0 to 255."""
    return np.ascontiguousarray(pieces[..., ::-1].transpose(0, 3, 1, 2), np.float32)
