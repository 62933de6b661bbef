"""The audit trail: what was done to whose data, by ids only, so that a change of it shows (audit_chains.py).

An entry is written before its call is answered. Calls of a process that come together share a transaction: whoever gets
to write writes for all who wait. A chain that could not be written to is left as it is, and another one begun.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from shared.clock import Clock, to_text
from shared.store.audit_chains import AT_ONCE, ENDS_AFTER, AuditChains, Position, began
from shared.store.derived import derived
from shared.store.live_ring import LiveRing
from shared.store.tables import RowChanged, StoreUnavailable

log = logging.getLogger("ownface.audit")

PURPOSE = b"ownface audit trail, HMAC-SHA256"
ENROL, MATCH, DELETE, EXPORT, RESTRICT, TERMS, KEYS, ANCHOR = (
    "enrol",
    "match",
    "delete",
    "export",
    "restrict",
    "terms",
    "keys",
    "anchor",
)
DELETING, RESTRICTING = "deleting", "restricting"
"""What is about to be done, noted before it is: so that nothing is gone or changed, whatever became of its call, of
which the trail does not speak."""
HEADS_PER_ENTRY = 200
TRIES = 2
ACTIVE = ENDS_AFTER + timedelta(hours=2)  # a chain that began longer ago has ended, and stands in an earlier anchor


@dataclass(frozen=True, slots=True)
class Event:
    """`operation`: what was called. `request`: the id that its answer had. `caller`: an id of who called, empty
    where the service acts by itself. `ids`: of what, by what they are; never anything else."""

    kind: str
    operation: str
    ids: Mapping[str, Sequence[str]]
    request: str = ""
    caller: str = ""


@dataclass(slots=True)
class _Waiting:
    entry: str
    done: bool = False
    failed: bool = False


@dataclass(slots=True)
class _Chain:
    """Where this process is in its chain, and the key of that."""

    at: Position
    key_id: str
    key: bytes = field(repr=False)


def audit_key(ring: LiveRing, key_id: str) -> bytes:
    """Raises KeyError."""
    return derived(ring.key(key_id), PURPOSE)


class AuditTrail:
    """Safe to use from several threads. Every method raises StoreUnavailable."""

    def __init__(self, chains: AuditChains, ring: LiveRing, matches: bool, clock: Clock) -> None:
        """`matches`: whether comparisons are noted too."""
        self._chains = chains
        self._ring = ring
        self._matches = matches
        self._clock = clock
        self._queue: list[_Waiting] = []
        self._turn, self._is_writing = threading.Condition(), False
        self._chain: _Chain | None = None

    def notes(self, kind: str) -> bool:
        return self._matches or kind != MATCH

    def note(self, event: Event) -> None:
        """Stored when it returns."""
        if not self.notes(event.kind):
            return
        mine = _Waiting(self._text(event))
        with self._turn:
            self._queue.append(mine)
        while not mine.done:
            self._wait_or_write(mine)
        if mine.failed:
            raise StoreUnavailable("the audit trail cannot be written")

    def anchor(self) -> Position:
        """Notes how far every chain is. What it answers, kept elsewhere, shows whether anything noted by now is changed
        or taken away later."""
        heads = [head for chain in self._chains.chains(self._clock() - ACTIVE) if (head := self._chains.head(chain))]
        for start in range(0, max(len(heads), 1), HEADS_PER_ENTRY):
            some = heads[start : start + HEADS_PER_ENTRY]
            self.note(Event(ANCHOR, "anchor", {"heads": list(map(str, some))}))
        with self._turn:
            self._turn.wait_for(lambda: not self._is_writing)
            if self._chain is None:  # given up by another call since
                raise StoreUnavailable("the audit trail cannot be written")
            at = self._chain.at
        log.info("audit anchor %s", at)
        return at

    def _wait_or_write(self, mine: _Waiting) -> None:
        """While somebody writes, others gather; then one of them writes for all."""
        with self._turn:
            self._turn.wait_for(lambda: mine.done or not self._is_writing)
            if mine.done:
                return
            some, self._queue = self._queue[:AT_ONCE], self._queue[AT_ONCE:]
            self._is_writing = True
        failed = True
        try:
            failed = not self._write([one.entry for one in some])
        finally:
            with self._turn:
                for one in some:
                    one.done, one.failed = True, failed
                self._is_writing = False
                self._turn.notify_all()

    def _write(self, entries: Sequence[str]) -> bool:
        """In one transaction. False where that failed, after which nobody knows whether they are there."""
        for _ in range(TRIES):
            try:
                chain = self._current()
                chain.at = self._chains.append(chain.at, entries, chain.key)
            except (StoreUnavailable, RowChanged) as error:
                log.error("an audit chain is given up: %s", type(error).__name__)
                self._chain = None
                if isinstance(error, RowChanged):  # the chain is not as this process has left it: nothing was written
                    continue
                return False
            return True
        return False

    def _current(self) -> _Chain:
        """The chain to go on with; another one where the day is over or another key has become the active one."""
        chain, ring = self._chain, self._ring.now()
        if chain is None or chain.key_id != ring.active or self._clock() - began(chain.at.chain) >= ENDS_AFTER:
            key = derived(ring.keys[ring.active], PURPOSE)
            chain = _Chain(self._chains.begin(ring.active, key), ring.active, key)
            keys = Event(KEYS, "begin", {"keys": sorted(ring.keys), "active": [ring.active]})
            chain.at = self._chains.append(chain.at, [self._text(keys)], key)
            self._chain = chain
        return chain

    def _text(self, event: Event) -> str:
        told = {
            "at": to_text(self._clock()),
            "kind": event.kind,
            "operation": event.operation,
            "request": event.request,
            "caller": event.caller,
            "ids": {name: list(ids) for name, ids in event.ids.items()},
        }
        return msgspec.json.encode(told).decode()
