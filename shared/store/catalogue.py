"""What collections there are: one row for each, by kind and id, with the state that changes as a whole.

Table `catalogue`: PartitionKey = the kind ("persongroups"), RowKey = the collection's id. `gallery` names the partition
of the table `galleries` that holds its persons and faces: a new one for each collection that is made, so that removing
this row makes all of a collection unreachable at once, and its id free. The row "!count" counts a kind's collections.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.store.retries import LimitReached, persistently
from shared.store.tables import ETAG, TOKEN, Delete, Insert, Merge, RowChanged, Step, Tables

COUNT = "!count"  # sorts before every id: they are made of a-z, 0-9, - and _
Columns = Mapping[str, Any]


class EntryExists(Exception):
    """The id is taken."""


class Catalogue:
    """Every method raises StoreUnavailable, insert and remove WriteConflict too."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("catalogue")

    def find(self, kind: str, key: str) -> dict[str, Any] | None:
        return self._table.get(kind, key)

    def count(self, kind: str) -> int:
        row = self._table.get(kind, COUNT)
        return row["count"] if row else 0

    def list(self, kind: str, start: str, top: int | None) -> Iterator[dict[str, Any]]:
        """Those after `start`, ascending by id."""
        after = max(start, COUNT)
        return self._table.query("PartitionKey eq @kind and RowKey gt @after", limit=top, kind=kind, after=after)

    def insert(self, kind: str, key: str, columns: Columns, limit: int) -> None:
        """`columns` holds a TOKEN. Raises EntryExists, LimitReached."""

        def steps() -> list[Step]:
            count, counted = self._count(kind, 1)  # read first: who came between the two is seen as being there
            if self._table.get(kind, key, (TOKEN,)):
                raise EntryExists
            if count > limit:
                raise LimitReached
            return [Insert({"PartitionKey": kind, "RowKey": key, **columns}), counted]

        persistently(lambda: self._table.commit(steps()))

    def merge(self, kind: str, key: str, columns: Columns, etag: str = "") -> bool:
        """False where the entry is gone or, with an etag, no longer in that version."""
        try:
            self._table.merge({"PartitionKey": kind, "RowKey": key, **columns}, etag)
        except RowChanged:  # or it was written, and the answer lost
            found = self._table.get(kind, key) if etag else None
            return found is not None and all(found.get(name) == value for name, value in columns.items())
        return True

    def remove(self, kind: str, key: str, token: str) -> None:
        """Remove that incarnation of an entry; none is there afterwards, whoever removed it."""

        def remove() -> None:
            found = self._table.get(kind, key, (TOKEN,))
            if found and found[TOKEN] == token:
                _, counted = self._count(kind, -1)
                self._table.commit([counted, Delete(kind, key, found[ETAG])])

        persistently(remove)

    def _count(self, kind: str, change: int) -> tuple[int, Step]:
        """The new count, and the step that writes it."""
        row = self._table.get(kind, COUNT)
        if row is None:
            return change, Insert({"PartitionKey": kind, "RowKey": COUNT, "count": change})
        count = row["count"] + change
        return count, Merge({"PartitionKey": kind, "RowKey": COUNT, "count": count}, row[ETAG])
