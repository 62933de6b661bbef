"""The rows of the audit trail: chains of entries, each bound to all before it by a MAC.

Table `audit`. PartitionKey "chains": RowKey = a chain's id, `key` the id of the ring's key that its MACs are made with.
PartitionKey = a chain's id: RowKey "head" with `sequence` and `mac` of the last entry, and for each entry

    {sequence, 12 digits}   `entry`, its JSON, and `mac` = HMAC-SHA256(key, mac of the one before | sequence | entry)

A process writes a chain of its own, so no two wait for each other; entries and head change in one transaction. Ids
begin with the moment at which the chain began, so that they ascend, and say for how many days it is kept after its last
one. A chain that is too old goes as a whole.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.store.expiries import Expiries, Expiry
from shared.store.tables import TOKEN, TRANSACTION_ROWS, Insert, Merge, Step, Tables

KIND = "audit"
CHAINS, HEAD = "chains", "head"
AT_ONCE = TRANSACTION_ROWS // 2
ENDS_AFTER = timedelta(days=1)
"""Then a process begins its next chain."""


@dataclass(frozen=True, slots=True)
class Position:
    """An entry of a chain, and with its MAC all before it. Sequence 0: before the first."""

    chain: str
    sequence: int
    mac: str

    def __str__(self) -> str:
        """As anchors write it."""
        return f"{self.chain} {self.sequence} {self.mac}"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    sequence: int
    entry: str
    mac: str


def first(key: bytes, chain: str) -> Position:
    return Position(chain, 0, hmac.new(key, f"begin|{chain}".encode(), hashlib.sha256).hexdigest())


def following(key: bytes, before: Position, entry: str) -> Position:
    told = f"{before.mac}|{before.sequence + 1}|{entry}".encode()
    return replace(before, sequence=before.sequence + 1, mac=hmac.new(key, told, hashlib.sha256).hexdigest())


def began(chain: str) -> datetime:
    """Raises ValueError."""
    return datetime.strptime(chain.partition("-")[0] + "+0000", "%Y%m%dT%H%M%S%z")


def kept(chain: str) -> timedelta:
    """For how long it is, after its last entry. Raises ValueError."""
    _, days, _ = chain.split("-")
    return timedelta(days=int(days))


class AuditChains:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, expiries: Expiries, keep: timedelta, clock: Clock) -> None:
        """`keep`: whole days, how long an entry is kept at least."""
        self._table = tables.table("audit")
        self._expiries = expiries
        self._keep = keep
        self._clock = clock

    def begin(self, key_id: str, key: bytes) -> Position:
        """A new chain, without entries."""
        now = self._clock()
        start = first(key, f"{now:%Y%m%dT%H%M%S}-{self._keep.days}-{secrets.token_hex(4)}")
        self._expiries.announce(KIND, start.chain, now + ENDS_AFTER + self._keep, "")
        self._table.put([{"PartitionKey": CHAINS, "RowKey": start.chain, "key": key_id}])
        self._table.put([_head(start)])
        return start

    def append(self, after: Position, entries: Sequence[str], key: bytes) -> Position:
        """At most AT_ONCE, in one transaction. Where it fails nobody knows whether they were written: then the chain
        must not be gone on with. Raises RowChanged where somebody else wrote it."""
        at, steps = after, list[Step]()
        for entry in entries:
            at = following(key, at, entry)
            row = {"PartitionKey": at.chain, "RowKey": _row_key(at.sequence), "entry": entry, "mac": at.mac}
            steps.append(Insert({**row, TOKEN: secrets.token_hex(8)}))
        self._table.commit([*steps, Merge(_head(at))])
        return at

    def chains(self, since: datetime | None = None) -> dict[str, str]:
        """Chain -> the id of its key: all of them, or those that began at that moment or later."""
        after = f"{since:%Y%m%dT%H%M%S}" if since else ""
        rows = self._table.query("PartitionKey eq @chains and RowKey ge @after", chains=CHAINS, after=after)
        return {row["RowKey"]: row["key"] for row in rows}

    def head(self, chain: str) -> Position | None:
        row = self._table.get(chain, HEAD)
        return Position(chain, row["sequence"], row["mac"]) if row else None

    def entries(self, chain: str) -> Iterator[StoredEntry]:
        rows = self._table.query("PartitionKey eq @chain and RowKey lt @head", chain=chain, head=HEAD)
        return (StoredEntry(int(row["RowKey"]), row["entry"], row["mac"]) for row in rows)

    def partitions(self) -> set[str]:
        """Every chain of which there is a row, whether it was registered or not. Looks through the whole table."""
        rows = self._table.query("PartitionKey ge @first", ("PartitionKey",), first="")
        return {row["PartitionKey"] for row in rows} - {CHAINS}

    def is_kept(self, chain: str) -> bool:
        """Whether it has to be there. Raises ValueError."""
        return self._clock() < began(chain) + ENDS_AFTER + kept(chain)

    def erase(self, expiry: Expiry) -> None:
        """A chain whose time is over; its registration goes last."""
        keys = [row["RowKey"] for row in self._table.query("PartitionKey eq @chain", ("RowKey",), chain=expiry.key)]
        self._table.delete_many(expiry.key, keys)
        self._table.delete(CHAINS, [expiry.key])


def _head(at: Position) -> dict[str, str | int]:
    return {"PartitionKey": at.chain, "RowKey": HEAD, "sequence": at.sequence, "mac": at.mac}


def _row_key(sequence: int) -> str:
    return f"{sequence:012d}"
