"""The key ring as it is now: whoever keeps it may add a key and take one away while every process goes on."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from shared.store.key_ring import KeyRing, KeyRingError
from shared.store.vault_ring import vault_ring

log = logging.getLogger("ownface.store")

FRESH_SECONDS = 60.0
"""After so long it is looked at again: a new active key seals in every process a minute after it was added."""
MISSED_SECONDS = 5.0  # until a key that is not in the ring is looked for again


class LiveRing:
    """Safe to use from several threads. A ring that cannot be read any more is reported, and used as it was."""

    def __init__(self, load: Callable[[], KeyRing], monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises KeyRingError."""
        self._load = load
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._missed: dict[str, float] = {}
        self._ring = load()
        self._looked = monotonic()

    @classmethod
    def of_file(cls, path: Path) -> "LiveRing":
        """Raises KeyRingError."""
        return cls(partial(KeyRing.load, path))

    @classmethod
    def opened(cls, file: Path | None, secret: str, client_id: str) -> "LiveRing":
        """The file, or where there is none the secret of a vault (settings.key_ring). Raises KeyRingError."""
        return cls.of_file(file) if file else cls(vault_ring(secret, client_id).load)

    def now(self) -> KeyRing:
        if self._age() >= FRESH_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._ring

    def key(self, name: str, patience: float = 0.0) -> bytes:
        """Looks for one that was added since; `patience`: not where it has looked within so many seconds, for names
        that anybody may have made up. Raises KeyError where the ring has none of that name."""
        if name not in self._ring.keys:
            with self._lock:
                if name not in self._ring.keys and self._age() >= patience and not self._was_missed(name):
                    self._look()
                    if name not in self._ring.keys:
                        self._missed[name] = self._monotonic()
        return self._ring.keys[name]

    def has(self, name: str) -> bool:
        """Looks for it as `key` does."""
        try:
            self.key(name)
        except KeyError:
            return False
        return True

    def _age(self) -> float:
        return self._monotonic() - self._looked

    def _was_missed(self, name: str) -> bool:
        """Just now: storage may hold very many things under a key that is lost."""
        oldest = self._monotonic() - MISSED_SECONDS
        self._missed = {other: when for other, when in self._missed.items() if when > oldest}
        return name in self._missed

    def _look(self) -> None:
        try:
            found = self._load()
        except KeyRingError as error:
            log.error("the key ring is used as it was: %s", error)
        else:
            if found.active != self._ring.active:
                log.info("the active key is %s", found.active)
            self._ring = found
        self._looked = self._monotonic()
