"""Whether forehead, eyes and mouth are covered: by hair, headwear, dark lenses, a mask, a hand."""

from dataclasses import dataclass

from . import glasses
from .readouts import judged
from .sight import Sight


@dataclass(frozen=True, slots=True)
class Occlusion:
    """`forehead`: more than half of it. `eye`: dark lenses, or hair or a hand over at least one."""

    forehead: bool
    eye: bool
    mouth: bool


def measure(sight: Sight) -> list[Occlusion]:
    """Needs the dense landmark model and the glasses model."""
    lenses = [kind == "sunglasses" for kind in sight.once(glasses.measure)]
    foreheads, eyes, mouths = (judged(sight, name) for name in ("foreheadCovered", "eyeCovered", "mouthCovered"))
    return [
        Occlusion(forehead.shows, dark or eye.shows, mouth.shows)
        for forehead, eye, mouth, dark in zip(foreheads, eyes, mouths, lenses, strict=True)
    ]
