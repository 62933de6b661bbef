"""So many at once, so many waiting, in the order of their arrival; the others are told when to come back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from shared.errors import ServiceUnavailable
from shared.turns import Turns
from tests.clock import FakeClock

LONG = 30.0


@pytest.fixture
def run() -> Iterator[Callable[..., Future[int]]]:
    """Starts a turn in a thread of its own, which ends when `go` is set; answers how many were at work in it."""
    with ThreadPoolExecutor(16) as threads:
        yield threads.submit


def retry_after(turns: Turns) -> int:
    with pytest.raises(ServiceUnavailable, match="Too many pictures are being looked at") as refused, turns.turn():
        pytest.fail("there was a place")
    assert refused.value.retry_after_seconds is not None
    return refused.value.retry_after_seconds


def waiting(turns: Turns, many: int) -> None:
    """Until so many wait."""
    while len(turns._queue) != many:
        threading.Event().wait(0.005)


def test_only_so_many_work_at_once_and_all_who_waited_come_to_it(
    clock: FakeClock, run: Callable[..., Future[int]]
) -> None:
    turns, lock, working, most = Turns(3, 13, clock, LONG), threading.Lock(), 0, 0

    def work() -> int:
        nonlocal working, most
        with turns.turn():
            with lock:
                working += 1
                most = max(most, working)
            threading.Event().wait(0.01)
            with lock:
                working -= 1
        return 1

    started = [run(work) for _ in range(16)]
    assert sum(one.result(LONG) for one in started) == 16
    assert most <= 3
    assert turns._free == 3


def test_who_waits_longest_is_next(clock: FakeClock, run: Callable[..., Future[int]]) -> None:
    turns, order = Turns(1, 5, clock, LONG), []

    def work(number: int) -> None:
        with turns.turn():
            order.append(number)

    with turns.turn():
        started = []
        for number in range(5):
            started.append(run(work, number))
            waiting(turns, number + 1)
    for one in started:
        one.result(LONG)
    assert order == [0, 1, 2, 3, 4]


def test_place_that_goes_on_to_who_waits_is_not_free_for_who_comes(
    clock: FakeClock, run: Callable[..., Future[int]]
) -> None:
    turns, inside, go = Turns(1, 1, clock, LONG), threading.Event(), threading.Event()

    def work() -> None:
        with turns.turn():
            inside.set()
            assert go.wait(LONG)

    with turns.turn():
        waiter = run(work)
        waiting(turns, 1)
        assert retry_after(turns) == 2
    assert inside.wait(LONG)
    assert turns._free == 0
    go.set()
    waiter.result(LONG)
    assert turns._free == 1


def test_beyond_those_who_may_wait_nobody_is_kept(clock: FakeClock) -> None:
    turns = Turns(2, 0, clock, LONG)
    with turns.turn(), turns.turn():
        assert retry_after(turns) == 1
    with turns.turn(), turns.turn():
        pass


def test_nobody_waits_longer_than_patience(clock: FakeClock) -> None:
    turns = Turns(1, 5, clock, patience_seconds=0.01)
    with turns.turn():
        assert retry_after(turns) == 1
        assert len(turns._queue) == 0
    with turns.turn():
        pass


def test_place_is_free_again_after_a_failure(clock: FakeClock) -> None:
    turns = Turns(1, 0, clock, LONG)
    for _ in range(3):
        with pytest.raises(KeyError), turns.turn():
            raise KeyError
    with turns.turn():
        pass


@pytest.mark.parametrize(
    ("places", "took", "told"), [(1, 8.0, 8), (1, 8.2, 9), (4, 8.0, 2), (1, 500.0, 60), (1, 0.0, 1)]
)
def test_it_is_told_when_a_place_is_likely_to_be_free_by_what_turns_took(
    clock: FakeClock, places: int, took: float, told: int
) -> None:
    turns = Turns(places, 0, clock, LONG)
    for _ in range(200):
        with turns.turn():
            clock.advance(took)
    with ExitStack() as full:
        for _ in range(places):
            full.enter_context(turns.turn())
        assert retry_after(turns) == told


def test_one_slow_turn_does_not_change_what_is_told_by_much(clock: FakeClock) -> None:
    turns = Turns(1, 0, clock, LONG)
    with turns.turn():
        clock.advance(11)
    with turns.turn():
        assert retry_after(turns) == 2


def test_clock_that_is_set_back_makes_no_turn_shorter_than_nothing(clock: FakeClock) -> None:
    turns = Turns(1, 0, clock, LONG)
    for _ in range(50):
        with turns.turn():
            clock.advance(-3600)
    with turns.turn():
        assert retry_after(turns) == 1
