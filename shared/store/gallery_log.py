"""What changed in a gallery, in order: the part of it that search reads.

A gallery is one partition of the table `galleries`, named by its GalleryId. Of its rows, the log has

    e|{shard}|{sequence}   an event: a face was added (with its sealed template) or removed, or a person was
    m                      the manifest: the segments, and for each shard the sequence up to which they hold its events
    n|{shard}              the head of a shard: its last sequence, and how many members (persons, or faces of a list)

and, right before and after the manifest, who has ended and whether who is restricted has changed (terms.py).

A shard is the first hex digit of the owner of a face (its person; in a list the face itself), so all events of one
face are in one shard, in their order. Every change inserts its event and moves the head in one transaction, on
condition that the head has not moved: sequences have no gaps, so a reader knows what it has not seen, without clocks.
Sixteen heads let sixteen writers work at once; what is small enough to be serialised (a FaceList) has one.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.store.cipher import Cipher, KeyUnknown, SealBroken
from shared.store.ids import GalleryId, packed
from shared.store.tables import ETAG, RowChanged, StoreUnavailable, Tables
from shared.store.terms import ENDS, RESTRICTIONS, RESTRICTS, first_that_is_over, record_that_ends

log = logging.getLogger("ownface.store")

SHARDS = "0123456789abcdef"
MANIFEST = "m"
RECORD_BYTES = 20
COLUMN_BYTES = 3000 * RECORD_BYTES
HEADS = "n|"
AFTER_HEADS = "o"  # sorts after every head
FACE_ADDED, FACE_REMOVED, PERSON_REMOVED = "added", "removed", "person"


@dataclass(frozen=True, slots=True)
class GalleryRef:
    """A gallery, and in how many shards its changes are ordered: 1 or 16."""

    key: GalleryId
    shards: int

    def shard(self, owner: str) -> str:
        return owner[0] if self.shards > 1 else SHARDS[0]


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """One sealed blob of `count` faces. `key`: 32 hex digits."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Head:
    shard: str
    sequence: int
    members: int
    etag: str


@dataclass(frozen=True, slots=True)
class State:
    """One reading of manifest and heads. `folded`: shard -> the last sequence that the segments hold. `over`: records
    that have ended and are still stored. `restrictions`: another text whenever others are restricted."""

    segments: tuple[SegmentRef, ...]
    folded: Mapping[str, int]
    heads: Mapping[str, Head]
    etag: str
    over: frozenset[str] = frozenset()
    restrictions: str = ""

    @property
    def members(self) -> int:
        return sum(head.members for head in self.heads.values())


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """`face` and `person`: 16 bytes each, zeros where there is none. `template`: float32 of the space `space`
    ("recognitionModel/recogniser"), where a face was added; None also where its row was tampered with."""

    shard: str
    sequence: int
    kind: str
    face: bytes
    person: bytes
    space: str
    template: NDArray[np.float32] | None


