"""Another active key: what lasts is sealed anew under it, beside everything else, and loses nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.azurite import Azurite
from shared.people.audit_trail import ENROL, Event
from shared.people.key_use import KeyUse
from shared.people.kinds import LARGE_PERSON_GROUP
from shared.services import resealing_by
from shared.settings import Settings
from shared.store.cipher import SealBroken, sealed_under
from shared.store.expiries import GRACE
from shared.store.gallery_log import GalleryRef
from shared.store.ids import GalleryId, PersonId
from shared.store.key_ring import KeyRing, create_key_ring, replace_key_ring
from shared.store.tables import StoreUnavailable
from shared.store.work_queue import QUEUE
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face, template


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Empty but for these tests: they count what all of it is sealed under."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    create_key_ring(tmp_path / "ring.json")
    return tmp_path / "ring.json"


@pytest.fixture
def settings(settings: Settings, ring: Path) -> Settings:
    return replace(settings, key_ring_file=ring)


@pytest.fixture
def one(start: Callable[[], Instance]) -> Iterator[Instance]:
    """Leaves nothing behind that the next ring could not open."""
    made = start()
    yield made
    for gallery in list(made.stores.catalogue.galleries()):
        made.compaction.erase(gallery)
    for table in ("catalogue", "expiries", "keys", "audit", "faceids", "sessions"):
        rows = list(made.stores.tables.table(table).query("PartitionKey ge @first", first=""))
        for row in rows:
            made.stores.tables.table(table).delete(row["PartitionKey"], [row["RowKey"]])


@pytest.fixture
def group(one: Instance) -> GalleryRef:
    one.services.collections.create(LARGE_PERSON_GROUP, "group", "name", None, MODEL)
    return one.gallery(LARGE_PERSON_GROUP, "group")


def people(one: Instance, gallery: GalleryRef, seeds: range) -> list[PersonId]:
    """A person with a face each."""
    persons = [one.stores.galleries.add_person(gallery, f"person {seed}", None, NO_LIMIT) for seed in seeds]
    for person, seed in zip(persons, seeds, strict=True):
        one.stores.galleries.add_person_face(gallery, person, new_face(seed, f"data {seed}"), NO_LIMIT)
    return persons


def rotate(ring: Path, clock: FakeClock) -> tuple[str, str]:
    """The active key before and the one after."""
    before = KeyRing.load(ring)
    after = before.with_new_key(clock())
    replace_key_ring(ring, after)
    return before.active, after.active


def keys_of(one: Instance, gallery: GalleryId) -> set[str]:
    """Under which anything of a gallery is sealed, whatever it is called."""
    found = {one.stores.segments.sealed_under(gallery, key) for key in audit.blobs(one, gallery)}
    for row in audit.rows(one, gallery).values():
        for value in row.values():
            if isinstance(value, bytes):
                try:
                    found.add(sealed_under(value))
                except SealBroken:
                    continue
    return {key for key in found if key}


def test_everything_of_a_gallery_comes_under_the_new_key_and_finds_what_it_found(
    one: Instance, group: GalleryRef, start: Callable[[], Instance], ring: Path, clock: FakeClock
) -> None:
    people(one, group, range(5))
    one.compaction.run(group.key)
    people(one, group, range(5, 8))
    before = {seed: template_of(one, group, seed) for seed in range(8)}
    old, new = rotate(ring, clock)
    assert keys_of(one, group.key) == {old}
    other = start()
    other.services.resealing.run(group.key, new)
    assert keys_of(one, group.key) == {new}
    replace_key_ring(ring, KeyRing.load(ring).without(old))
    for instance in (one, other, start()):
        assert instance.seeds(group.key) == set(range(8))
    audit.check(start(), group)
    assert {seed: template_of(start(), group, seed) for seed in range(8)} == before


def template_of(one: Instance, group: GalleryRef, seed: int) -> list[bytes]:
    """Of the person called so, bit by bit."""
    persons = one.stores.galleries.persons(group.key, "", 100)
    (person,) = [found for found in persons if found.name == f"person {seed}"]
    return [one.tobytes() for one in one.stores.galleries.templates(group.key, person, MODEL, new_face(seed).space)]


def test_it_begins_when_every_process_has_the_new_key_and_once(
    one: Instance, group: GalleryRef, ring: Path, clock: FakeClock, start: Callable[[], Instance]
) -> None:
    one.services.resealing.begin()
    people(one, group, range(2))
    old, new = rotate(ring, clock)
    other = start().services
    assert other.resealing.begin() == 0
    clock.advance(GRACE.total_seconds() - 1)
    assert other.resealing.begin() == 0
    clock.advance(1)
    assert other.resealing.begin() == 1
    assert other.resealing.begin() == 0
    assert keys_of(one, group.key) == {old}
    waiting = other.queue_depths()[QUEUE]
    assert not other.retention.sweep().failed
    assert other.queue_depths()[QUEUE] == waiting + 1
    other.background.run({"do": "reseal", "gallery": group.key, "key": new})
    assert keys_of(one, group.key) == {new}


def test_one_that_dies_is_taken_up_where_it_stopped(
    one: Instance,
    group: GalleryRef,
    start: Callable[[], Instance],
    ring: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people(one, group, range(6))
    old, new = rotate(ring, clock)
    monkeypatch.setattr("shared.store.reseals.READ_AT_ONCE", 2)
    dying, commits = start(), 0
    commit = dying.stores.reseals._table.commit

    def dies(steps: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 3:
            raise StoreUnavailable("died")
        commit(steps)  # type: ignore[arg-type]

    monkeypatch.setattr(dying.stores.reseals._table, "commit", dies)
    with pytest.raises(StoreUnavailable):
        resealing_by(dying.stores, dying.cache, dying.compaction).run(group.key, new)
    assert keys_of(one, group.key) == {old, new}
    assert start().stores.reseals._reached(group.key, new)
    start().services.resealing.run(group.key, new)
    assert keys_of(one, group.key) == {new}
    assert start().seeds(group.key) == set(range(6))


def test_who_writes_meanwhile_loses_nothing(
    one: Instance,
    group: GalleryRef,
    ring: Path,
    clock: FakeClock,
    start: Callable[[], Instance],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between reading a row and sealing it anew, one face gets other userData, one goes, a person goes, one comes."""
    persons = people(one, group, range(4))
    _, new = rotate(ring, clock)
    writer, other, galleries = start(), start(), one.stores.galleries
    commit, done = other.stores.reseals._table.commit, False

    def disturbed(steps: object) -> None:
        nonlocal done
        if not done:
            done = True
            change(writer, group, persons)
        commit(steps)  # type: ignore[arg-type]

    monkeypatch.setattr(other.stores.reseals._table, "commit", disturbed)
    resealing_by(other.stores, other.cache, other.compaction).run(group.key, new)
    other.services.resealing.run(group.key, new)
    assert keys_of(one, group.key) == {new}
    assert start().seeds(group.key) == {0, 3, 9}
    (kept,) = (key for key in audit.rows(one, group.key, f"f|{persons[0]}|"))
    assert audit.rows(one, group.key)[kept]["userData"] == "changed"
    assert galleries.person(group.key, persons[2]) is None
    audit.check(start(), group)


