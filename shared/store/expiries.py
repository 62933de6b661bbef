"""The index of what expires when, and of what work is to be looked after: one row per thing, in the partition of the
minute after which it is due.

Table `expiries`: PartitionKey = that minute in UTC (202611230021), for work with a "!" before it; RowKey = kind|key,
`detail` = what the owner of the kind needs to erase it. The row is written before the thing, so nothing can be stored
that no sweep would find. A sweep reads due minutes only: its cost grows with what expired, not with what lives.

Clocks of two hosts may be five minutes apart. So nothing is erased before it is over by every clock; and work, which a
sweep may do too early without harm, is done at once, but again until it was announced long enough ago.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.store.tables import TRANSACTION_ROWS, WRITTEN, Tables

SKEW = timedelta(minutes=5)
PROMPT = timedelta(seconds=60)
"""How long after a minute its work is done at first."""

GRACE = SKEW + PROMPT
"""How long after a minute its partition is swept, and its work is done for the last time. A writer may still be
committing what its row announced: that is bounded well below a minute plus the shortest life of 60 seconds."""

WORK = "!"  # sorts before every digit


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
        return datetime.strptime(self.minute.removeprefix(WORK) + "+0000", "%Y%m%d%H%M%z")


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

    def announce_work(self, kind: str, key: str, when: datetime, detail: str = "") -> None:
        """Must have returned before what makes the work is done. It may be done more than once, also too early."""
        self.announce_each(kind, [key], when, detail)

    def announce_each(self, kind: str, keys: Sequence[str], when: datetime, detail: str = "") -> None:
        """The same of many things."""
        minute = WORK + _minute_after(when)
        rows = [{"PartitionKey": minute, "RowKey": f"{kind}|{key}", "detail": detail} for key in keys]
        for start in range(0, len(rows), TRANSACTION_ROWS):
            self._table.put(rows[start : start + TRANSACTION_ROWS])

    def due(self, now: datetime) -> Iterator[Expiry]:
        """Work that is due, then what expired: each oldest minute first, with its grace."""
        between = "PartitionKey ge @first and PartitionKey le @last"
        yield from map(_expiry, self._table.query(between, first=WORK, last=f"{WORK}{now - PROMPT:%Y%m%d%H%M}"))
        yield from map(_expiry, self._table.query(between, first="0", last=f"{now - GRACE:%Y%m%d%H%M}"))

    def is_over(self, expiry: Expiry, now: datetime) -> bool:
        """Whether it is by every clock: then it can be forgotten once it was dealt with."""
        return expiry.minute.removeprefix(WORK) <= f"{now - GRACE:%Y%m%d%H%M}"

    def coming(self) -> Iterator[Announcement]:
        """All that is announced, oldest minute first."""
        for row in self._table.query("PartitionKey ge @first", first=""):
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
