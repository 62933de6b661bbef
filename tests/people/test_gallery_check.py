"""What somebody with write access put back or took away of a gallery, seen by holding it against itself; and nothing
seen where nobody did."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.audit.stored import gallery_check
from shared.people import rebuild, segment_swap
from shared.people.gallery_check import GalleryCheck
from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, Kind
from shared.people.stored_galleries import StoredGallery, stored_galleries
from shared.settings import Settings
from shared.store import reseals
from shared.store.blobs import Blobs
from shared.store.cipher import sealed_under
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersistedFaceId, PersonId
from shared.store.key_ring import KeyRing, create_key_ring, replace_key_ring
from shared.store.segments import CONTAINER
from shared.store.tables import ETAG, WRITTEN
from shared.store.terms import Agreed, Terms, face_record, person_record
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, Instance, new_face

Start = Callable[[], Instance]
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def one(start: Start) -> Instance:
    return start()


class Scene:
    """A collection with somebody in segments and somebody enrolled since, and the hands of who can write to it."""

    def __init__(self, one: Instance, kind: Kind = LARGE_PERSON_GROUP) -> None:
        self.one, self.kind, self.key = one, kind, f"c-{uuid.uuid4().hex}"
        one.services.collections.create(kind, self.key, "name", None, MODEL)
        self.gallery = one.gallery(kind, self.key)
        self.table = one.stores.tables.table("galleries")

    @property
    def stored(self) -> StoredGallery:
        return StoredGallery(f"{self.kind.path}|{self.key}", self.gallery, self.kind.has_persons)

    def check(self) -> GalleryCheck:
        stores = self.one.stores
        return gallery_check(self.one.services.settings.storage, stores.tables, stores.key_ring)

    def found(self) -> list[tuple[str, bool]]:
        return self.check().check(self.stored)

    def problems(self) -> list[str]:
        found = self.found()
        assert all(is_sure for _, is_sure in found), found
        assert found == self.found(), "it shows every time"
        return [line for line, _ in found]

    def person(self, *seeds: int, terms: Terms | None = None) -> tuple[PersonId, list[PersistedFaceId]]:
        galleries = self.one.stores.galleries
        agreed = [Agreed(terms, lambda _: None)] if terms else []
        person = galleries.add_person(self.gallery, "name", "data", 999, *agreed)
        return person, [galleries.add_person_face(self.gallery, person, new_face(seed), 99) for seed in seeds]

    def face(self, seed: int, terms: Terms | None = None) -> PersistedFaceId:
        agreed = [Agreed(terms, lambda _: None)] if terms else []
        return self.one.stores.galleries.add_face(self.gallery, new_face(seed), 999, *agreed)

    def compact(self) -> None:
        self.one.compaction.run(self.gallery.key)

    def rows(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        return audit.rows(self.one, self.gallery.key, prefix)

    def put(self, *rows: dict[str, Any]) -> None:
        for row in rows:
            self.table.put([{name: value for name, value in row.items() if name not in (ETAG, WRITTEN)}])

    def drop(self, *keys: str) -> None:
        self.table.delete_many(self.gallery.key, keys)

    def shard_rows(self, member: str) -> dict[str, dict[str, Any]]:
        """Head and events of the shard of a member."""
        shard = self.gallery.shard(member)
        return {**self.rows(f"n|{shard}"), **self.rows(f"e|{shard}|")}


@pytest.fixture
def group(one: Instance) -> Scene:
    scene = Scene(one)
    scene.person(0, 1)
    scene.compact()
    scene.person(2)
    return scene


@pytest.fixture
def faces(one: Instance) -> Scene:
    scene = Scene(one, LARGE_FACE_LIST)
    scene.face(0)
    scene.compact()
    scene.face(1)
    return scene


def test_head_put_back_alone_is_seen_by_the_events_beyond_it(group: Scene) -> None:
    person, (face,) = group.person(3)
    head = f"n|{group.gallery.shard(person)}"
    earlier = group.rows(head)[head]
    group.one.stores.galleries.remove_face(group.gallery, person, MODEL, face)
    group.put(earlier)
    assert face in group.one.visible(group.gallery.key), "whom a search finds again"
    problems = group.problems()
    assert any("was put back" in problem for problem in problems)
    assert f"face {face} of person {person} is in search, and not in the rows" in problems


def test_head_put_back_with_its_later_events_is_seen_by_the_rows(group: Scene) -> None:
    person, (face, other) = group.person(3, 4)
    earlier = group.shard_rows(person)
    group.one.stores.galleries.remove_face(group.gallery, person, MODEL, face)
    group.drop(*group.shard_rows(person).keys() - earlier.keys())
    group.put(*earlier.values())
    assert group.problems() == [f"face {face} of person {person} is in search, and not in the rows"]
    assert other in group.one.visible(group.gallery.key)


@pytest.mark.slow
def test_head_put_back_to_before_an_enrolment_is_seen_by_the_rows_and_its_count(group: Scene) -> None:
    shard = "0"
    earlier = group.rows(f"n|{shard}")
    while True:
        person, (face,) = group.person(3)
        if group.gallery.shard(person) == shard:
            break
    group.drop(*group.rows(f"e|{shard}|"))
    group.put(*earlier.values())
    count = earlier[f"n|{shard}"]["members"]
    problems = group.problems()
    assert f"face {face} of person {person} is in the rows, and not in search" in problems
    assert f"the head of shard {shard} counts {count} members, and there are {count + 1}" in problems


@pytest.mark.slow
def test_head_that_was_taken_away_is_seen(group: Scene) -> None:
    group.drop("n|7")
    assert group.problems() == ["the head of shard 7 is missing or was altered"]


@pytest.mark.slow
def test_number_of_members_that_was_altered_is_seen(group: Scene, faces: Scene) -> None:
    for scene in (group, faces):
        key, row = next((key, row) for key, row in scene.rows("n|").items() if row["members"])
        scene.put(row | {"members": row["members"] + 5})
        assert scene.problems() == [f"the head of shard {key[2:]} is missing or was altered"]


@pytest.mark.slow
def test_number_of_members_that_was_put_back_is_seen(group: Scene) -> None:
    before = group.rows("n|")
    person = group.one.stores.galleries.add_person(group.gallery, "somebody", None, 99)
    head = before[f"n|{group.gallery.shard(person)}"]
    group.put(head)
    assert group.problems() == [
        f"the head of shard {person[0]} counts {head['members']} members, and there are {head['members'] + 1}"
    ]


@pytest.mark.slow
def test_altered_row_of_a_person_or_face_is_seen(group: Scene, faces: Scene) -> None:
    person, _ = group.person(3)
    group.put(group.rows(f"p|{person}")[f"p|{person}"] | {"name": "another"})
    assert group.problems() == [f"the row of person {person} was altered"]
    key = face_record(MODEL, listed := faces.face(5))
    faces.put(faces.rows(key)[key] | {"userData": "other"})
    assert faces.problems() == [f"the row of face {listed} was altered"]


@pytest.mark.slow
@pytest.mark.parametrize("folded", [False, True])
def test_row_of_a_face_put_back_alone_after_its_deletion_is_seen(group: Scene, faces: Scene, folded: bool) -> None:
    person, (face,) = group.person(3)
    rows = group.rows(f"f|{person}|")
    group.one.stores.galleries.remove_face(group.gallery, person, MODEL, face)
    listed = faces.face(5)
    key = face_record(MODEL, listed)
    listed_rows = faces.rows(key)
    faces.one.stores.galleries.remove_face(faces.gallery, "", MODEL, listed)
    if folded:
        group.compact()
        faces.compact()
    group.put(*rows.values())
    faces.put(*listed_rows.values())
    assert group.problems() == [
        f"face {face} of person {person} has a row, and the person does not name it",
        f"face {face} of person {person} is in the rows, and not in search",
    ]
    shard = faces.gallery.shard(listed)
    there = faces.rows(f"n|{shard}")[f"n|{shard}"]["members"]
    assert faces.problems() == [
        f"face {listed} is in the rows, and not in search",
        f"the head of shard {shard} counts {there} members, and there are {there + 1}",
    ]


@pytest.mark.slow
def test_row_of_a_face_that_was_taken_away_is_seen(group: Scene, faces: Scene) -> None:
    person, (face, _) = group.person(3, 4)
    group.compact()
    group.drop(f"f|{person}|{MODEL}|{face}")
    assert group.problems() == [
        f"person {person} names face {face}, which has no row",
        f"face {face} of person {person} is in search, and not in the rows",
    ]
    listed = faces.face(5)
    faces.drop(face_record(MODEL, listed))
    shard = faces.gallery.shard(listed)
    there = faces.rows(f"n|{shard}")[f"n|{shard}"]["members"]
    assert faces.problems() == [
        f"face {listed} is in search, and not in the rows",
        f"the head of shard {shard} counts {there} members, and there are {there - 1}",
    ]


@pytest.mark.slow
def test_every_row_of_a_list_taken_away_is_seen(faces: Scene) -> None:
    faces.drop(*faces.rows("f|"))
    assert sum("is in search, and not in the rows" in problem for problem in faces.problems()) == 2


@pytest.mark.slow
def test_person_and_faces_put_back_after_the_deletion_are_seen(group: Scene) -> None:
    person, (face,) = group.person(3)
    rows = {**group.rows(f"p|{person}"), **group.rows(f"f|{person}|")}
    group.one.stores.galleries.remove_person(group.gallery, person)
    group.compact()
    group.put(*rows.values())
    problems = group.problems()
    assert f"face {face} of person {person} is in the rows, and not in search" in problems
    assert any("counts" in problem for problem in problems)


@pytest.mark.slow
def test_faces_put_back_without_their_person_are_seen_once_the_deletion_is_settled(group: Scene) -> None:
    person, _ = group.person(3)
    rows = group.rows(f"f|{person}|")
    group.one.stores.galleries.remove_person(group.gallery, person)
    group.put(*rows.values())
    assert group.problems() == [], "as a process would leave them that died"
    group.compact()
    assert group.problems() == []
    assert group.rows(f"f|{person}|") == {}, "which a compaction removes"
    group.put(*rows.values())
    assert group.problems() == [f"there are rows of faces of person {person}, who is not there"]


@pytest.mark.slow
def test_everything_of_a_gallery_put_back_is_whole_in_itself(group: Scene) -> None:
    """For this there is the audit trail."""
    earlier, blobs = group.rows(), Blobs(group.one.services.settings.storage, CONTAINER)
    names = [f"{group.gallery.key}/{key}" for key in audit.blobs(group.one, group.gallery.key)]
    whole = {name: blobs.get(name) or b"" for name in names}
    group.person(3)
    group.compact()
    group.drop(*group.rows())
    group.put(*earlier.values())
    assert any("is missing" in problem for problem in group.problems()), "without its segments"
    for name, blob in whole.items():
        blobs.put(name, blob)
    assert group.problems() == []


@pytest.mark.slow
def test_events_and_segments_that_are_lost_or_altered_are_seen(group: Scene, faces: Scene) -> None:
    (key,) = list(group.rows("e|"))[-1:]
    group.put(group.rows(key)[key] | {"sealed": b"nothing"})
    assert group.problems() == [f"event {int(key[4:], 16)} of shard {key[2]} does not open"]
    group.drop(key)
    assert group.problems() == [f"event {int(key[4:], 16)} of shard {key[2]} is missing"]
    (segment,) = audit.blobs(faces.one, faces.gallery.key)
    blobs = Blobs(faces.one.services.settings.storage, CONTAINER)
    blobs.put(f"{faces.gallery.key}/{segment}", b"nothing at all")
    assert faces.problems() == [f"segment {segment} does not open"]


@pytest.mark.slow
def test_manifest_that_is_gone_or_altered_is_seen(group: Scene) -> None:
    group.put(group.rows("m")["m"] | {"count": 0})
    assert group.problems() == ["the manifest does not open"]
    group.drop("m")
    assert group.problems() == ["it has no manifest"]


@pytest.mark.slow
def test_template_that_does_not_open_is_seen(group: Scene, faces: Scene) -> None:
    person, (face, _) = group.person(3, 4)
    key = f"f|{person}|{MODEL}|{face}"
    group.put(group.rows(key)[key] | {"template": b"nothing"})
    assert group.problems() == [f"the template of face {face} of person {person} does not open"]
    listed = faces.face(5)
    key = face_record(MODEL, listed)
    faces.put(faces.rows(key)[key] | {"space": "recognition_03/fused-384"})
    assert faces.problems()[0] == f"the template of face {listed} does not open"


@pytest.mark.slow
def test_faces_that_a_person_names_no_more_are_seen(group: Scene) -> None:
    person, (_, other) = group.person(3, 4)
    row = group.rows(f"p|{person}")[f"p|{person}"]
    group.put(row | {f"faces_{MODEL}": row[f"faces_{MODEL}"][:16]})
    unnamed, altered = f"face {other} of person {person} has a row", f"the row of person {person} was altered"
    assert group.problems() == [altered, f"{unnamed}, and the person does not name it"]
    group.put(row | {f"faces_{MODEL}": row[f"faces_{MODEL}"][:7]})
    assert group.problems() == [altered, f"the faces that person {person} names cannot be read"]


@pytest.mark.slow
def test_end_or_restriction_that_was_taken_away_or_put_back_is_seen(group: Scene, faces: Scene) -> None:
    clock, records = group.one.stores.clock, group.one.stores.records
    person, _ = group.person(3, terms=Terms(None, None, clock() + HOUR))
    listed = faces.face(5, Terms(None, None, clock() + HOUR))
    for scene, record in ((group, person_record(person)), (faces, face_record(MODEL, listed))):
        records.restrict(scene.gallery.key, record, clock())
        (end,), (restriction,) = scene.rows("l|").values(), scene.rows("x|").values()
        assert scene.problems() == []
        scene.drop(end["RowKey"], restriction["RowKey"])
        assert scene.problems() == [
            f"an end of record {record} has no row",
            f"a restriction of record {record} has no row",
        ]
        scene.put(end, restriction)
        records.restrict(scene.gallery.key, record, None)
        records.agree(scene.gallery.key, record, Terms())
        scene.put(end, restriction)
        assert scene.problems() == [
            f"{end['RowKey']} names an end that its record does not have",
            f"{restriction['RowKey']} names a restriction that its record does not have",
        ]


@pytest.mark.slow
def test_ordinary_work_of_several_processes_is_no_problem(
    start: Start, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_swap, "SEGMENT_FACES", 2)
    one, other = start(), start()
    for kind in (LARGE_PERSON_GROUP, LARGE_FACE_LIST, FACE_LIST):
        scene = Scene(one, kind)
        ends = Terms(None, None, clock() + HOUR)
        assert scene.problems() == []
        for seed in range(4):
            members = [scene.person(seed, seed + 10, terms=ends) if kind.has_persons else scene.face(seed, ends)]
        assert scene.problems() == []
        other.compaction.run(scene.gallery.key)
        members += [scene.person(seed) if kind.has_persons else scene.face(seed) for seed in range(4, 8)]
        for number, member in enumerate(members[1:4]):
            if isinstance(member, tuple):
                person, (face, *_) = member
                one.services.persons.delete(kind, scene.key, person) if number else one.stores.galleries.remove_face(
                    scene.gallery, person, MODEL, face
                )
            else:
                other.services.persisted_faces.delete(kind, scene.key, None, member)
        assert scene.problems() == []
        clock.advance(2 * HOUR.total_seconds())
        assert scene.problems() == []
        other.compaction.run(scene.gallery.key)
        assert scene.problems() == []
        one.services.collections.delete(kind, scene.key)
        assert scene.found() == []


@pytest.mark.slow
def test_rows_that_cannot_be_read_are_seen(group: Scene, faces: Scene) -> None:
    person, _ = group.person(3)
    key = f"p|{person}"
    row = group.rows(key)[key]
    group.put(row | {"retainUntil": "some day"})
    assert group.problems() == [f"the row of person {person} was altered", f"when record {key} ends cannot be read"]
    faces.put(faces.rows("f|")[next(iter(faces.rows("f|")))] | {"RowKey": "f||no|face"})
    assert faces.problems() == ["a row of it cannot be read: ValueError"]


@contextmanager
def meanwhile(act: Callable[[int], None]) -> Iterator[None]:
    """`act` again and again by another thread."""
    stop, failed = threading.Event(), list[BaseException]()

    def run() -> None:
        number = 0
        while not stop.is_set():
            try:
                act(number)
            except BaseException as error:  # noqa: BLE001 told below
                failed.append(error)
                return
            number += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert failed == []


@pytest.mark.slow
def test_who_enrols_and_deletes_all_the_time_is_no_problem_and_what_was_put_back_shows_beside_it(
    group: Scene, start: Start
) -> None:
    other, galleries = start(), group.one.stores.galleries
    victim, (face,) = group.person(9)
    row = group.rows(f"f|{victim}|")
    galleries.remove_face(group.gallery, victim, MODEL, face)

    def work(number: int) -> None:
        person, (first, _) = group.person(number, number + 1)
        galleries.remove_face(group.gallery, person, MODEL, first)
        if number % 2:
            galleries.remove_person(group.gallery, person)
        if number % 5 == 4:
            other.compaction.run(group.gallery.key)

    with meanwhile(work):
        for _ in range(4):
            assert [line for line, is_sure in group.found() if is_sure] == []
        group.put(*row.values())
        found = group.found()
    assert [line for line, is_sure in found if is_sure and str(face) not in line] == []
    assert group.problems() == [
        f"face {face} of person {victim} has a row, and the person does not name it",
        f"face {face} of person {victim} is in the rows, and not in search",
    ]


def before_each(act: Callable[..., Any], *happens: Callable[[], object]) -> Callable[..., Any]:
    """`act`, where something else happens before each call, as long as there is something."""
    left = list(happens)

    def acted(*arguments: Any, **options: Any) -> Any:
        if left:
            left.pop(0)()
        return act(*arguments, **options)

    return acted


def test_face_that_comes_and_goes_between_rows_and_search_is_no_problem(group: Scene) -> None:
    person, _ = group.person(3)
    galleries, came = group.one.stores.galleries, list[PersistedFaceId]()

    def come() -> None:
        came.append(galleries.add_person_face(group.gallery, person, new_face(9), 99))

    def go() -> None:
        assert galleries.remove_face(group.gallery, person, MODEL, came[-1])

    check = group.check()
    check._look.look = before_each(check._look.look, come, go, come, go)  # type: ignore[method-assign]
    assert check.check(group.stored) == []
    assert len(came) == 2, "it was looked at again"


@pytest.mark.slow
def test_person_who_comes_while_the_members_are_counted_is_no_problem(group: Scene) -> None:
    check = group.check()
    check._look.look = before_each(check._look.look, group.person)  # type: ignore[method-assign]
    members, came = check._rows.members, list[str]()

    def counted(gallery: GalleryRef, shard: str, prefixes: Iterator[str]) -> int:
        count = members(gallery, shard, prefixes)
        while shard not in came:
            came.append(gallery.shard(group.person()[0]))
        return count

    check._rows.members = counted  # type: ignore[method-assign]
    assert check.check(group.stored) == []
    assert came


@pytest.mark.slow
def test_restriction_that_comes_and_goes_between_two_rows_is_no_problem(faces: Scene) -> None:
    clock, records, record = faces.one.stores.clock, faces.one.stores.records, face_record(MODEL, faces.face(5))

    def restrict() -> None:
        assert records.restrict(faces.gallery.key, record, clock())

    def lift() -> None:
        assert records.restrict(faces.gallery.key, record, None)

    check = faces.check()
    check._rows.marks = before_each(check._rows.marks, restrict)  # type: ignore[method-assign]
    check._rows.row = before_each(check._rows.row, lambda: None, lift)  # type: ignore[method-assign]
    assert check.check(faces.stored) == []
    assert faces.problems() == []


@pytest.mark.slow
def test_terms_that_change_all_the_time_are_no_problem(faces: Scene) -> None:
    clock, records = faces.one.stores.clock, faces.one.stores.records
    record = face_record(MODEL, faces.face(5))

    def work(number: int) -> None:
        records.agree(faces.gallery.key, record, Terms(None, None, clock() + (1 + number % 3) * HOUR))
        records.restrict(faces.gallery.key, record, None if number % 2 else clock())

    with meanwhile(work):
        for _ in range(4):
            assert [line for line, is_sure in faces.found() if is_sure] == []
    assert faces.problems() == []


@pytest.mark.slow
def test_gallery_that_moves_at_every_try_is_not_compared_and_no_problem(
    group: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moves is its manifest, while something else is missing."""
    (key,) = list(group.rows("e|"))[-1:]
    group.drop(key)
    table = group.table
    query = type(table).query

    def moving(self: Any, condition: str, *arguments: Any, **parameters: Any) -> Iterator[dict[str, Any]]:
        if parameters.get("first") == "e|":
            table.merge({"PartitionKey": group.gallery.key, "RowKey": "m"})
        return query(self, condition, *arguments, **parameters)

    monkeypatch.setattr(type(table), "query", moving)
    assert group.found() == [("it changes faster than it can be read", False)]


