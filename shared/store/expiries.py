"""The index of what expires when: one row per thing, in the partition of the minute after which it is due.

Table `expiries`: PartitionKey = that minute in UTC (202611230021), RowKey = kind|key, `detail` = what the owner of
the kind needs to erase it. The row is written before the thing, so nothing can be stored that no sweep would find.
A sweep reads due minutes only: its cost grows with what expired, not with what lives.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.store.tables import WRITTEN, Tables

GRACE = timedelta(seconds=60)
"""How long after a minute its partition is swept. Clocks of two hosts may differ, and a writer may still be
committing what its expiry row announced: both are bounded well below this plus the shortest life of 60 seconds."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """`kind`: what sort of thing expires. `key`: which one. `detail`: its owner's notes, at most 32 Ki characters."""

    minute: str
    kind: str
    key: str
    detail: str

    @property
    def due(self) -> datetime:
        """When what it announces is over. Raises ValueError where somebody else wrote the row."""
        return datetime.strptime(self.minute + "+0000", "%Y%m%d%H%M%z")


@dataclass(frozen=True, slots=True)
class Announcement:
    """`written`: by storage's clock."""

    expiry: Expiry
    written: datetime


class Expiries:
    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("expiries")

    def announce(self, kind: str, key: str, expires: datetime, detail: str) -> None:
        """Must have returned before the thing itself is written."""
        row = {"PartitionKey": _minute_after(expires), "RowKey": f"{kind}|{key}", "detail": detail}
        self._table.put([row])

    def due(self, now: datetime) -> Iterator[Expiry]:
        """What expired before now, less the grace, oldest minute first."""
        rows = self._table.query("PartitionKey le @minute", minute=f"{now - GRACE:%Y%m%d%H%M}")
        return map(_expiry, rows)

    def coming(self) -> Iterator[Announcement]:
        """All that is announced, oldest minute first."""
        for row in self._table.query("PartitionKey ge @first", first="0"):
            yield Announcement(_expiry(row), row[WRITTEN])

    def settle(self, expiries: Sequence[Expiry]) -> None:
        """Forget expiries of one minute, at most TRANSACTION_ROWS, once what they named is gone."""
        if expiries:
            self._table.delete(expiries[0].minute, [f"{expiry.kind}|{expiry.key}" for expiry in expiries])


def _expiry(row: Mapping[str, Any]) -> Expiry:
    kind, _, key = row["RowKey"].partition("|")
    return Expiry(row["PartitionKey"], kind, key, str(row.get("detail", "")))


def _minute_after(moment: datetime) -> str:
    return f"{moment + timedelta(seconds=59, microseconds=999_999):%Y%m%d%H%M}"
