"""Physical erasure of what has expired. Reads never see expired things; this makes them gone from storage too."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice

from shared.clock import Clock
from shared.store.expiries import WORK, Expiries, Expiry
from shared.store.tables import TRANSACTION_ROWS

log = logging.getLogger("ownface.retention")

Eraser = Callable[[Expiry], None]
"""Removes what an expiry row announced, whether it is there or not."""

WORKERS = 8
SWEEP_SECONDS = 240.0
"""One run stops after this and leaves the rest, oldest first, to the next: far below the host's function timeout."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one run did: rows that were dealt with, rows left because erasing them failed, and whether it ran to the
    end.

    `oldest`: the minute of the oldest row that it found; empty where there was none."""

    settled: int
    failed: int
    finished: bool
    oldest: str


class Retention:
    """Idempotent and resumable: a thing is erased before its expiry row goes, so a killed sweep is taken up again, and
    two sweeps at once do the same thing twice."""

    def __init__(
        self, expiries: Expiries, erasers: Mapping[str, Eraser], clock: Clock, slow: Set[str] = frozenset()
    ) -> None:
        """Erasers by kind of expiry. What those of the `slow` kinds do may take minutes: it comes after everything
        else, and once for all rows of one kind and key."""
        self._expiries = expiries
        self._erasers = erasers
        self._slow = slow
        self._clock = clock
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="retention")

    def sweep(self, seconds: float = SWEEP_SECONDS) -> Sweep:
        """Raises StoreUnavailable where storage is away; what was erased until then stays erased."""
        deadline, settled, failed, oldest = time.monotonic() + seconds, 0, 0, ""
        slow: dict[tuple[str, str], list[Expiry]] = {}
        for batch in _batches(self._expiries.due(self._clock())):
            minute = batch[0].minute.removeprefix(WORK)
            oldest = min(oldest or minute, minute)
            if time.monotonic() > deadline:
                return Sweep(settled, failed, finished=False, oldest=oldest)
            quick = [expiry for expiry in batch if expiry.kind not in self._slow]
            for expiry in batch:
                if expiry.kind in self._slow:
                    slow.setdefault((expiry.kind, expiry.key), []).append(expiry)
            erased = self._settled([[expiry] for expiry in quick])
            settled, failed = settled + erased, failed + len(quick) - erased
        waiting = list(slow.values())
        for start in range(0, len(waiting), WORKERS):
            if time.monotonic() > deadline:
                return Sweep(settled, failed, finished=False, oldest=oldest)
            together = waiting[start : start + WORKERS]
            erased = self._settled(together)
            settled, failed = settled + erased, failed + sum(map(len, together)) - erased
        return Sweep(settled, failed, finished=True, oldest=oldest)

    def lag(self, swept: Sweep) -> float:
        """Seconds for which the oldest thing that a run found had been due; 0 where it found none."""
        if not swept.oldest:
            return 0.0
        due = datetime.strptime(swept.oldest, "%Y%m%d%H%M").replace(tzinfo=UTC)
        return max(0.0, (self._clock() - due).total_seconds())

    def _settled(self, things: Sequence[Sequence[Expiry]]) -> int:
        """How many rows, of things that have one or more each, were dealt with; one that fails holds up no other."""
        done, now = self._workers.map(lambda rows: self._erase(rows[0]), things), self._clock()
        erased = [expiry for rows, is_done in zip(things, done, strict=True) if is_done for expiry in rows]
        over = [expiry for expiry in erased if self._expiries.is_over(expiry, now)]
        for batch in _batches(sorted(over, key=lambda expiry: expiry.minute)):
            self._expiries.settle(batch)
        return len(erased)

    def _erase(self, expiry: Expiry) -> bool:
        eraser = self._erasers.get(expiry.kind)
        if eraser is None:  # written by a newer release, or malformed: kept, and reported until someone acts
            log.error("nothing here can erase the kind %s", expiry.kind)
            return False
        try:
            eraser(expiry)
        except Exception as error:  # noqa: BLE001 whatever is wrong with one thing, the others must go
            # where its row is, not its key: of a subject that is what callers call a person
            log.error("one of %s, due %s, could not be erased: %s", expiry.kind, expiry.minute, type(error).__name__)
            return False
        return True


def _batches(expiries: Iterable[Expiry]) -> Iterator[list[Expiry]]:
    """In their order, at most a transaction's worth at a time, none across two minutes."""
    for _, of_minute in groupby(expiries, key=lambda expiry: expiry.minute):
        while batch := list(islice(of_minute, TRANSACTION_ROWS)):
            yield batch
