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
"""After so long it is looked at again, and after twice as long nobody goes on without it: so a new active key seals in
every process two minutes after it was added."""
UNSEEN_SECONDS = 12 * 3600.0
"""A ring that could not be read for so long seals nothing any more: its keys may have been taken out meanwhile."""
MISSED_SECONDS = 5.0  # until a key that is not in the ring is looked for again
MOST_MISSED = 8  # names in that time: so many are not of keys that somebody has just added


class LiveRing:
    """Safe to use from several threads. A ring that cannot be read any more is reported, and used as it was."""

    def __init__(self, load: Callable[[], KeyRing], monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises KeyRingError."""
        self._load = load
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._missed: dict[str, float] = {}
        self._ring = load()
        self._looked = self._seen = monotonic()

    @classmethod
    def of_file(cls, path: Path) -> "LiveRing":
        """Raises KeyRingError."""
        return cls(partial(KeyRing.load, path))

    @classmethod
    def opened(cls, file: Path | None, secret: str, client_id: str) -> "LiveRing":
        """The file, or where there is none the secret of a vault (settings.key_ring). Raises KeyRingError."""
        return cls.of_file(file) if file else cls(vault_ring(secret, client_id).load)

    @property
    def is_seen(self) -> bool:
        """Whether it was there when it was last looked at."""
        return self._seen == self._looked

    @property
    def may_seal(self) -> bool:
        return self._monotonic() - self._seen < UNSEEN_SECONDS

    def now(self) -> KeyRing:
        age = self._age()
        if age >= FRESH_SECONDS and self._lock.acquire(blocking=age >= 2 * FRESH_SECONDS):
            try:
                if self._age() >= FRESH_SECONDS:  # nobody has looked while this waited
                    self._look()
            finally:
                self._lock.release()
        return self._ring

    def key(self, name: str) -> bytes:
        """Looks for one that was added since. Raises KeyError where the ring has none of that name."""
        if name not in self._ring.keys:
            with self._lock:
                self._look_for(name)
        return self._ring.keys[name]

    def key_of_caller(self, name: str) -> bytes:
        """The same of a name that anybody may have made up: nobody waits for it, and it is seldom looked for."""
        if name not in self._ring.keys and self._age() >= MISSED_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look_for(name)
            finally:
                self._lock.release()
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

    def _look_for(self, name: str) -> None:
        """Not again for one that was missed just now: storage may hold very many things under a key that is lost."""
        oldest = self._monotonic() - MISSED_SECONDS
        self._missed = {other: when for other, when in self._missed.items() if when > oldest}
        if name in self._ring.keys or name in self._missed or len(self._missed) >= MOST_MISSED:
            return
        self._look()
        if name not in self._ring.keys:
            self._missed[name] = self._monotonic()

    def _look(self) -> None:
        now = self._monotonic()
        try:
            found = self._load()
        except KeyRingError as error:
            log.error("the key ring is used as it was: %s", error)
        else:
            if found.active != self._ring.active:
                log.info("the active key is %s", found.active)
            self._ring, self._seen = found, now
        self._looked = now
