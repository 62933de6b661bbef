"""How often a caller may call: as often as its rate says, and again when it was told to come back."""

from itertools import cycle, islice

import pytest

from shared.errors import TooManyRequests
from shared.pace import Pace, Rate
from tests.clock import FakeClock

SLOW = Rate(0.5, 1)


def wait(pace: Pace, **rates: Rate) -> int:
    """Seconds to come back after; 0 where there is no need to."""
    try:
        pace.take(rates)
    except TooManyRequests as refused:
        return refused.retry_after_seconds or -1
    return 0


@pytest.mark.parametrize("rate", [0.01, 0.07, 0.1, 0.3, 1 / 3, 0.5, 0.9, 1, 1.5, 3, 7, 10, 60, 999])
def test_who_comes_back_when_it_was_told_to_is_served(clock: FakeClock, rate: float) -> None:
    """However the bucket was filled before: in parts whose sum is rounded."""
    pace = Pace(clock)
    for pause in islice(cycle([0.001, 0.1, 1 / 3, 0.7, 1, 0.013, 2 / 7]), 300):
        clock.advance(pause)
        if seconds := wait(pace, one=Rate(rate, max(rate, 1))):
            clock.advance(seconds)
            assert wait(pace, one=Rate(rate, max(rate, 1))) == 0


def test_a_second_less_than_it_was_told_is_too_early(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert wait(pace, one=Rate(0.1, 1)) == 0
    assert wait(pace, one=Rate(0.1, 1)) == 10
    clock.advance(9)
    assert wait(pace, one=Rate(0.1, 1)) == 1
    clock.advance(0.999)
    assert wait(pace, one=Rate(0.1, 1)) == 1
    clock.advance(0.001)
    assert wait(pace, one=Rate(0.1, 1)) == 0


def test_what_may_come_at_once_fills_up_and_no_further(clock: FakeClock) -> None:
    pace, rate = Pace(clock), Rate(2, 5)
    assert [wait(pace, one=rate) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    clock.advance(1000)
    assert [wait(pace, one=rate) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    clock.advance(1.5)
    assert [wait(pace, one=rate) for _ in range(4)] == [0, 0, 0, 1]


def test_many_are_paced_each_by_itself(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert [wait(pace, one=SLOW), wait(pace, other=SLOW)] == [0, 0]
    assert [wait(pace, one=SLOW), wait(pace, other=SLOW)] == [2, 2]


def test_who_is_refused_by_one_limit_takes_nothing_of_another(clock: FakeClock) -> None:
    pace, all_of_them = Pace(clock), Rate(1, 2)
    assert wait(pace, one=SLOW, all=all_of_them) == 0
    for _ in range(5):
        assert wait(pace, one=SLOW, all=all_of_them) == 2
    assert wait(pace, other=SLOW, all=all_of_them) == 0
    assert wait(pace, third=SLOW, all=all_of_them) == 1
    assert wait(pace, third=SLOW) == 0


def test_the_longer_of_two_waits_is_told(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert wait(pace, one=Rate(0.1, 1), all=Rate(0.25, 1)) == 0
    assert wait(pace, one=Rate(0.1, 1), all=Rate(0.25, 1)) == 10


def test_without_a_rate_nobody_waits(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert [wait(pace) for _ in range(100)] == [0] * 100


def test_clock_that_is_set_back_takes_nothing(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert wait(pace, one=Rate(1, 10)) == 0
    clock.advance(-3600)
    assert wait(pace, one=Rate(1, 10)) == 0


def test_it_is_the_one_not_asked_for_the_longest_that_is_forgotten(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.pace.REMEMBERED", 2)
    pace = Pace(clock)
    assert [wait(pace, one=SLOW), wait(pace, other=SLOW)] == [0, 0]
    assert wait(pace, one=SLOW) == 2  # refused, but seen
    assert wait(pace, third=SLOW) == 0
    assert wait(pace, one=SLOW) == 2
    assert wait(pace, other=SLOW) == 0  # forgotten
