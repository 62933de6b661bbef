"""What changed in a gallery, in order: the part of it that search reads.

A gallery is one partition of the table `galleries`, named by its GalleryId. Of its rows, the log has

    e|{shard}|{sequence}   an event: a face was added (with its sealed template) or removed, or a person was
    m                      the manifest: the segments, and for each shard the sequence up to which they hold its events
    n|{shard}              the head of a shard: its last sequence, and how many members (persons, or faces of a list)

All of them are sealed: one that was altered, moved or made by somebody else is as good as missing.

and, right before and after the manifest, who has ended and whether who is restricted has changed (terms.py).

A shard is the first hex digit of the owner of a face (its person; in a list the face itself), so all events of one
face are in one shard, in their order. Every change inserts its event and moves the head in one transaction, on
condition that the head has not moved: sequences have no gaps, so a reader knows what it has not seen, without clocks.
Sixteen heads let sixteen writers work at once; what is small enough to be serialised (a FaceList) has one.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.store.cipher import Cipher, KeyUnknown, SealBroken
from shared.store.ids import GalleryId, packed
from shared.store.manifests import Manifest, SegmentRef, manifest_row, open_manifest
from shared.store.row_seals import check, is_whole, sealed_row
from shared.store.tables import ETAG, RowChanged, Tables
from shared.store.terms import ENDS, RESTRICTIONS, RESTRICTS, first_that_is_over, record_that_ends

log = logging.getLogger("ownface.store")

SHARDS = "0123456789abcdef"
MANIFEST = "m"
HEADS = "n|"
NOTHING = bytes(16)
OPENED_AT_ONCE = 512
AFTER_HEADS = "o"  # sorts after every head
FACE_ADDED, FACE_REMOVED, PERSON_REMOVED, BROKEN = "added", "removed", "person", "broken"


@dataclass(frozen=True, slots=True)
class GalleryRef:
    """A gallery, and in how many shards its changes are ordered: 1 or 16."""

    key: GalleryId
    shards: int

    def shard(self, owner: str) -> str:
        return owner[0] if self.shards > 1 else SHARDS[0]


@dataclass(frozen=True, slots=True)
class Head:
    shard: str
    sequence: int
    members: int
    etag: str


@dataclass(frozen=True, slots=True)
class State:
    """One reading of manifest and heads, of those that are as they were written. `folded`: shard -> the last sequence
    that the segments hold; every shard is in it. `over`: records that have ended and are still stored. `restrictions`:
    another text whenever others are restricted. `sealed_under`: the id of the manifest's key, empty where that was
    altered."""

    segments: tuple[SegmentRef, ...]
    folded: Mapping[str, int]
    heads: Mapping[str, Head]
    etag: str
    over: frozenset[str] = frozenset()
    restrictions: str = ""
    sealed_under: str = ""

    @property
    def members(self) -> int:
        return sum(head.members for head in self.heads.values())

    @property
    def is_damaged(self) -> bool:
        """Whether the manifest was altered, or a head is missing, altered, or from before what is folded: changes of
        its shard would not be seen."""
        lost = (shard not in self.heads or self.heads[shard].sequence < last for shard, last in self.folded.items())
        return not self.sealed_under or any(lost)


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """`kind`: BROKEN where its row was tampered with: then nothing else of it counts. `face` and `person`: 16 bytes
    each, zeros where there is none. `template`: float32 of the space `space` ("recognitionModel/recogniser"), where a
    face was added."""

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
        found = open_manifest(self._cipher, manifest)
        heads = [_head(row) for key, row in rows.items() if key.startswith(HEADS) and is_sealed(self._cipher, row)]
        return State(
            segments=found.segments,
            folded=found.folded,
            heads={head.shard: head for head in heads},
            etag=manifest[ETAG],
            over=frozenset(record_that_ends(key) for key in rows if key.startswith(ENDS)),
            sealed_under=found.sealed_under,
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
        row = manifest_row(self._cipher, gallery, MANIFEST, Manifest(segments, folded))
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
        rows = self._table.between(gallery, first, last, limit=limit)
        while some := list(islice(rows, OPENED_AT_ONCE)):
            opened = self._cipher.open_each((_seal_of(row), _event_identity(row)) for row in some if _is_added(row))
            added = iter(opened)
            for row in some:
                yield self._event(row, next(added) if _is_added(row) else None)

    def _event(self, row: Mapping[str, Any], opened: NDArray[np.float32] | Exception | None) -> Event:
        """`opened`: what its seal held, of one that added a face."""
        _, shard, sequence = row["RowKey"].split("|")
        template = opened if isinstance(opened, np.ndarray) else None
        if template is None and (opened is not None or not self._is_sealed(row)):
            log.error("an event does not open: %s", _event_identity(row))
            return Event(shard, int(sequence, 16), BROKEN, NOTHING, NOTHING, "", None)
        face, person, space = row.get("face", ""), row.get("person", ""), row.get("space", "")
        return Event(shard, int(sequence, 16), row["kind"], packed(face), packed(person), space, template)

    def _is_sealed(self, row: Mapping[str, Any]) -> bool:
        """Whether an event without a template is as it was written."""
        try:
            self._cipher.open(_seal_of(row), _event_identity(row))
        except (SealBroken, KeyUnknown):  # also where only the name of its key was altered: the rows tell what it was
            return False
        return True


def face_identity(gallery: GalleryId, owner: str, face: str, space: str) -> str:
    """What the template in a face row is sealed to."""
    return f"face|{gallery}|{owner}|{face}|{space}"


def identity_of(row: Mapping[str, Any]) -> str:
    """The same, of a row that is there."""
    _, owner, _, face = row["RowKey"].split("|")
    return face_identity(row["PartitionKey"], owner, face, row.get("space", ""))


def open_template(cipher: Cipher, envelope: bytes, identity: str) -> NDArray[np.float32] | None:
    """None where it does not open: an altered row is no face; that it was altered is for the operator to know.
    Raises KeyUnknown."""
    (template,) = open_templates(cipher, [(envelope, identity)])
    return template


def open_templates(cipher: Cipher, sealed: Iterable[tuple[bytes, str]]) -> list[NDArray[np.float32] | None]:
    """The same of many, each with its identity."""
    sealed = list(sealed)
    found: list[NDArray[np.float32] | None] = []
    for template, (_, identity) in zip(cipher.open_each(sealed), sealed, strict=True):
        if isinstance(template, KeyUnknown):
            raise template
        if isinstance(template, SealBroken):
            log.error("a template does not open: %s", identity)
        found.append(None if isinstance(template, SealBroken) else template)
    return found


def event_row(
    cipher: Cipher,
    gallery: GalleryId,
    head: Head,
    kind: str,
    template: NDArray[np.float32] | None = None,
    **columns: str,
) -> dict[str, Any]:
    """The event after `head`. `columns`: person, face, space, as far as it has them; `template`: of a face added."""
    key = _event_key(head.shard, head.sequence + 1)
    row = {"PartitionKey": gallery, "RowKey": key, "token": uuid.uuid4().hex, "kind": kind, **columns}
    identity = _event_identity(row)
    sealed = cipher.seal(b"", identity) if template is None else cipher.seal_template(template, identity)
    return {**row, "sealed": sealed}


def _seal_of(event: Mapping[str, Any]) -> bytes:
    sealed: bytes = event.get("sealed", b"")
    return sealed


def _is_added(event: Mapping[str, Any]) -> bool:
    return event.get("kind") == FACE_ADDED


def _event_identity(row: Mapping[str, Any]) -> str:
    columns = ("PartitionKey", "RowKey", "kind", "person", "face", "space")
    return "|".join(("event", *(str(row.get(column, "")) for column in columns)))


def head_row(cipher: Cipher, gallery: GalleryId, shard: str, sequence: int, members: int) -> dict[str, Any]:
    row = {"PartitionKey": gallery, "RowKey": head_key(shard), "sequence": sequence, "members": members}
    return sealed_row(cipher, row)


def head_key(shard: str) -> str:
    return f"{HEADS}{shard}"


def read_head(cipher: Cipher, row: Mapping[str, Any]) -> Head:
    """Raises RowAltered."""
    check(cipher, row)
    return _head(row)


def is_sealed(cipher: Cipher, row: Mapping[str, Any]) -> bool:
    """Whether a row that other rows can tell anew is as it was written; one under a key that the ring lacks is not."""
    try:
        return is_whole(cipher, row)
    except KeyUnknown:
        return False


def _head(row: Mapping[str, Any]) -> Head:
    return Head(row["RowKey"].partition("|")[2], row["sequence"], row["members"], row[ETAG])


def _event_key(shard: str, sequence: int) -> str:
    return f"e|{shard}|{sequence:012x}"