@pytest.mark.slow
def test_gallery_that_is_being_rebuilt_is_not_compared_and_whole_afterwards(
    group: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild, "STRETCH_FACES", 2)
    (key,) = list(group.rows("e|"))[-1:]
    group.drop(key)
    assert group.problems() == [f"event {int(key[4:], 16)} of shard {key[2]} is missing"]
    one = group.one
    assert one.compaction._rebuild.begin(group.gallery.key, audit.state(one, group.gallery.key))
    assert group.found() == [("it is being rebuilt, so nobody can search it now", False)]
    group.compact()
    assert group.problems() == []


@pytest.mark.slow
def test_collection_that_goes_or_comes_meanwhile_is_no_problem(group: Scene) -> None:
    stored, services = group.stored, group.one.services
    services.collections.delete(group.kind, group.key)
    first, *_ = sorted(group.rows("f|"))
    group.drop(first)
    assert group.found() == []
    services.background.run({"do": "erase", "gallery": group.gallery.key, "of": stored.of})
    services.collections.create(group.kind, group.key, "name", None, MODEL)
    assert group.found() == []
    assert [one for one in stored_galleries(group.one.stores.catalogue) if one.of == stored.of] == [
        StoredGallery(stored.of, group.one.gallery(group.kind, group.key), has_persons=True)
    ]


