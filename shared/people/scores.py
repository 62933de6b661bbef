"""Cosines as the confidences that callers are told."""

from functools import cache

from shared.gallery.confidence import IDENTICAL, ConfidenceScale

DIGITS = 5


@cache
def scale(recogniser: str) -> ConfidenceScale:
    return ConfidenceScale.load(recogniser)


def confidence(recogniser: str, cosine: float) -> float:
    """On the published scale, rounded as it is told: whatever is decided, is decided from this."""
    return round(scale(recogniser).of(cosine), DIGITS)


def identical(told: float) -> bool:
    return told >= IDENTICAL
