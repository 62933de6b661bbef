"""Many persons in a gallery, one face each, in minutes: rows as the domain writes them, but 100 in a transaction.

A face is an event until a training folds it into a segment, so events are what is seeded, and the training that follows
is a real one. The rows of persons and of faces are written for the first few only, so that these can be removed: of the
others no search and no training reads them.
"""

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.gallery.segment import Entry, Segment
from shared.people.segment_cache import SegmentCache
from shared.people.segment_swap import SegmentSwap
from shared.store.cipher import Cipher
from shared.store.gallery_log import FACE_ADDED, GalleryRef, event_row, face_identity, head_row
from shared.store.ids import PersistedFaceId, PersonId, packed
from shared.store.members import FACES
from shared.store.row_seals import sealed_row
from shared.store.tables import TRANSACTION_ROWS, Table, Tables
from tests.benchmarks.world import MODEL, World

DIMENSION = 384
WHOLE = 64  # so many persons can be removed
WRITERS = 2  # processes: what takes the time is putting transactions together
AT_ONCE = 32 * TRANSACTION_ROWS
Row = dict[str, Any]

_table: Table  # of a writer
_random = np.random.default_rng(384)


@dataclass(frozen=True)
class Seeded:
    """In the order of the templates, [n, 384]."""

    persons: list[PersonId]
    faces: list[PersistedFaceId]
    templates: NDArray[np.float32]


def random_templates(count: int) -> NDArray[np.float32]:
    """Unit rows, [count, 384], others with each call."""
    rows = _random.standard_normal((count, DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def seed(world: World, gallery: GalleryRef, templates: NDArray[np.float32]) -> Seeded:
    """New persons, after those that are there."""
    stores = world.stores()
    state = stores.gallery_log.state(gallery.key)
    assert state
    heads = dict(state.heads)
    persons = [PersonId(str(uuid.uuid4())) for _ in templates]
    faces = [PersistedFaceId(str(uuid.uuid4())) for _ in templates]
    cipher = Cipher(stores.key_ring)

    def rows() -> Iterator[Row]:
        for number, (person, face, template) in enumerate(zip(persons, faces, templates, strict=True)):
            head = heads[gallery.shard(person)]
            ids = {"person": person, "face": face, "space": world.space}
            yield event_row(cipher, gallery.key, head, FACE_ADDED, template, **ids)
            heads[head.shard] = replace(head, sequence=head.sequence + 1, members=head.members + 1)
            if number < WHOLE:
                sealed = cipher.seal_template(template, face_identity(gallery.key, person, face, world.space))
                yield from _whole(cipher, gallery, person, face, world.space, sealed)

    _write(world, rows())
    moved = [head_row(cipher, gallery.key, head.shard, head.sequence, head.members) for head in heads.values()]
    stores.tables.table("galleries").put(moved)
    return Seeded(persons, faces, templates)


def seed_folded(world: World, gallery: GalleryRef, templates: NDArray[np.float32]) -> Seeded:
    """The same as they are after a training, in an empty gallery: rows of persons and faces, and segments."""
    stores = world.stores()
    state = stores.gallery_log.state(gallery.key)
    assert state
    persons = [PersonId(str(uuid.uuid4())) for _ in templates]
    faces = [PersistedFaceId(str(uuid.uuid4())) for _ in templates]
    cipher, everybody = Cipher(stores.key_ring), list(zip(persons, faces, templates, strict=True))

    def rows() -> Iterator[Row]:
        for start in range(0, len(everybody), AT_ONCE):
            some = everybody[start : start + AT_ONCE]
            identities = [face_identity(gallery.key, person, face, world.space) for person, face, _ in some]
            sealed = cipher.seal_each(zip((template for *_, template in some), identities, strict=True))
            for (person, face, _), envelope in zip(some, sealed, strict=True):
                yield from _whole(cipher, gallery, person, face, world.space, envelope)

    _write(world, rows())
    entries = (Entry(packed(face), packed(person), world.space, template) for person, face, template in everybody)
    swap = SegmentSwap(stores.gallery_log, stores.segments, SegmentCache(stores.segments, 0))
    swap.replace(gallery.key, state, (), Segment.of(entries), state.folded)
    return Seeded(persons, faces, templates)


def _write(world: World, rows: Iterator[Row]) -> None:
    spawned, connection = get_context("spawn"), (world.azurite.connection_string,)
    with ProcessPoolExecutor(WRITERS, spawned, _connect, connection) as writers:
        while some := list(islice(rows, AT_ONCE)):
            list(writers.map(_put, _parts(some)))


def _whole(
    cipher: Cipher, gallery: GalleryRef, person: PersonId, face: PersistedFaceId, space: str, sealed: bytes
) -> list[Row]:
    face_key = f"f|{person}|{MODEL}|{face}"
    rows: list[Row] = [
        {"PartitionKey": gallery.key, "RowKey": face_key, "token": "", "space": space, "template": sealed},
        {"PartitionKey": gallery.key, "RowKey": f"p|{person}", "name": person, FACES + MODEL: packed(face)},
    ]
    return [sealed_row(cipher, row) for row in rows]


def _parts(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[start : start + TRANSACTION_ROWS] for start in range(0, len(rows), TRANSACTION_ROWS)]


def _connect(connection_string: str) -> None:
    global _table
    _table = Tables(connection_string).table("galleries")


def _put(rows: Sequence[Row]) -> None:
    _table.put(rows)