def change(writer: Instance, group: GalleryRef, persons: list[PersonId]) -> None:
    galleries = writer.stores.galleries
    (first,), (second,) = (galleries.person(group.key, one).faces[MODEL] for one in persons[:2])  # type: ignore[union-attr]
    assert galleries.update_face(group.key, persons[0], MODEL, first, "changed")
    assert galleries.remove_face(group, persons[1], MODEL, second)
    assert galleries.remove_person(group, persons[2])
    people(writer, group, range(9, 10))


def test_altered_row_stays_as_it_is_and_holds_up_no_other(
    one: Instance, group: GalleryRef, ring: Path, clock: FakeClock, start: Callable[[], Instance]
) -> None:
    people(one, group, range(3))
    key, row = next(iter(audit.rows(one, group.key, "f|").items()))
    damaged = row["template"][:-1] + bytes([row["template"][-1] ^ 1])
    one.stores.tables.table("galleries").merge({"PartitionKey": group.key, "RowKey": key, "template": damaged})
    old, new = rotate(ring, clock)
    start().services.resealing.run(group.key, new)
    rows = audit.rows(one, group.key, "f|")
    assert rows[key]["template"] == damaged
    assert sorted(sealed_under(row["template"]) for row in rows.values()) == sorted([old, new, new])


def test_process_that_has_not_seen_the_new_key_yet_looks_for_it(
    one: Instance, group: GalleryRef, ring: Path, clock: FakeClock
) -> None:
    people(one, group, range(2))
    _, new = rotate(ring, clock)
    one.services.background.run({"do": "reseal", "gallery": group.key, "key": new})
    assert keys_of(one, group.key) == {new}


def test_gallery_that_is_gone_is_no_error(one: Instance) -> None:
    one.services.resealing.run(GalleryId("gone"), "k1")
    assert not audit.rows(one, GalleryId("gone"))


def test_given_up_one_comes_again_in_an_hour(one: Instance, group: GalleryRef, clock: FakeClock) -> None:
    one.services.background.give_up({"do": "reseal", "gallery": group.key, "key": "k1"})
    waiting = [one.expiry for one in one.stores.expiries.coming() if one.expiry.kind == "reseals"]
    assert [expiry.key for expiry in waiting] == [group.key]
    assert waiting[0].due >= clock() + timedelta(hours=1)


def test_key_use_tells_what_is_sealed_under_which_key(
    one: Instance, group: GalleryRef, ring: Path, clock: FakeClock, start: Callable[[], Instance]
) -> None:
    people(one, group, range(3))
    one.compaction.run(group.key)
    people(one, group, range(3, 4))
    store_face_id(one)
    one.services.audit.note(Event(ENROL, "CreatePerson", {}))
    old, new = rotate(ring, clock)
    other = start()
    store_face_id(other)
    other.services.audit.note(Event(ENROL, "CreatePerson", {}))
    use = used(other)
    rows = {"faces": 4, "persons": 4, "heads": 16, "events": 1, "manifests": 1}
    assert use[old] == {**rows, "segments": 1, "faceIds": 1, "audit chains": 1}
    assert use[new] == {"faceIds": 1, "audit chains": 1}
    other.services.resealing.run(group.key, new)
    after = used(other)
    assert after[old] == {"faceIds": 1, "audit chains": 1}
    del rows["events"]
    assert after[new] == {**rows, "segments": 1, "faceIds": 1, "audit chains": 1}


def used(one: Instance) -> dict[str, Counter[str]]:
    kept = one.stores
    return KeyUse(kept.tables, kept.segments, kept.session_images, kept.audit_chains, kept.erasures).count()


def store_face_id(one: Instance) -> None:
    reserved = one.stores.face_ids.reserve(1, timedelta(hours=1))
    one.stores.face_ids.commit(reserved, MODEL, "fused-384", template(1)[None])
