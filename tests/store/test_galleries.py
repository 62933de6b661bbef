"""Persons, faces and events of a gallery, in real storage, with templates made to measure."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.galleries import Galleries, GalleryGone, PersonGone
from shared.store.gallery_log import SHARDS, GalleryLog, GalleryRef
from shared.store.heads import Heads
from shared.store.ids import GalleryId, PersistedFaceId, PersonId, packed
from shared.store.live_ring import LiveRing
from shared.store.members import NewFace
from shared.store.retries import LimitReached
from shared.store.subjects import Subjects
from shared.store.tables import Tables
from tests.clock import FakeClock

MODEL = "recognition_04"


def face(number: int = 0, user_data: str | None = None, model: str = MODEL) -> NewFace:
    return NewFace(model, "fused-384", np.eye(384, dtype=np.float32)[number], user_data)


@pytest.fixture
def moves() -> list[tuple[GalleryId, str, int]]:
    return []


@pytest.fixture
def cipher(key_ring_file: Path) -> Cipher:
    return Cipher(LiveRing.of_file(key_ring_file))


@pytest.fixture
def galleries(
    tables: Tables, expiries: Expiries, cipher: Cipher, moves: list[tuple[GalleryId, str, int]], clock: FakeClock
) -> Galleries:
    subjects = Subjects(tables, expiries, clock)
    heads = Heads(tables, cipher, lambda _: None)
    return Galleries(tables, cipher, heads, lambda _: None, lambda *move: moves.append(move), subjects, clock)


@pytest.fixture
def log(tables: Tables, cipher: Cipher) -> GalleryLog:
    return GalleryLog(tables, cipher)


@pytest.fixture(params=[1, 16])
def gallery(request: pytest.FixtureRequest, galleries: Galleries) -> GalleryRef:
    made = GalleryRef(GalleryId(str(uuid4())), request.param)
    galleries.create(made)
    return made


def test_every_change_of_faces_is_the_next_event_of_its_shard(
    galleries: Galleries, log: GalleryLog, gallery: GalleryRef, moves: list[tuple[GalleryId, str, int]]
) -> None:
    person = galleries.add_person(gallery, "a name", None, 9)
    first = galleries.add_person_face(gallery, person, face(0), 9)
    second = galleries.add_person_face(gallery, person, face(1), 9)
    assert galleries.remove_face(gallery, person, MODEL, first)
    assert galleries.remove_person(gallery, person)
    shard = gallery.shard(person)
    events = log.events(gallery.key, shard, 0, 99)
    assert [(event.sequence, event.kind, event.face) for event in events] == [
        (1, "added", packed(first)),
        (2, "added", packed(second)),
        (3, "removed", packed(first)),
        (4, "person", bytes(16)),
    ]
    assert all(event.person == packed(person) for event in events)
    assert np.array_equal(events[1].template, face(1).template)  # type: ignore[arg-type]
    assert moves == [(gallery.key, shard, sequence) for sequence in (1, 2, 3, 4)]
    state = log.state(gallery.key)
    assert state is not None
    assert (state.heads[shard].sequence, state.members) == (4, 0)


def test_a_person_knows_the_faces_of_each_model_in_the_order_they_came(
    galleries: Galleries, gallery: GalleryRef
) -> None:
    person = galleries.add_person(gallery, "a name", "some data", 9)
    faces = [galleries.add_person_face(gallery, person, face(number), 9) for number in range(3)]
    other = galleries.add_person_face(gallery, person, face(model="recognition_03"), 9)
    found = galleries.person(gallery.key, person)
    assert found is not None
    assert (found.name, found.user_data) == ("a name", "some data")
    assert found.faces == {MODEL: tuple(faces), "recognition_03": (other,)}


def test_a_limit_holds_to_the_last_place(galleries: Galleries, gallery: GalleryRef) -> None:
    persons = [galleries.add_person(gallery, "a name", None, 20) for _ in range(20)]
    with pytest.raises(LimitReached):
        galleries.add_person(gallery, "a name", None, 20)
    assert galleries.remove_person(gallery, persons[7])
    galleries.add_person(gallery, "a name", None, 20)
    with pytest.raises(LimitReached):
        galleries.add_person(gallery, "a name", None, 20)
    for number in range(3):
        galleries.add_person_face(gallery, persons[0], face(number), 3)
    with pytest.raises(LimitReached):
        galleries.add_person_face(gallery, persons[0], face(), 3)


def test_what_is_not_there_is_neither_changed_nor_removed(galleries: Galleries, gallery: GalleryRef) -> None:
    nobody, nothing = PersonId(str(uuid4())), PersistedFaceId(str(uuid4()))
    person = galleries.add_person(gallery, "a name", None, 9)
    assert not galleries.update_person(gallery.key, nobody, "name", None)
    assert not galleries.remove_person(gallery, nobody)
    assert not galleries.update_face(gallery.key, person, MODEL, nothing, "data")
    assert not galleries.remove_face(gallery, person, MODEL, nothing)
    assert not galleries.remove_face(gallery, "", MODEL, nothing)
    with pytest.raises(PersonGone):
        galleries.add_person_face(gallery, nobody, face(), 9)


def test_faces_of_a_list_are_listed_changed_and_removed(galleries: Galleries, gallery: GalleryRef) -> None:
    faces = sorted(galleries.add_face(gallery, face(number, "data"), 9) for number in range(4))
    assert [one.face_id for one in galleries.faces(gallery.key, MODEL, "", None)] == faces
    assert [one.face_id for one in galleries.faces(gallery.key, MODEL, faces[1], 1)] == [faces[2]]
    assert galleries.update_face(gallery.key, "", MODEL, faces[0], "other")
    assert galleries.remove_face(gallery, "", MODEL, faces[1])
    assert [one.user_data for one in galleries.faces(gallery.key, MODEL, "", None)] == ["other", "data", "data"]
    assert galleries.face(gallery.key, "", MODEL, faces[1]) is None


def test_a_template_moved_to_another_person_does_not_open(
    galleries: Galleries, gallery: GalleryRef, tables: Tables
) -> None:
    one, other = (galleries.add_person(gallery, "a name", None, 9) for _ in range(2))
    face_id = galleries.add_person_face(gallery, one, face(), 9)
    assert templates_of(galleries, gallery, one) == 1
    table = tables.table("galleries")
    row = table.get(gallery.key, f"f|{one}|{MODEL}|{face_id}")
    assert row is not None
    table.put([{**row, "RowKey": f"f|{other}|{MODEL}|{face_id}"}])
    assert templates_of(galleries, gallery, other) == 0


def templates_of(galleries: Galleries, gallery: GalleryRef, person: PersonId) -> int:
    there = galleries.person(gallery.key, person)
    assert there
    return len(galleries.templates(gallery.key, there, MODEL, face().space))


def test_after_an_erasure_nothing_is_left_and_nothing_can_come(
    galleries: Galleries, gallery: GalleryRef, tables: Tables
) -> None:
    person = galleries.add_person(gallery, "a name", None, 9)
    galleries.add_person_face(gallery, person, face(), 9)
    galleries.erase(gallery.key)
    with pytest.raises(GalleryGone):
        galleries.add_person(gallery, "a name", None, 9)
    with pytest.raises(GalleryGone):
        galleries.add_person_face(gallery, person, face(), 9)
    with pytest.raises(GalleryGone):
        galleries.add_face(gallery, face(), 9)
    assert list(tables.table("galleries").query("PartitionKey eq @key", key=gallery.key)) == []


def test_shards_are_the_first_digits_of_owners() -> None:
    ref = GalleryRef(GalleryId(str(uuid4())), 16)
    assert {ref.shard(f"{digit}fff") for digit in SHARDS} == set(SHARDS)
