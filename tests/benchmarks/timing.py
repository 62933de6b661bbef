"""Medians of contenders that take turns, so that a busy machine slows them alike."""

import statistics
import time
from collections.abc import Callable, Mapping

Contender = Callable[[], object]

CALLS_A_TURN = 4


def medians(contenders: Mapping[str, Contender], rounds: int) -> dict[str, float]:
    """Milliseconds of one call of each."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            times[name] += turn(contender)
    return {name: statistics.median(measured) for name, measured in times.items()}


def turn(contender: Contender) -> list[float]:
    """Milliseconds of each counted call: the first is not, since a service meets its own caches and not another
    library's."""
    contender()
    return [took(contender) for _ in range(CALLS_A_TURN)]


def took(contender: Contender) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter()
    contender()
    return (time.perf_counter() - started) * 1000
