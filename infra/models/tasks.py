"""What is to be read off which strip, and by which labels it is learnt."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from infra.models.views import below, curtain, patch
from tests.faces import Label

MakeUp = Callable[[NDArray[np.uint8], NDArray[np.uint8], Generator], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Task:
    """What to tell from which strip. `truth`: None leaves a face out.

    `false_positives`: the share that the threshold allows among faces that do not show it; None: it is at even odds.
    `made_up`: what is laid over such faces, from the strips called `source` of faces that are `donor`s, and what is
    true of them then."""

    strip: str
    truth: Callable[[Label], bool | None]
    false_positives: float | None
    made_up: MakeUp | None = None
    source: str = "top"
    donor: Callable[[Label], bool] = lambda label: label.mask == "no"
    then: bool = True


TASKS: dict[str, Task] = {
    "headwear": Task("top", lambda label: {"yes": True, "no": False}.get(label.headwear), 0.015),
    "foreheadCovered": Task("top", lambda label: {"covered": True, "free": False}.get(label.forehead), 0.02),
    "glasses": Task("eyes", lambda label: label.glasses != "none", 0.01),
    "darkLenses": Task("eyes", lambda label: None if label.glasses == "none" else label.glasses != "clear", None),
    "eyeCovered": Task("eyes", lambda label: _eye_covered(label), 0.01, curtain),
    "mouthCovered": Task(
        "mouth", lambda label: {"covered": True, "free": False}.get(label.mouth), 0.003, partial(patch, reach=(30, 22))
    ),
    "noseCovered": Task(
        "nose",
        lambda label: {"yes": True, "no": False}.get(label.mask),
        None,
        below,
        source="mouth",
        donor=lambda label: label.mask == "yes",
        then=False,
    ),
}


def _eye_covered(label: Label) -> bool | None:
    """By hair or a hand: sunglasses have their own readout."""
    if label.glasses in {"sunglasses", "goggles"}:
        return None
    return label.eyes == "covered"
