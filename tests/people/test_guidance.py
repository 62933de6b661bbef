"""The pace of guidance: five a second, ten at once, for each session by itself."""

import pytest

from shared import pace as paces
from shared.errors import TooManyRequests
from shared.pace import Pace
from shared.people.liveness_guidance import RATE
from tests.clock import FakeClock


def asked(pace: Pace, times: int, session: str = "one") -> int:
    """How many of so many asks are answered."""
    answered = 0
    for _ in range(times):
        try:
            pace.take({session: RATE})
            answered += 1
        except TooManyRequests:
            continue
    return answered


def test_ten_at_once_then_five_a_second(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert asked(pace, 20) == 10
    clock.advance(1)
    assert asked(pace, 20) == 5
    clock.advance(60)
    assert asked(pace, 20) == 10


def test_sessions_have_each_their_own_pace(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert (asked(pace, 20, "one"), asked(pace, 20, "other")) == (10, 10)


def test_only_so_many_sessions_are_remembered(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "REMEMBERED", 3)
    pace = Pace(clock)
    for session in range(50):
        pace.take({str(session): RATE})
    assert len(pace._buckets) == 3
