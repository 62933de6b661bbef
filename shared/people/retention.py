"""Physical erasure of what has expired. Reads never see expired things; this makes them gone from storage too."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, islice

from shared.clock import Clock
from shared.store.expiries import Expiries, Expiry
from shared.store.tables import TRANSACTION_ROWS, StoreUnavailable

log = logging.getLogger("ownface.retention")

Eraser = Callable[[Expiry], None]
"""Removes what an expiry row announced, whether it is there or not."""

SWEEP_SECONDS = 240.0
"""One run stops after this and leaves the rest, oldest first, to the next: far below the host's function timeout."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one run did: expiry rows settled, rows left because erasing them failed, and whether it ran to the end."""

    settled: int
    failed: int
    finished: bool


class Retention:
    """Idempotent and resumable: a thing is erased before its expiry row goes, so a killed sweep is taken up again."""

    def __init__(self, expiries: Expiries, erasers: Mapping[str, Eraser], clock: Clock) -> None:
        self._expiries = expiries
        self._erasers = erasers
        self._clock = clock
        self._workers = ThreadPoolExecutor(8, thread_name_prefix="retention")

    def sweep(self, seconds: float = SWEEP_SECONDS) -> Sweep:
        """Raises StoreUnavailable where storage is away; what was erased until then stays erased."""
        started, settled, failed = time.monotonic(), 0, 0
        for batch in _batches(self._expiries.due(self._clock())):
            if time.monotonic() - started > seconds:
                return Sweep(settled, failed, finished=False)
            erased = self._settled(batch)
            settled += erased
            failed += len(batch) - erased
        return Sweep(settled, failed, finished=True)

    def _settled(self, batch: Sequence[Expiry]) -> int:
        """How many of a minute's rows were erased and settled; one that fails holds up no other."""
        erased = [expiry for expiry, done in zip(batch, self._workers.map(self._erase, batch), strict=True) if done]
        self._expiries.settle(erased)
        return len(erased)

    def _erase(self, expiry: Expiry) -> bool:
        eraser = self._erasers.get(expiry.kind)
        if eraser is None:  # written by a newer release, or malformed: kept, and reported until someone acts
            log.error("nothing here can erase the kind %s", expiry.kind)
            return False
        try:
            eraser(expiry)
        except (StoreUnavailable, ValueError) as error:
            log.error("%s %s could not be erased: %s", expiry.kind, expiry.key, type(error).__name__)
            return False
        return True


def _batches(expiries: Iterable[Expiry]) -> Iterator[list[Expiry]]:
    """In their order, at most a transaction's worth at a time, none across two minutes."""
    for _, of_minute in groupby(expiries, key=lambda expiry: expiry.minute):
        while batch := list(islice(of_minute, TRANSACTION_ROWS)):
            yield batch
