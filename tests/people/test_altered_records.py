"""What somebody changed, moved or put back of persons, faces and collections is shown to nobody, compared with nobody,
and can be removed all the same."""

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.errors import ConcurrentOperationConflict, SubjectNotFound
from shared.people.kinds import FACE_LIST, LARGE_PERSON_GROUP
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersistedFaceId, PersonId
from shared.store.tables import RowChanged, StoreUnavailable, Table
from shared.store.terms import UNSAID, Agreed, Terms
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face

Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def one(start: Callable[[], Instance]) -> Instance:
    return start()


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


NEVER = "2199-01-01T00:00:00.000000Z"
PERSONS: dict[str, Change] = {
    "name": lambda row: {"name": chr(ord(row["name"][0]) ^ 1) + row["name"][1:]},
    "userData": lambda row: {"userData": chr(ord(row["userData"][0]) ^ 1) + row["userData"][1:]},
    "no userData": lambda _: {"userData": ""},
    "one face fewer": lambda row: {f"faces_{MODEL}": row[f"faces_{MODEL}"][16:]},
    "another face": lambda row: {f"faces_{MODEL}": flip(row[f"faces_{MODEL}"], 7)},
    "another model": lambda row: {"faces_recognition_01": row[f"faces_{MODEL}"]},
    "subject": lambda _: {"subject": "somebody else"},
    "consent": lambda _: {"consent": ""},
    "end": lambda _: {"retainUntil": NEVER},
    "restricted": lambda _: {"restricted": ""},
    "seal": lambda row: {"seal": flip(row["seal"], len(row["seal"]) - 1)},
    "key id": lambda row: {"seal": flip(row["seal"], 4)},
}


@pytest.fixture
def group(one: Instance) -> GalleryRef:
    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    return one.gallery(LARGE_PERSON_GROUP, key)


def somebody(one: Instance, group: GalleryRef, clock: FakeClock, seed: int) -> tuple[PersonId, PersistedFaceId]:
    """Somebody with everything that a row can say."""
    ends = clock().replace(microsecond=0) + timedelta(days=30)
    agreed = Agreed(Terms(subject=f"subject {seed}", consent="a form", retain_until=ends), lambda _: None)
    person = one.stores.galleries.add_person(group, f"person {seed}", f"data {seed}", NO_LIMIT, agreed)
    face = one.stores.galleries.add_person_face(group, person, new_face(seed, f"face data {seed}"), 99)
    one.stores.records.restrict(group.key, f"p|{person}", clock())
    return person, face


@pytest.mark.parametrize("change", PERSONS.values(), ids=PERSONS)
def test_altered_person_is_shown_to_nobody_and_can_be_removed(
    one: Instance, group: GalleryRef, clock: FakeClock, change: Change
) -> None:
    galleries, records = one.stores.galleries, one.stores.records
    (victim, _), (other, _) = (somebody(one, group, clock, seed) for seed in range(2))
    row = audit.rows(one, group.key, f"p|{victim}")[f"p|{victim}"]
    one.stores.tables.table("galleries").merge({"PartitionKey": group.key, "RowKey": f"p|{victim}", **change(row)})
    for use in (
        lambda: galleries.person(group.key, victim),
        lambda: galleries.persons(group.key, "", 10),
        lambda: galleries.update_person(group.key, victim, "new", None),
        lambda: galleries.add_person_face(group, victim, new_face(5), 99),
        lambda: records.whole(group.key, f"p|{victim}"),
        lambda: records.agree(group.key, f"p|{victim}", UNSAID),
    ):
        with pytest.raises(StoreUnavailable):
            use()
    there = galleries.person(group.key, other)
    assert there
    assert there.name == "person 1"
    assert galleries.remove_person(group, victim)
    assert [person.person_id for person in galleries.persons(group.key, "", 10)] == [other]
    assert not records.count_faces(group.key, f"p|{victim}")


def put(one: Instance, *rows: dict[str, Any]) -> None:
    one.stores.tables.table("galleries").put(rows)


def alter(one: Instance, group: GalleryRef, key: str, **columns: Any) -> None:
    one.stores.tables.table("galleries").merge({"PartitionKey": group.key, "RowKey": key, **columns})


def row_of(one: Instance, group: GalleryRef, key: str) -> dict[str, Any]:
    return audit.rows(one, group.key, key)[key]


