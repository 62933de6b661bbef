"""Whether glasses are worn, and of what kind.

Goggles are not told apart: one pair among the labelled faces teaches nothing. They come out as any of the others.
"""

from typing import Literal

from .readouts import Verdict, judged
from .sight import Sight

Glasses = Literal["noGlasses", "readingGlasses", "sunglasses"]


def measure(sight: Sight) -> list[Glasses]:
    """Needs the dense landmark model and the glasses model."""
    pairs = zip(judged(sight, "glasses"), judged(sight, "darkLenses"), strict=True)
    return [_kind(worn, dark) for worn, dark in pairs]


def _kind(worn: Verdict, dark: Verdict) -> Glasses:
    if not worn.shows:
        return "noGlasses"
    return "sunglasses" if dark.shows else "readingGlasses"
