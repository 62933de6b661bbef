"""The heads of a gallery's shards (gallery_log.py): which has room, the step that moves one, and how those that were
lost, altered or put back are made anew out of what is there.

For that the members are counted after the heads were read, and each is replaced in that version only: who comes or goes
moves it. And only where the manifest is there: without it, the gallery is being erased. A new head is far ahead of the
one it replaces, so that no process takes what it has read under that for what comes after this.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from shared.store.cipher import Cipher, KeyUnknown
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
from shared.store.retries import LimitReached, WriteConflict, persistently
from shared.store.row_seals import RowAltered, is_whole
from shared.store.tables import ETAG, Insert, Merge, StoreUnavailable, Tables

MOST = 1 << 30  # no shard has come that far
AHEAD = 1 << 16


class Heads:
    """Every method raises StoreUnavailable, also where a head that it needs is missing or was altered."""

    def __init__(self, tables: Tables, cipher: Cipher, damaged: Callable[[GalleryId], None]) -> None:
        """`damaged`: told of a gallery with such a head, which a compaction then mends."""
        self._table = tables.table("galleries")
        self._cipher = cipher
        self._damaged = damaged

    def all(self, gallery: GalleryId) -> list[Head]:
        """None where the gallery is gone."""
        return [self._opened(gallery, row) for row in self._rows(gallery, HEADS, ())]

    def of(self, gallery: GalleryId, shard: str) -> Head | None:
        """None where the gallery is gone."""
        row = self._table.get(gallery, head_key(shard))
        if row:
            return self._opened(gallery, row)
        if self._has_manifest(gallery):
            self._damaged(gallery)
            raise StoreUnavailable("a head of a gallery is missing")
        return None

    def with_room(self, gallery: GalleryRef, rooms: Sequence[int]) -> Head | None:
        """Of any shard that has room: each has its own, so the limit holds whoever else writes. None where the gallery
        is gone. Raises LimitReached."""
        guess = random.choices(range(gallery.shards), [room > 0 for room in rooms])[0] if any(rooms) else 0  # noqa: S311 spreads writers, hides nothing
        head = self.of(gallery.key, SHARDS[guess])
        if head is None or head.members < rooms[guess]:
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
        """Afterwards each shard has a head that opens and is not from before what is folded or has an event. `doubted`:
        all are made anew, since one was put back."""
        if not self._cipher.is_current:
            raise StoreUnavailable("while the key ring cannot be read, nothing is called damaged")
        try:
            persistently(partial(self._mend, gallery, folded, doubted))
        except WriteConflict:
            raise StoreUnavailable("others keep changing a gallery whose heads are to be mended") from None

    def _mend(self, gallery: GalleryId, folded: Mapping[str, int], doubted: bool) -> None:
        rows = {row["RowKey"].removeprefix(HEADS): row for row in self._rows(gallery, HEADS, ())}
        reached = {shard: max(folded.get(shard, 0), last) for shard, last in self._last_events(gallery).items()}
        reached = {**folded, **reached}
        shards = SHARDS[:1] if rows.keys() | reached.keys() <= {SHARDS[0]} else SHARDS
        bad = [shard for shard in shards if doubted or not self._is_good(rows.get(shard), reached.get(shard, 0))]
        members = self._members(gallery, len(shards)) if bad else Counter[str]()
        for shard in bad:
            if not self._has_manifest(gallery):
                return
            row = rows.get(shard)
            sequence = max(reached.get(shard, 0), _claimed(row))
            if doubted or row is None or not self._is_foreign(row):
                sequence += AHEAD
            new = head_row(self._cipher, gallery, shard, sequence, members[shard])
            step = Merge(new, row[ETAG]) if row else Insert(new)
            self._table.commit([step, Merge({"PartitionKey": gallery, "RowKey": MANIFEST})])

    def _is_good(self, row: Mapping[str, Any] | None, reached: int) -> bool:
        return row is not None and is_sealed(self._cipher, row) and row["sequence"] >= reached

    def _is_foreign(self, row: Mapping[str, Any]) -> bool:
        """Whether its key is unknown here: others, who have it, go on from it."""
        try:
            is_whole(self._cipher, row)
        except KeyUnknown:
            return True
        return False

    def _last_events(self, gallery: GalleryId) -> dict[str, int]:
        """Of each shard that has some. Those of numbers that no shard has come to are none of ours, and go."""
        last, planted = dict[str, int](), list[str]()
        for row in self._rows(gallery, "e|"):
            _, shard, number = row["RowKey"].split("|")
            if int(number, 16) < MOST:
                last[shard] = max(last.get(shard, 0), int(number, 16))
            else:
                planted.append(row["RowKey"])
        self._table.delete_many(gallery, planted)
        return last

    def _members(self, gallery: GalleryId, shards: int) -> Counter[str]:
        """Persons, or faces of a list, of each shard."""
        keys = (str(row["RowKey"]) for prefix in ("p|", "f||") for row in self._rows(gallery, prefix))
        return Counter(key.rpartition("|")[2][0] if shards > 1 else SHARDS[0] for key in keys)

    def _opened(self, gallery: GalleryId, row: Mapping[str, Any]) -> Head:
        try:
            return read_head(self._cipher, row)
        except RowAltered:
            self._damaged(gallery)
            raise

    def _has_manifest(self, gallery: GalleryId) -> bool:
        return self._table.get(gallery, MANIFEST, ("RowKey",)) is not None

    def _rows(self, gallery: GalleryId, prefix: str, select: Sequence[str] = ("RowKey",)) -> Iterator[dict[str, Any]]:
        return self._table.between(gallery, prefix, f"{prefix}~", select)


def _claimed(row: Mapping[str, Any] | None) -> int:
    """What an altered head says: no lower than what other processes may have read, if it is the truth."""
    sequence = row.get("sequence") if row else None
    return sequence if isinstance(sequence, int) and 0 <= sequence < MOST else 0
