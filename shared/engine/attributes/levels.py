"""The words that the contract has for a number."""

from typing import Literal

Level = Literal["low", "medium", "high"]


def level(value: float, medium_from: float, high_from: float) -> Level:
    if value < medium_from:
        return "low"
    return "medium" if value < high_from else "high"
