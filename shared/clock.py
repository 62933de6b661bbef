"""Time, as the app reads it: a function that tests replace instead of sleeping."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present moment, aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z, the contract's form: 2024-03-05T11:11:33.518Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The moment that to_text wrote. Raises ValueError for anything else."""
    return datetime.fromisoformat(text)
