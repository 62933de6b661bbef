"""Long-running operations, as callers poll them. Table `operations`: PartitionKey = the first two hex digits of the
operation's id, RowKey = the id. They expire like faceIds: announced before they are written, absent once expired."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock, from_text, to_text
from shared.store.expiries import Expiries, Expiry
from shared.store.tables import ETAG, RowChanged, Tables

KIND = "operations"
LIFE = timedelta(hours=48)
ENDED = frozenset({"succeeded", "failed"})


@dataclass(frozen=True, slots=True)
class Operation:
    """`status`: notStarted, running, succeeded or failed. `finished`: when it got to one of the last two."""

    operation_id: str
    status: str
    created: datetime
    last_action: datetime
    finished: datetime | None
    message: str | None


class Operations:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, expiries: Expiries, clock: Clock) -> None:
        self._table = tables.table("operations")
        self._expiries = expiries
        self._clock = clock

    def create(self, status: str) -> str:
        """The id of a new operation."""
        key, now = str(uuid.uuid4()), self._clock()
        self._expiries.announce(KIND, key, now + LIFE, "")
        row = {"PartitionKey": key[:2], "RowKey": key, "created": to_text(now), "expires": to_text(now + LIFE)}
        self._table.put([{**row, "status": status, "moved": to_text(now)}])
        return key

    def move(self, key: str, status: str, message: str = "") -> None:
        """One that has ended is left alone, since a message may come twice, and one that has expired meanwhile."""
        row = {"PartitionKey": key[:2], "RowKey": key, "status": status, "moved": to_text(self._clock())}
        found = self._table.get(key[:2], key, ("status",))
        if found and found["status"] not in ENDED:
            with suppress(RowChanged):  # it has just expired, or who had the message before has just moved it
                self._table.merge({**row, "message": message}, found[ETAG])

    def find(self, key: str) -> Operation | None:
        row = self._table.get(key[:2], key)
        if row is None or from_text(row["expires"]) <= self._clock():
            return None
        moved = from_text(row["moved"])
        finished = moved if row["status"] in ENDED else None
        return Operation(key, row["status"], from_text(row["created"]), moved, finished, row.get("message") or None)

    def erase(self, expiry: Expiry) -> None:
        self._table.delete(expiry.key[:2], [expiry.key])
