"""A clock that tests move by hand."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Starts at a round minute far from any real one, and stands still until moved."""

    def __init__(self, start: datetime = datetime(2031, 5, 4, 3, 2, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Skewed:
    """The clock of a host that is so many seconds ahead of another's."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self._clock, self._ahead = clock, timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self._clock() + self._ahead
