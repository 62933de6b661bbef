"""The heads of a gallery's shards (gallery_log.py): which has room, the step that moves one, and how those that were
lost, altered or put back are made anew out of what is there.

For that the members are counted after the head was read, which is replaced in that version only: who comes or goes
moves it. And only where the manifest is there: without it, the gallery is being erased.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from shared.store.cipher import Cipher
from shared.store.gallery_log import (
    HEADS,
    MANIFEST,
    SHARDS,
    GalleryRef,
    Head,
    head_key,
    head_row,
    is_sealed,
    read_head,
)
from shared.store.ids import GalleryId
from shared.store.retries import LimitReached, persistently
from shared.store.tables import ETAG, Insert, Merge, Tables

MOST = 1 << 40  # no shard has come that far


class Heads:
    """Every method raises StoreUnavailable, also where a head that it needs was altered, and `mend` WriteConflict."""

    def __init__(self, tables: Tables, cipher: Cipher) -> None:
        self._table = tables.table("galleries")
        self._cipher = cipher

    def all(self, gallery: GalleryId) -> list[Head]:
        """None where the gallery is gone."""
        return [read_head(self._cipher, row) for row in self._rows(gallery, HEADS, ())]

    def with_room(self, gallery: GalleryRef, rooms: Sequence[int]) -> Head | None:
        """Of any shard that has room: each has its own, so the limit holds whoever else writes. None where the gallery
        is gone. Raises LimitReached."""
        guess = random.choices(range(gallery.shards), [room > 0 for room in rooms])[0] if any(rooms) else 0  # noqa: S311 spreads writers, hides nothing
        row = self._table.get(gallery.key, head_key(SHARDS[guess]))
        head = read_head(self._cipher, row) if row else None
        if head and head.members < rooms[guess]:
            return head
        heads = self.all(gallery.key)
        roomy = [head for head in heads if head.members < rooms[SHARDS.index(head.shard)]]
        if heads and not roomy:
            raise LimitReached
        return random.choice(roomy) if heads else None  # noqa: S311 spreads writers, hides nothing

    def moved(self, gallery: GalleryId, head: Head, events: int, members: int) -> Merge:
        """The step that lets a head have so many events, and members, more."""
        sequence, there = head.sequence + events, head.members + members
        return Merge(head_row(self._cipher, gallery, head.shard, sequence, there), head.etag)

    def mend(self, gallery: GalleryId, folded: Mapping[str, int], *, doubted: bool) -> None:
        """Afterwards each shard has a head that opens and is not from before what is folded or has an event; and where
        heads are `doubted`, one that counts its members right."""
        there = {row["RowKey"].removeprefix(HEADS) for row in self._rows(gallery, HEADS)}
        is_one = there | folded.keys() <= {SHARDS[0]}
        for shard in SHARDS[:1] if is_one else SHARDS:
            persistently(partial(self._mend, gallery, shard, folded.get(shard, 0), is_one, doubted))

    def _mend(self, gallery: GalleryId, shard: str, folded: int, is_one: bool, doubted: bool) -> None:
        row = self._table.get(gallery, head_key(shard))
        events = (int(event["RowKey"].rpartition("|")[2], 16) for event in self._rows(gallery, f"e|{shard}|"))
        reached = max((folded, *events))
        is_good = row is not None and is_sealed(self._cipher, row) and row["sequence"] >= reached
        if is_good and not doubted:
            return
        members = self._members(gallery, "" if is_one else shard)
        if is_good and row and row["members"] == members:
            return
        new = head_row(self._cipher, gallery, shard, max(reached, _claimed(row)), members)
        if self._table.get(gallery, MANIFEST, ("RowKey",)):
            step = Merge(new, row[ETAG]) if row else Insert(new)
            self._table.commit([step, Merge({"PartitionKey": gallery, "RowKey": MANIFEST})])

    def _members(self, gallery: GalleryId, shard: str) -> int:
        """Persons, or faces of a list. An empty shard: all of them."""
        persons = sum(1 for _ in self._rows(gallery, f"p|{shard}"))
        faces = (str(row["RowKey"]).rpartition("|")[2] for row in self._rows(gallery, "f||"))
        return persons + sum(face.startswith(shard) for face in faces)

    def _rows(self, gallery: GalleryId, prefix: str, select: Sequence[str] = ("RowKey",)) -> Iterator[dict[str, Any]]:
        condition = "PartitionKey eq @gallery and RowKey ge @first and RowKey le @last"
        return self._table.query(condition, select, gallery=gallery, first=prefix, last=f"{prefix}~")


def _claimed(row: Mapping[str, Any] | None) -> int:
    """What an altered head says: no lower than what other processes may have read, if it is the truth."""
    sequence = row.get("sequence") if row else None
    return sequence if isinstance(sequence, int) and 0 <= sequence < MOST else 0
