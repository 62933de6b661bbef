"""Whose records are where: for each subject, as callers refer to them, the records that were made with that reference.

Table `subjects`: PartitionKey = the reference, RowKey = where the record is: {galleryId}|{record} (terms.py), or
sessions|{kind}|{sessionId}. `of`: the collection, as the catalogue has it ("persongroups|id"). A row is written before
its record, and goes after it; what a process that died has left is found by looking whether the record is there, which
is announced beforehand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock, from_text, to_text
from shared.store.expiries import Expiries
from shared.store.tables import ETAG, Delete, RowChanged, Tables

KIND = "subjects"
"""The kind of expiry that announces a subject some of whose records may not be there."""

WRITTEN_WITHIN = timedelta(minutes=10)
"""A record that is not there by then has not come to be; half of it is the time that its writer has."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is, or was to be. `holder`: its gallery, or "sessions"."""

    holder: str
    record: str
    of: str
    written: datetime
    etag: str

    @property
    def key(self) -> str:
        return f"{self.holder}|{self.record}"


class Subjects:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, expiries: Expiries, clock: Clock) -> None:
        self._table = tables.table("subjects")
        self._expiries = expiries
        self._clock = clock

    def enter(self, subject: str, holder: str, record: str, of: str) -> None:
        """Before the record is written, or given to that subject."""
        now = self._clock()
        self._expiries.announce_work(KIND, subject, now + WRITTEN_WITHIN)
        key = f"{holder}|{record}"
        self._table.put([{"PartitionKey": subject, "RowKey": key, "of": of, "written": to_text(now)}])

    def leaving(self, subject: str) -> None:
        """Before one of the subject's records is removed, or given to another."""
        self._expiries.announce_work(KIND, subject, self._clock())

    def look_again(self, subject: str, after: timedelta) -> None:
        """For a record that will be gone then."""
        self._expiries.announce_work(KIND, subject, self._clock() + after)

    def leave(self, subject: str, holder: str, record: str) -> None:
        """After the record was removed."""
        self._table.delete(subject, [f"{holder}|{record}"])

    def places(self, subject: str) -> list[Place]:
        return [
            Place(holder, record, row["of"], from_text(row["written"]), row[ETAG])
            for row in self._table.query("PartitionKey eq @subject", subject=subject)
            for holder, record in [row["RowKey"].split("|", 1)]
        ]

    def of(self, holder: str, record: str) -> list[str]:
        """Those who refer to a record whose own row does not tell any more. Looks through the whole table."""
        return [row["PartitionKey"] for row in self._table.query("RowKey eq @key", key=f"{holder}|{record}")]

    def drop(self, subject: str, place: Place) -> None:
        """Unless somebody has entered it again since it was read, or is about to write the record."""
        if self._clock() - place.written >= WRITTEN_WITHIN:
            try:
                self._table.commit([Delete(subject, place.key, place.etag)])
            except RowChanged:
                return
