"""Erasures that were asked for: what they are about, how far they are, and at last the receipt.

Table `erasures`: PartitionKey = the first two hex digits of the id, RowKey = the id. `what0`, `what1`, ...: JSON of
what is to be erased, in as many columns as it needs. Written before anything is removed, and announced three times: to
be gone on with at once, should its process die, to be checked when no copy can be left, and to be forgotten.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock, from_text, to_text
from shared.store.expiries import Expiries, Expiry
from shared.store.tables import Tables

PROGRESS = "erasures"
"""The kind of expiry that announces an erasure which has to go on."""

RECEIPT = "receipts"
"""The kind of expiry that announces an erasure whose row goes."""

LIFE = timedelta(days=30)
SETTLED_AFTER = timedelta(minutes=21)
"""When nothing can be left: a compaction that had read the gallery before is over after 15 minutes at the latest
(LEFTOVERS_AFTER, more than the host lets a function run), caches let go of what is not asked for after ten, and clocks
may differ by five."""
COLUMN_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class Erasure:
    """`finished`: when nothing was left; then there is a receipt."""

    erasure_id: str
    what: bytes
    created: datetime
    finished: datetime | None
    receipt: str | None


class Erasures:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, expiries: Expiries, clock: Clock) -> None:
        self._table = tables.table("erasures")
        self._expiries = expiries
        self._clock = clock

    def create(self, what: bytes) -> str:
        """The id of a new erasure."""
        key, now = str(uuid.uuid4()), self._clock()
        self._expiries.announce(RECEIPT, key, now + LIFE, "")
        self._expiries.announce_work(PROGRESS, key, now + SETTLED_AFTER)
        self._expiries.announce_work(PROGRESS, key, now)
        parts = {f"what{n}": what[at : at + COLUMN_BYTES] for n, at in enumerate(range(0, len(what), COLUMN_BYTES))}
        row = {"PartitionKey": key[:2], "RowKey": key, "created": to_text(now), "expires": to_text(now + LIFE)}
        self._table.put([{**row, **parts, "parts": len(parts)}])
        return key

    def look_again(self, key: str, after: timedelta) -> None:
        self._expiries.announce_work(PROGRESS, key, self._clock() + after)

    def finish(self, key: str, receipt: str) -> None:
        row = {"PartitionKey": key[:2], "RowKey": key, "finished": to_text(self._clock()), "receipt": receipt}
        self._table.merge(row)

    def find(self, key: str) -> Erasure | None:
        row = self._table.get(key[:2], key)
        if row is None or from_text(row["expires"]) <= self._clock():
            return None
        what = b"".join(row[f"what{number}"] for number in range(row["parts"]))
        finished = from_text(row["finished"]) if row.get("finished") else None
        return Erasure(key, what, from_text(row["created"]), finished, row.get("receipt"))

    def receipts(self) -> Iterator[str]:
        """All that are kept."""
        for row in self._table.query("PartitionKey ge @first", ("receipt",), first=""):
            if row.get("receipt"):
                yield row["receipt"]

    def erase(self, expiry: Expiry) -> None:
        self._table.delete(expiry.key[:2], [expiry.key])
