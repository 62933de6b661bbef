"""How often each of many may do something, in this process alone: a bucket each, that fills steadily."""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from shared.clock import Clock
from shared.errors import TooManyRequests

REMEMBERED = 10_000
"""Buckets that are kept; one that was not asked for the longest is forgotten, and so is full when it is next."""

WHOLE = 1 - 1e-9
"""Of a bucket that was filled in parts, which may add up to a hair less than one."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`a_second`: what may go on for ever. `at_once`: what may come together after a rest, at least one."""

    a_second: float
    at_once: float


@dataclass(frozen=True, slots=True)
class _Bucket:
    left: float
    asked: datetime

    def at(self, now: datetime, rate: Rate) -> float:
        """What is in it. A clock that was set back takes nothing out."""
        return min(self.left + max((now - self.asked).total_seconds(), 0.0) * rate.a_second, rate.at_once)


class Pace:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, rates: dict[str, Rate]) -> None:
        """One from each bucket, by its name, or none from any. Raises TooManyRequests, which says after how many
        seconds they all have one."""
        now = self._clock()
        with self._lock:
            left = {name: self._left(name, now, rate) for name, rate in rates.items()}
            short = max(((1 - left[name]) / rate.a_second for name, rate in rates.items()), default=0.0)
            enough = all(amount >= WHOLE for amount in left.values())
            for name, amount in left.items():
                self._buckets[name] = _Bucket(amount - 1 if enough else amount, now)
                self._buckets.move_to_end(name)
            while len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        if not enough:
            raise TooManyRequests(retry_after_seconds=max(math.ceil(short - 1e-9), 1))

    def _left(self, name: str, now: datetime, rate: Rate) -> float:
        bucket = self._buckets.get(name)
        return rate.at_once if bucket is None else bucket.at(now, rate)
