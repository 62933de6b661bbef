"""Physical erasure of what has expired. Reads never see expired things; this makes them gone from storage too."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.clock import Clock
from shared.store.expiries import Expiries, Expiry

log = logging.getLogger("ownface.retention")

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

    def __init__(self, expiries: Expiries, erasers: Mapping[str, Callable[[Expiry], None]], clock: Clock) -> None:
        self._expiries = expiries
        self._erasers = erasers
        self._clock = clock

    def sweep(self, seconds: float = SWEEP_SECONDS) -> Sweep:
        """Raises StoreUnavailable where storage went away half-way; what was erased until then stays erased."""
        started, settled, failed = time.monotonic(), 0, 0
        for expiry in self._expiries.due(self._clock()):
            if time.monotonic() - started > seconds:
                return Sweep(settled, failed, finished=False)
            if self._erase(expiry):
                settled += 1
            else:
                failed += 1
        return Sweep(settled, failed, finished=True)

    def _erase(self, expiry: Expiry) -> bool:
        eraser = self._erasers.get(expiry.kind)
        if eraser is None:  # written by a newer release: kept for it, and reported until someone acts
            log.error("nothing here can erase the kind %s", expiry.kind)
            return False
        eraser(expiry)
        self._expiries.settle(expiry)
        return True