@pytest.mark.slow
def test_compaction_in_its_middle_is_no_problem(group: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the manifest and what goes after it: segments, rows of who was removed, events."""
    person, _ = group.person(3)
    rows = group.rows(f"f|{person}|")
    group.one.stores.galleries.remove_person(group.gallery, person)
    group.put(*rows.values())  # as a process leaves them that dies
    looked = []

    def looking(act: Callable[..., Any]) -> Callable[..., Any]:
        def looked_at(*arguments: Any) -> Any:
            looked.append(group.found())
            return act(*arguments)

        return looked_at

    for part, name in ((group.one.compaction._swap, "delete"), (group.one.compaction._galleries, "remove_faces_of")):
        monkeypatch.setattr(part, name, looking(getattr(part, name)))
    monkeypatch.setattr(group.one.compaction._log, "drop", looking(group.one.compaction._log.drop))
    group.compact()
    assert len(looked) >= 3
    assert not any(looked), looked
    state = audit.state(group.one, group.gallery.key)
    assert group.one.compaction._rebuild.begin(group.gallery.key, state)
    assert group.problems() == [], "a rebuild of what is whole"


@pytest.mark.slow
def test_change_of_key_in_its_middle_is_no_problem(
    settings: Settings, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseals, "READ_AT_ONCE", 1)
    ring = tmp_path / "ring.json"
    create_key_ring(ring)
    one = Instance.build(replace(settings, key_ring_file=ring), clock, tmp_path / "one")
    scene = Scene(one)
    scene.person(0, 1, 2)
    scene.compact()
    scene.person(3, 4)
    replace_key_ring(ring, KeyRing.load(ring).with_new_key(clock()))
    assert one.stores.key_ring.has(KeyRing.load(ring).active), "it looks for one that it does not know"
    scene.person(5)
    assert not one.stores.reseals.rows(scene.gallery.key, until=0), "it stops half-way"
    assert len({sealed_under(row["template"]) for row in scene.rows("f|").values()}) == 2
    assert scene.problems() == []
    assert one.services.resealing.run(scene.gallery.key, one.stores.key_ring.now().active)
    assert scene.problems() == []
    one.services.collections.delete(scene.kind, scene.key)
    one.compaction.erase(scene.gallery.key)
