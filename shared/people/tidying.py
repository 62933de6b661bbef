"""Lets go of what caches hold too long: one thread for a process, which keeps nothing alive."""

import logging
import threading
import time
from typing import Protocol
from weakref import WeakSet

log = logging.getLogger("ownface.people")

EVERY_SECONDS = 60.0


class Cache(Protocol):
    def tidy(self) -> None:
        """Drop what was not used for a while."""


_lock = threading.Lock()
_caches: WeakSet[Cache] = WeakSet()
_thread: threading.Thread | None = None


def keep_tidy(cache: Cache) -> None:
    """From now on, for as long as somebody else holds it."""
    global _thread
    with _lock:
        _caches.add(cache)
        if _thread is None:
            _thread = threading.Thread(target=_run, name="tidying", daemon=True)
            _thread.start()


def _run() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        with _lock:
            caches = list(_caches)
        for cache in caches:
            try:
                cache.tidy()
            except Exception as error:  # noqa: BLE001 the others are tidied all the same, and this one next time
                log.error("a cache could not be tidied: %s", type(error).__name__)
        del caches
