"""The issuer's public keys, fetched when they are needed and kept.

A token names its key, so callers decide which keys are asked for, and that is bounded: whatever comes, one fetch at a
time, and none for a while after it. A set that was fetched once goes on to count when the issuer is away, but not for
ever: a key that was withdrawn must not.
"""

import json
import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from shared.clock import Clock
from shared.errors import FaceError, ServiceUnavailable

log = logging.getLogger("ownface.access")

FRESH = timedelta(hours=1)
"""After so long the set is fetched anew, though the keys that are known go on to count."""

STALE = timedelta(hours=24)
"""After so long without a new set none of its keys counts any more."""

PAUSE = timedelta(minutes=1)
"""Between a set that came and the next fetch, however many tokens name keys that are not in it."""

RETRY = timedelta(seconds=10)
"""Between a fetch that failed and the next."""

LEAST_BITS = 2048
AWAY = "The keys of the token's issuer cannot be fetched."

NEVER = datetime.min.replace(tzinfo=UTC)
Keys = Mapping[str, RSAPublicKey]


@dataclass(frozen=True, slots=True)
class _Held:
    """`fetched`: when the set came. `tried`: when one was last asked for; not again before `again`."""

    keys: Keys = field(default_factory=dict)
    fetched: datetime = NEVER
    tried: datetime = NEVER
    again: datetime = NEVER
    failed: bool = False

    def due(self, now: datetime) -> bool:
        """Whether a fetch is allowed. A clock that was set back does not put it off."""
        return not self.tried <= now < self.again

    def find(self, name: str, now: datetime) -> RSAPublicKey | None:
        return self.keys.get(name) if now - self.fetched < STALE else None


class SigningKeys:
    def __init__(self, fetch: Callable[[], bytes], clock: Clock) -> None:
        """`fetch`: the issuer's JWK set (RFC 7517). Raises FaceError where there is none to be had."""
        self._fetch = fetch
        self._clock = clock
        self._held = _Held()
        self._fetching = threading.Lock()

    def find(self, name: str) -> RSAPublicKey | None:
        """The key of that `kid`; None where the issuer has none. Raises ServiceUnavailable where that is not known."""
        now, held = self._clock(), self._held
        known = held.find(name, now)
        if known is None or now - held.fetched >= FRESH:
            self._refresh(wait=known is None)
            held = self._held
            known = held.find(name, now)
        if known is None and held.failed:
            seconds = math.ceil((held.again - now).total_seconds())
            raise ServiceUnavailable(f"{ServiceUnavailable.message} {AWAY}", retry_after_seconds=max(seconds, 1))
        return known

    def _refresh(self, wait: bool) -> None:
        """Where that is due; if somebody else is about to, the caller need not `wait` for it."""
        if not self._fetching.acquire(blocking=wait):
            return
        try:
            now = self._clock()  # after the wait: before it, the fetch of somebody else would lie in the future
            if self._held.due(now):
                self._held = self._fetched(now)
        finally:
            self._fetching.release()

    def _fetched(self, now: datetime) -> _Held:
        try:
            return _Held(read(self._fetch()), fetched=now, tried=now, again=now + PAUSE)
        except (FaceError, ValueError, RecursionError):
            log.warning("the keys of the tokens' issuer could not be fetched")
            before = self._held
            return _Held(before.keys, before.fetched, tried=now, again=now + RETRY, failed=True)


def read(document: bytes) -> Keys:
    """The keys of a JWK set that verify signatures, by their ids. Raises ValueError where there is none."""
    found = json.loads(document)
    entries = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise ValueError
    usable = {entry["kid"]: key for entry in entries if (key := _key(entry)) is not None}
    if not usable:
        raise ValueError
    return usable


def _key(entry: Any) -> RSAPublicKey | None:
    """None for what is no RSA key that verifies signatures, or a weak one, or a private one."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
        return None
    try:
        key = RSAAlgorithm.from_jwk(entry)  # which refuses other kinds of key
    except (InvalidKeyError, ValueError, TypeError, AttributeError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS else None
