"""How many work at once, and how many wait for it: beyond that a call is sent away with a time to come back, rather
than left to wait without end. For one process; what waits before it is the host's."""

import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from shared.clock import Clock
from shared.errors import ServiceUnavailable

PATIENCE_SECONDS = 10.0
FIRST_GUESS_SECONDS = 1.0
WEIGHT = 0.1  # of the last turn in what a turn usually takes
LONGEST_ADVICE_SECONDS = 60


class Turns:
    def __init__(self, places: int, waiting: int, clock: Clock, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """`places`: how many work at once. `waiting`: how many may wait, none longer than `patience_seconds`."""
        self._places = self._free = places
        self._most = waiting
        self._clock = clock
        self._patience = patience_seconds
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._usual = FIRST_GUESS_SECONDS

    @contextmanager
    def turn(self) -> Iterator[None]:
        """In the order of arrival. Raises ServiceUnavailable."""
        self._begin()
        began = self._clock()
        try:
            yield
        finally:
            self._end((self._clock() - began).total_seconds())

    def _begin(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if len(self._queue) >= self._most:
                raise self._overloaded()
            called = threading.Event()
            self._queue.append(called)
        if called.wait(self._patience):
            return
        with self._lock:
            if called.is_set():  # in the moment between
                return
            self._queue.remove(called)
            raise self._overloaded()

    def _end(self, seconds: float) -> None:
        with self._lock:
            self._usual += WEIGHT * (max(seconds, 0.0) - self._usual)
            if self._queue:
                self._queue.popleft().set()  # the place goes on to whoever waits longest
            else:
                self._free += 1

    def _overloaded(self) -> ServiceUnavailable:
        """When those who are before it will have had their turns, by what a turn usually takes."""
        seconds = math.ceil(self._usual * (len(self._queue) + 1) / self._places)
        advice = min(max(seconds, 1), LONGEST_ADVICE_SECONDS)
        return ServiceUnavailable(f"{ServiceUnavailable.message} {BUSY}", retry_after_seconds=advice)


BUSY = "Too many pictures are being looked at."