def test_altered_row_tells_the_log_nothing_but_its_key(
    one: Instance, group: GalleryRef, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    person, _ = somebody(one, group, clock, 7)
    seal = row_of(one, group, f"p|{person}")["seal"]
    for damaged in (flip(seal, 4), flip(seal, len(seal) - 1)):
        alter(one, group, f"p|{person}", seal=damaged)
        with caplog.at_level(logging.DEBUG), pytest.raises(StoreUnavailable):
            one.stores.galleries.person(group.key, person)
    assert str(person) in caplog.text
    for said in ("person 7", "data 7", "subject 7", "a form"):
        assert said not in caplog.text


@pytest.mark.parametrize("ends", ["2000-01-01T00:00:00.000000Z", "never"])
def test_altered_end_makes_nobody_absent(one: Instance, group: GalleryRef, clock: FakeClock, ends: str) -> None:
    person, face = somebody(one, group, clock, 0)
    alter(one, group, f"p|{person}", retainUntil=ends)
    galleries = one.stores.galleries
    for use in (
        lambda: galleries.person(group.key, person),
        lambda: galleries.persons(group.key, "", 9),
        lambda: galleries.has_persons(group.key, [person]),
        lambda: galleries.face(group.key, person, MODEL, face),
    ):
        with pytest.raises(StoreUnavailable):
            use()
    assert galleries.remove_person(group, person)


def enrolled(one: Instance, clock: FakeClock, subject: str) -> tuple[GalleryRef, PersonId]:
    """Somebody in a group of its own, for thirty days."""
    key, ends = f"g-{uuid.uuid4().hex}", clock().replace(microsecond=0) + timedelta(days=30)
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    person = one.services.persons.create(LARGE_PERSON_GROUP, key, "name", None, Terms(subject, "a form", ends))
    return one.gallery(LARGE_PERSON_GROUP, key), person


@pytest.mark.parametrize("column", ["subject", "retainUntil"])
def test_altered_terms_keep_nobody_from_being_erased(one: Instance, clock: FakeClock, column: str) -> None:
    """Nor is anything left of whose the record was."""
    subject = f"subject {uuid.uuid4().hex}"
    group, person = enrolled(one, clock, subject)
    alter(one, group, f"p|{person}", **{column: {"subject": "another", "retainUntil": NEVER}[column]})
    with pytest.raises(StoreUnavailable):
        one.services.privacy.rights.export(subject, [])
    one.services.privacy.erasing.begin(subject, [])
    assert one.stores.records.are_gone(group.key, f"p|{person}")
    assert not one.stores.subjects.places(subject)
    with pytest.raises(SubjectNotFound):
        one.services.privacy.erasing.begin(subject, [])


def test_altered_terms_do_not_put_off_the_end(one: Instance, clock: FakeClock) -> None:
    group, person = enrolled(one, clock, f"subject {uuid.uuid4().hex}")
    alter(one, group, f"p|{person}", retainUntil=NEVER)
    clock.advance(29 * 86400)
    one.services.retention.sweep()
    assert not one.stores.records.are_gone(group.key, f"p|{person}")
    clock.advance(2 * 86400)
    one.services.retention.sweep()
    assert one.stores.records.are_gone(group.key, f"p|{person}")


def test_person_whose_row_was_put_back_can_be_removed(one: Instance, group: GalleryRef, clock: FakeClock) -> None:
    """Though rows about an end and a restriction that it tells of are not there any more."""
    person, _ = somebody(one, group, clock, 0)
    before = row_of(one, group, f"p|{person}")
    one.stores.records.agree(group.key, f"p|{person}", UNSAID)
    one.stores.records.restrict(group.key, f"p|{person}", None)
    put(one, before)
    assert one.stores.galleries.remove_person(group, person)
    assert one.stores.records.are_gone(group.key, f"p|{person}")


def test_altered_person_of_the_directory_can_be_deleted(one: Instance) -> None:
    directory = one.services.directory
    person, _ = directory.create("name", "data")
    gallery = directory.gallery()
    assert gallery
    alter(one, gallery, f"p|{person}", name="another")
    directory.delete(person)
    assert one.stores.records.are_gone(gallery.key, f"p|{person}")


def test_altered_collection_can_be_deleted_and_does_not_hide_the_others(one: Instance) -> None:
    collections, keys = one.services.collections, [f"c-{uuid.uuid4().hex}" for _ in range(2)]
    for key in keys:
        collections.create(FACE_LIST, key, "name", None, MODEL)
    gallery = one.gallery(FACE_LIST, keys[0])
    row = {"PartitionKey": FACE_LIST.path, "RowKey": keys[0], "gallery": one.gallery(FACE_LIST, keys[1]).key}
    one.stores.tables.table("catalogue").merge(row)
    with pytest.raises(StoreUnavailable):
        collections.get(FACE_LIST, keys[0])
    assert keys[1] in {found.id for found in collections.list(FACE_LIST)}
    collections.delete(FACE_LIST, keys[0])
    one.services.background.run({"do": "erase", "gallery": gallery.key, "of": f"{FACE_LIST.path}|{keys[0]}"})
    assert not audit.rows(one, gallery.key)
    assert audit.rows(one, one.gallery(FACE_LIST, keys[1]).key)
    collections.delete(FACE_LIST, keys[1])


def test_dynamic_group_cannot_be_led_to_the_members_of_another(one: Instance) -> None:
    groups, keys = one.services.dynamic_groups, [f"d-{uuid.uuid4().hex}" for _ in range(2)]
    for key in keys:
        groups.create(key, "name", None, None)
    table = one.stores.tables.table("catalogue")
    own, other = (table.get("dynamicpersongroups", key) or {} for key in keys)
    table.merge(
        {"PartitionKey": "dynamicpersongroups", "RowKey": keys[0], "gallery": own["group"], "group": other["group"]}
    )
    with pytest.raises(StoreUnavailable):
        groups.persons(keys[0], "", 9)
    groups.delete(keys[0])
    assert groups.get(keys[1])


def test_update_that_others_keep_overtaking_is_a_conflict(one: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> str:
        raise RowChanged

    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    person = one.services.persons.create(LARGE_PERSON_GROUP, key, "name", None)
    monkeypatch.setattr(Table, "merge", busy)
    with pytest.raises(ConcurrentOperationConflict):
        one.services.persons.update(LARGE_PERSON_GROUP, key, person, "new", None)


FACES: dict[str, Change] = {
    "userData": lambda row: {"userData": chr(ord(row["userData"][0]) ^ 1) + row["userData"][1:]},
    "space": lambda _: {"space": "recognition_03/fused-384"},
    "more": lambda _: {"retainUntil": NEVER},
    "seal": lambda row: {"seal": flip(row["seal"], len(row["seal"]) - 1)},
}


@pytest.mark.parametrize("change", FACES.values(), ids=FACES)
def test_altered_face_is_shown_to_nobody_and_never_compared_and_can_be_removed(
    one: Instance, group: GalleryRef, clock: FakeClock, change: Change
) -> None:
    galleries = one.stores.galleries
    person, face = somebody(one, group, clock, 0)
    key = f"f|{person}|{MODEL}|{face}"
    row = audit.rows(one, group.key, key)[key]
    one.stores.tables.table("galleries").merge({"PartitionKey": group.key, "RowKey": key, **change(row)})
    for use in (
        lambda: galleries.face(group.key, person, MODEL, face),
        lambda: galleries.update_face(group.key, person, MODEL, face, "new"),
        lambda: list(one.stores.records.faces(group.key, f"p|{person}")),
    ):
        with pytest.raises(StoreUnavailable):
            use()
    assert not templates_of(one, group, person)
    assert galleries.remove_face(group, person, MODEL, face)
    assert galleries.face(group.key, person, MODEL, face) is None


def templates_of(one: Instance, gallery: GalleryRef, person: PersonId) -> list[NDArray[np.float32]]:
    there = one.stores.galleries.person(gallery.key, person)
    assert there
    return one.stores.galleries.templates(gallery.key, there, MODEL, new_face(0).space)


def test_face_of_a_person_that_is_put_back_is_not_there(
    one: Instance, group: GalleryRef, clock: FakeClock, start: Callable[..., Instance]
) -> None:
    """Not in an answer, not in a comparison, and not in a gallery that is made anew from its rows."""
    person, face = somebody(one, group, clock, 0)
    kept = one.stores.galleries.add_person_face(group, person, new_face(1), 99)
    key = f"f|{person}|{MODEL}|{face}"
    before = audit.rows(one, group.key, key)[key]
    assert one.stores.galleries.remove_face(group, person, MODEL, face)
    one.stores.tables.table("galleries").put([before])
    assert one.stores.galleries.face(group.key, person, MODEL, face) is None
    assert len(templates_of(one, group, person)) == 1
    one.stores.records.restrict(group.key, f"p|{person}", None)
    one.compaction.mend(group.key, put_back=True)
    assert start().visible(group.key) == [kept]


def test_put_back_face_of_a_person_cannot_be_changed_is_in_no_export_and_goes_when_it_is_deleted(
    one: Instance, group: GalleryRef, clock: FakeClock
) -> None:
    person, face = somebody(one, group, clock, 0)
    key, galleries = f"f|{person}|{MODEL}|{face}", one.stores.galleries
    before = row_of(one, group, key)
    assert galleries.remove_face(group, person, MODEL, face)
    put(one, before)
    assert not galleries.update_face(group.key, person, MODEL, face, "new")
    assert not list(one.stores.records.faces(group.key, f"p|{person}"))
    assert not galleries.remove_face(group, person, MODEL, face)
    assert not audit.rows(one, group.key, key)


@pytest.mark.parametrize("altered", ["person", "face"])
def test_gallery_that_is_made_anew_has_no_face_of_an_altered_row(
    one: Instance, group: GalleryRef, clock: FakeClock, start: Callable[[], Instance], altered: str
) -> None:
    (person, face), (other, kept) = (somebody(one, group, clock, seed) for seed in range(2))
    for record in (person, other):
        one.stores.records.restrict(group.key, f"p|{record}", None)
    alter(one, group, f"p|{person}" if altered == "person" else f"f|{person}|{MODEL}|{face}", userData="new")
    one.compaction.mend(group.key, put_back=True)
    assert start().visible(group.key) == [kept]


@pytest.mark.parametrize("key", ["p", "f"])
def test_template_where_none_belongs_or_none_where_one_does_stops_no_resealing(
    one: Instance, group: GalleryRef, clock: FakeClock, key: str
) -> None:
    person, face = somebody(one, group, clock, 0)
    row = row_of(one, group, f"f|{person}|{MODEL}|{face}")
    if key == "p":
        alter(one, group, f"p|{person}", template=row["template"])
    else:
        put(one, {name: value for name, value in row.items() if name != "template"})
        assert not templates_of(one, group, person)
    rows = [row for row in audit.rows(one, group.key).values() if row["RowKey"][0] in "fp"]
    assert len(one.stores.reseals._steps(rows)) == (2 if key == "p" else 1)


@pytest.mark.parametrize("kind", ["p", "f"])
def test_rows_that_changed_places_are_seen(one: Instance, group: GalleryRef, clock: FakeClock, kind: str) -> None:
    (first, one_face), (second, other_face) = (somebody(one, group, clock, seed) for seed in range(2))
    keys = [f"p|{first}", f"p|{second}"]
    if kind == "f":
        keys = [f"f|{first}|{MODEL}|{one_face}", f"f|{second}|{MODEL}|{other_face}"]
    rows = [audit.rows(one, group.key, key)[key] for key in keys]
    table = one.stores.tables.table("galleries")
    table.put([row | {"RowKey": key} for row, key in zip(rows, reversed(keys), strict=True)])
    galleries = one.stores.galleries
    for person, face in ((first, one_face), (second, other_face)):
        with pytest.raises(StoreUnavailable):
            galleries.face(group.key, person, MODEL, face) if kind == "f" else galleries.person(group.key, person)


def test_template_copied_to_another_persons_face_does_not_verify(one: Instance) -> None:
    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    gallery, galleries = one.gallery(LARGE_PERSON_GROUP, key), one.stores.galleries
    victim, thief = (galleries.add_person(gallery, "somebody", None, 99) for _ in range(2))
    galleries.add_person_face(gallery, victim, new_face(1), 99)
    galleries.add_person_face(gallery, thief, new_face(2), 99)
    stolen = next(iter(audit.rows(one, gallery.key, f"f|{victim}|").values()))["template"]
    theirs = next(iter(audit.rows(one, gallery.key, f"f|{thief}|")))
    row = {"PartitionKey": gallery.key, "RowKey": theirs, "template": stolen}
    one.stores.tables.table("galleries").merge(row)
    assert not templates_of(one, gallery, thief)
    assert len(templates_of(one, gallery, victim)) == 1
