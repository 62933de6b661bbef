"""What collections there are: one row for each, by kind and id, with the state that changes as a whole.

Table `catalogue`: PartitionKey = the kind ("persongroups"), RowKey = the collection's id. `gallery` names the partition
of the table `galleries` that holds its persons and faces, in a dynamic group `group` that of `memberships` which holds
its members: a new one for each collection that is made, so that removing this row makes all of a collection unreachable
at once, and its id free. That name is made from what never changes of the row, so that no other row can lead there, and
a row that was altered leads nowhere. The row "!count" counts a kind's collections, and in `granted` the members that
they may have together: the sum of what each has in its own `granted`, changed with it in one transaction.
"""

import hashlib
import json
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.store.ids import GalleryId
from shared.store.retries import LimitReached, persistently
from shared.store.row_seals import RowAltered
from shared.store.tables import ETAG, KEYS, TOKEN, Delete, Insert, Merge, RowChanged, Step, Tables

log = logging.getLogger("ownface.store")

COUNT = "!count"  # sorts before every id: they are made of a-z, 0-9, - and _
GRANTED = "granted"  # in an entry: how many members it may have by now in each shard; of the kind: the sum
FIXED = (TOKEN, "recognitionModel", "recogniser", "shards")
PLACES = GALLERY, GROUP = "gallery", "group"
Columns = Mapping[str, Any]


class EntryExists(Exception):
    """The id is taken."""


class EntryGone(Exception):
    """That incarnation of a collection is not there any more."""


def place_of(kind: str, key: str, columns: Columns) -> str:
    """The GUID that names what belongs to an entry with these columns, among them a TOKEN."""
    told = json.dumps([kind, key, *(columns.get(name) for name in FIXED)])
    return str(uuid.UUID(bytes=hashlib.sha256(told.encode()).digest()[:16]))


class Catalogue:
    """Every method raises StoreUnavailable, all that write but merge WriteConflict too."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("catalogue")

    def find(self, kind: str, key: str) -> dict[str, Any] | None:
        """Raises RowAltered."""
        row = self._table.get(kind, key)
        if row and not _is_whole(row):
            raise RowAltered("an entry of the catalogue was altered in storage")
        return row

    def count(self, kind: str) -> int:
        row = self._table.get(kind, COUNT)
        return row["count"] if row else 0

    def list(self, kind: str, start: str, top: int | None) -> Iterator[dict[str, Any]]:
        """Those after `start`, ascending by id; an altered one is not among them."""
        after = max(start, COUNT)
        condition = "PartitionKey eq @kind and RowKey gt @after"
        return filter(_is_whole, self._table.query(condition, limit=top, kind=kind, after=after))

    def place(self, kind: str, key: str) -> str:
        """Where an altered entry led before, so far as what it says of itself is what it said then."""
        return place_of(kind, key, self._table.get(kind, key) or {})

    def leads_to(self, kind: str, key: str, place: str) -> bool:
        """Whether an entry does, or did before it was altered."""
        row = self._table.get(kind, key)
        return row is not None and _leads_to(row, place)

    def galleries(self) -> Iterator[GalleryId]:
        """Those of all kinds, the directory's too."""
        for row in self._table.query("PartitionKey ge @first", ("gallery",), first=""):
            if "gallery" in row:
                yield GalleryId(row["gallery"])

    def insert(self, kind: str, key: str, columns: Columns, limit: int) -> None:
        """`columns` holds a TOKEN, and what `place_of` makes of them. Raises EntryExists, LimitReached."""

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

    def remove(self, kind: str, key: str, place: str) -> None:
        """Remove the entry that leads to this place; none is there afterwards, whoever removed it."""

        def remove() -> None:
            found = self._table.get(kind, key, (*KEYS, *FIXED, *PLACES, GRANTED))
            if found and _leads_to(found, place):
                _, counted = self._count(kind, -1, -sum(granted(found)))
                self._table.commit([counted, Delete(kind, key, found[ETAG])])

        persistently(remove)

    def grant(
        self, kind: str, key: str, place: str, members: Sequence[int], more: Sequence[int], limit: int
    ) -> tuple[int, ...]:
        """Let the collection at that place, which has `members` in its shards, have up to `more` in each of them
        beside what it has or may have: how many it may have now. Raises LimitReached where all of the kind together
        would pass `limit`, EntryGone."""

        def grant() -> tuple[int, ...]:
            row, total = self._grants(kind, key, place)
            before = granted(row, len(members))
            held = tuple(map(max, before, members))
            room = limit - total.get(GRANTED, 0) - (sum(held) - sum(before))
            if room < 1:
                raise LimitReached
            after = []
            for has, wants in zip(held, more, strict=True):
                after.append(has + min(wants, room))
                room -= min(wants, room)
            self._commit_grant(row, total, after)
            return tuple(after)

        return persistently(grant)

    def take_back(self, kind: str, key: str, place: str, keep: Sequence[int]) -> None:
        """Let the collection at that place have no more than `keep` in its shards. Raises EntryGone."""

        def take_back() -> None:
            row, total = self._grants(kind, key, place)
            before = granted(row, len(keep))
            after = tuple(map(min, before, keep))
            if after != before:
                self._commit_grant(row, total, after)

        persistently(take_back)

    def _grants(self, kind: str, key: str, place: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """A collection's row and the kind's."""
        row, total = self._table.get(kind, key, (*KEYS, *PLACES, GRANTED)), self._table.get(kind, COUNT)
        if not row or not total or place not in _places(row):
            raise EntryGone
        return row, total

    def _commit_grant(self, row: Columns, total: Columns, after: Sequence[int]) -> None:
        together = total.get(GRANTED, 0) + sum(after) - sum(granted(row))
        changes = ((row, ",".join(map(str, after))), (total, together))
        self._table.commit([Merge({**{k: of[k] for k in KEYS}, GRANTED: value}, of[ETAG]) for of, value in changes])

    def _count(self, kind: str, change: int, room: int = 0) -> tuple[int, Step]:
        """The new count, and the step that writes it, and what is granted with it."""
        key, row = {"PartitionKey": kind, "RowKey": COUNT}, self._table.get(kind, COUNT)
        if row is None:
            return change, Insert({**key, "count": change})
        count = row["count"] + change
        return count, Merge({**key, "count": count, GRANTED: row.get(GRANTED, 0) + room}, row[ETAG])


def _is_whole(row: Columns) -> bool:
    """What is not is logged."""
    if _places(row) == {_made_place(row)}:
        return True
    log.error("an entry of the catalogue was altered: %s|%s", *(row[name] for name in KEYS))
    return False


def _leads_to(row: Columns, place: str) -> bool:
    return place in {*_places(row), _made_place(row)}


def _made_place(row: Columns) -> str:
    kind, key = (row[name] for name in KEYS)
    return place_of(kind, key, row)


def _places(row: Columns) -> set[str]:
    return {row[name] for name in PLACES if row.get(name)}


def granted(row: Columns, shards: int = 0) -> tuple[int, ...]:
    """How many members a collection may have by now in each of its shards."""
    return tuple(map(int, row[GRANTED].split(","))) if GRANTED in row else (0,) * shards
