"""What is worn: headwear, glasses, a mask."""

from dataclasses import dataclass
from typing import Literal

from . import mask
from .mask import Mask
from .readouts import Verdict, judged
from .sight import Sight


@dataclass(frozen=True, slots=True)
class Accessory:
    """`confidence`: 0..1, how probable it is that it is worn."""

    kind: Literal["headwear", "glasses", "mask"]
    confidence: float


def measure(sight: Sight) -> list[tuple[Accessory, ...]]:
    """Needs the dense landmark, the glasses and the mask model."""
    found = zip(judged(sight, "headwear"), judged(sight, "glasses"), sight.once(mask.measure), strict=True)
    return [_worn(*face) for face in found]


def _worn(headwear: Verdict, glasses: Verdict, masked: Mask) -> tuple[Accessory, ...]:
    worn = []
    if headwear.shows:
        worn.append(Accessory("headwear", headwear.chance))
    if glasses.shows:
        worn.append(Accessory("glasses", glasses.chance))
    if masked.kind == "faceMask":
        worn.append(Accessory("mask", masked.score))
    return tuple(worn)