class GalleryLog:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, cipher: Cipher) -> None:
        self._table = tables.table("galleries")
        self._cipher = cipher

    def state(self, gallery: GalleryId, now: datetime | None = None) -> State | None:
        """None where the gallery is gone. `over` is read where `now` is given."""
        condition = "PartitionKey eq @gallery and RowKey ge @first and RowKey lt @last"
        first = first_that_is_over(now) if now else MANIFEST
        rows = {
            row["RowKey"]: row for row in self._table.query(condition, gallery=gallery, first=first, last=AFTER_HEADS)
        }
        manifest = rows.get(MANIFEST)
        if manifest is None:
            return None
        heads = [read_head(row) for key, row in rows.items() if key.startswith(HEADS)]
        return State(
            segments=segment_refs(manifest),
            folded=json.loads(manifest["folded"]),
            heads={head.shard: head for head in heads},
            etag=manifest[ETAG],
            over=frozenset(record_that_ends(key) for key in rows if key.startswith(ENDS)),
            restrictions=rows.get(RESTRICTIONS, {}).get("version", ""),
        )

    def restricted(self, gallery: GalleryId) -> set[str]:
        """Every record that is."""
        condition = "PartitionKey eq @gallery and RowKey gt @first and RowKey lt @last"
        rows = self._table.query(condition, ("RowKey",), gallery=gallery, first=RESTRICTS, last=f"{RESTRICTS}~")
        return {row["RowKey"].removeprefix(RESTRICTS) for row in rows}

    def events(self, gallery: GalleryId, shard: str, after: int, last: int) -> list[Event]:
        """Those of a shard with `after` < sequence <= `last` that are still there, ascending."""
        return list(self._events(gallery, _event_key(shard, after + 1), _event_key(shard, last), None))

    def all_events(self, gallery: GalleryId, limit: int) -> list[Event]:
        """The first of all shards, ascending by shard and sequence."""
        return list(self._events(gallery, "e|", "e|~", limit))

    def fold(
        self, gallery: GalleryId, state: State, segments: tuple[SegmentRef, ...], folded: Mapping[str, int]
    ) -> bool:
        """Replace the manifest that `state` showed. False where another compaction came first, or the gallery went."""
        row = {"PartitionKey": gallery, "RowKey": MANIFEST, **manifest_columns(segments, folded)}
        try:
            self._table.merge(row, state.etag)
        except RowChanged:  # or it was written, and the answer lost
            now = self.state(gallery)
            return now is not None and now.segments == segments and now.folded == folded
        return True

    def drop(self, gallery: GalleryId, events: list[Event]) -> None:
        """Remove events that the segments hold."""
        keys = [_event_key(event.shard, event.sequence) for event in events]
        self._table.delete_many(gallery, keys)

    def _events(self, gallery: GalleryId, first: str, last: str, limit: int | None) -> Iterator[Event]:
        condition = "PartitionKey eq @gallery and RowKey ge @first and RowKey le @last"
        rows = self._table.query(condition, limit=limit, gallery=gallery, first=first, last=last)
        return (self._event(gallery, row) for row in rows)

    def _event(self, gallery: GalleryId, row: Mapping[str, Any]) -> Event:
        _, shard, sequence = row["RowKey"].split("|")
        face, person, space = row.get("face", ""), row.get("person", ""), row.get("space", "")
        template = None
        if row["kind"] == FACE_ADDED:
            template = open_template(self._cipher, row["template"], face_identity(gallery, person, face, space))
        return Event(shard, int(sequence, 16), row["kind"], packed(face), packed(person), space, template)


def face_identity(gallery: GalleryId, owner: str, face: str, space: str) -> str:
    """What a template is sealed to, in its event as in its face row."""
    return f"face|{gallery}|{owner}|{face}|{space}"


def open_template(cipher: Cipher, envelope: bytes, identity: str) -> NDArray[np.float32] | None:
    """None where it does not open: an altered row is no face; that it was altered is for the operator to know.

    Raises StoreUnavailable where this process lacks the key: the face is there, and to go on without it would be a
    wrong answer, or in a compaction the end of it."""
    try:
        return np.frombuffer(cipher.open(envelope, identity), "<f4")
    except KeyUnknown:
        raise StoreUnavailable("a template is sealed under a key that this process does not have") from None
    except SealBroken:
        log.error("a template does not open: %s", identity)
        return None


def event_row(gallery: GalleryId, head: Head, token: str, kind: str, **columns: Any) -> dict[str, Any]:
    """The event after `head`."""
    key = _event_key(head.shard, head.sequence + 1)
    return {"PartitionKey": gallery, "RowKey": key, "token": token, "kind": kind, **columns}


def head_row(gallery: GalleryId, shard: str, sequence: int, members: int) -> dict[str, Any]:
    return {"PartitionKey": gallery, "RowKey": head_key(shard), "sequence": sequence, "members": members}


def head_key(shard: str) -> str:
    return f"{HEADS}{shard}"


def manifest_columns(segments: Sequence[SegmentRef], folded: Mapping[str, int]) -> dict[str, Any]:
    """The references as records of 20 bytes, in as many columns as they need: a column holds 64 KiB, a row 1 MiB."""
    records = b"".join(bytes.fromhex(ref.key) + ref.count.to_bytes(4, "little") for ref in segments)
    parts = [records[start : start + COLUMN_BYTES] for start in range(0, len(records), COLUMN_BYTES)]
    columns = {f"segments{number}": part for number, part in enumerate(parts)}
    return {"count": len(segments), **columns, "folded": json.dumps(dict(folded))}


def segment_refs(manifest: Mapping[str, Any]) -> tuple[SegmentRef, ...]:
    """Columns of an earlier, longer manifest may have stayed behind those that count."""
    length = manifest["count"] * RECORD_BYTES
    columns = range(-(-length // COLUMN_BYTES))
    records = b"".join(manifest[f"segments{number}"] for number in columns)[:length]
    starts = range(0, length, RECORD_BYTES)
    return tuple(
        SegmentRef(records[at : at + 16].hex(), int.from_bytes(records[at + 16 : at + RECORD_BYTES], "little"))
        for at in starts
    )


def read_head(row: Mapping[str, Any]) -> Head:
    return Head(row["RowKey"].partition("|")[2], row["sequence"], row["members"], row[ETAG])


def _event_key(shard: str, sequence: int) -> str:
    return f"e|{shard}|{sequence:012x}"
