"""What the audit trail says of storage: who was deleted and is there again, who was enrolled and is missing, who is
restricted; and nothing of what may be somebody's work."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.audit.stored import look, trail_check
from infra.local.azurite import Azurite
from shared.clock import to_text
from shared.people import intents, segment_swap
from shared.people.audit_trail import DELETE, DELETING, ENROL, RESTRICT, AuditTrail, Event
from shared.people.kinds import LARGE_FACE_LIST, LARGE_PERSON_GROUP, Kind
from shared.people.records import Name
from shared.people.trail_check import Record, TrailCheck
from shared.people.trail_told import UNORDERED
from shared.store.blobs import Blobs
from shared.store.ids import PersistedFaceId, PersonId
from shared.store.segments import CONTAINER
from shared.store.tables import ETAG, WRITTEN
from shared.store.terms import UNSAID, Terms
from tests.clock import FakeClock, Skewed
from tests.people import audit
from tests.people.instances import MODEL, Instance, new_face
from tests.people.traffic import Send, Traffic

Start = Callable[[], Instance]
HOUR = timedelta(hours=1)
GROUP, LIST = LARGE_PERSON_GROUP, LARGE_FACE_LIST


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All that the trail tells of is these tests'."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


class Desk:
    """Calls as the edge makes them, with what they leave in the trail; and the hands of who can write to storage."""

    def __init__(self, one: Instance, clock: FakeClock) -> None:
        self.one, self.clock = one, clock
        self.audit: AuditTrail = one.services.audit
        self.group, self.list = (f"c-{uuid.uuid4().hex}" for _ in range(2))
        one.services.collections.create(GROUP, self.group, "name", None, MODEL)
        one.services.collections.create(LIST, self.list, "name", None, MODEL)
        self.table = one.stores.tables.table("galleries")

    @property
    def of(self) -> str:
        return f"{GROUP.path}|{self.group}"

    def check(self) -> TrailCheck:
        stores, account = self.one.stores, self.one.services.settings.storage
        return trail_check(account, stores.tables, stores.key_ring, self.clock)

    def problems(self) -> list[str]:
        trail, found = self.check().check()
        assert trail.problems == ()
        return found

    def note(self, kind: str, request: str = "", operation: str = "", **ids: str) -> None:
        self.audit.note(Event(kind, operation, {name: [one] for name, one in ids.items()}, request))

    def person(self, terms: Terms = UNSAID) -> PersonId:
        person = self.one.services.persons.create(GROUP, self.group, "name", "data", terms)
        self.note(ENROL, largePersonGroupId=self.group, personId=person)
        return person

    def directory_person(self) -> PersonId:
        person, _ = self.one.services.directory.create("name", None)
        self.note(ENROL, personId=person)
        return person

    def face(self, person: PersonId, seed: int) -> PersistedFaceId:
        face = self.one.stores.galleries.add_person_face(self.gallery(GROUP), person, new_face(seed), 99)
        self.note(ENROL, largePersonGroupId=self.group, personId=person, persistedFaceId=face)
        return face

    def listed(self, seed: int) -> PersistedFaceId:
        face = self.one.stores.galleries.add_face(self.gallery(LIST), new_face(seed), 999)
        self.note(ENROL, largeFaceListId=self.list, persistedFaceId=face)
        return face

    def gallery(self, kind: Kind) -> Any:
        return self.one.gallery(kind, self.group if kind is GROUP else self.list)

    def delete_person(self, person: PersonId, *, dies: bool = False) -> None:
        self.note(DELETING, personId=person)
        self.one.services.persons.delete(GROUP, self.group, person)
        if not dies:
            self.note(DELETE, largePersonGroupId=self.group, personId=person)

    def delete_listed(self, face: PersistedFaceId) -> None:
        self.note(DELETING, persistedFaceId=face)
        self.one.services.persisted_faces.delete(LIST, self.list, None, face)
        self.note(DELETE, largeFaceListId=self.list, persistedFaceId=face)

    def delete_group(self) -> None:
        request = str(uuid.uuid4())
        self.note(DELETING, request, largePersonGroupId=self.group, gallery=self.gallery(GROUP).key)
        self.one.services.collections.delete(GROUP, self.group)
        self.note(DELETE, request, largePersonGroupId=self.group)

    def restrict(self, person: PersonId, *, lift: bool = False) -> None:
        self.one.services.privacy.rights.restrict(None, [Name(GROUP, self.group, person, None)], lift=lift)
        name = "LiftRestriction" if lift else "RestrictPersonalData"
        self.note(RESTRICT, "", name, largePersonGroupId=self.group, personId=person)

    def rows(self, kind: Kind) -> dict[str, dict[str, Any]]:
        return audit.rows(self.one, self.gallery(kind).key)

    def put_back(self, kind: Kind, rows: dict[str, dict[str, Any]]) -> None:
        """Everything as it was."""
        self.table.delete_many(self.gallery(kind).key, list(self.rows(kind)))
        for row in rows.values():
            self.table.put([plain(row)])


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in (ETAG, WRITTEN)}


@pytest.fixture
def desk(start: Start, clock: FakeClock) -> Iterator[Desk]:
    """Leaves nothing behind of which the next trail would know nothing."""
    one = start()
    yield Desk(one, clock)
    for name in ("audit", "catalogue", "galleries"):
        table = one.stores.tables.table(name)
        for row in list(table.query("PartitionKey ge @first", ("PartitionKey", "RowKey"), first="")):
            table.delete(row["PartitionKey"], [row["RowKey"]])


def test_who_was_deleted_and_is_put_back_whole_is_seen(desk: Desk, start: Start, clock: FakeClock) -> None:
    person, listed = desk.person(), desk.listed(1)
    face = desk.face(person, 0)
    group, faces = desk.gallery(GROUP).key, desk.gallery(LIST).key
    desk.one.compaction.run(group)
    groups, lists, at = desk.rows(GROUP), desk.rows(LIST), to_text(clock())
    blobs = Blobs(desk.one.services.settings.storage, CONTAINER)
    (name,) = (f"{group}/{key}" for key in audit.blobs(desk.one, group))
    segment = blobs.get(name)
    desk.delete_person(person)
    desk.delete_listed(listed)
    desk.one.compaction.run(group)
    assert desk.problems() == []
    desk.put_back(GROUP, groups)
    desk.put_back(LIST, lists)
    blobs.put(name, segment or b"")
    assert str(face) in start().visible(group), "a search finds them again"
    seen = [
        f"gallery {faces} (largefacelists|{desk.list}): face {listed} was deleted at {at}, and is there",
        f"gallery {group} (largepersongroups|{desk.group}): person {person} was deleted at {at}, and is there",
    ]
    assert sorted(desk.problems()) == sorted(desk.problems()) == sorted(seen)


@pytest.mark.slow
def test_face_of_a_person_that_was_deleted_and_is_put_back_is_seen(desk: Desk) -> None:
    person = desk.person()
    face = desk.face(person, 0)
    earlier = desk.rows(GROUP)
    desk.note(DELETING, personId=person, persistedFaceId=face)
    desk.one.services.persisted_faces.delete(GROUP, desk.group, person, face)
    desk.note(DELETE, largePersonGroupId=desk.group, personId=person, persistedFaceId=face)
    assert desk.problems() == []
    desk.put_back(GROUP, earlier)
    (problem,) = desk.problems()
    assert f"face {face} was deleted" in problem


@pytest.mark.slow
def test_who_was_enrolled_and_is_taken_away_is_seen(desk: Desk, clock: FakeClock) -> None:
    empty, faceless = desk.rows(GROUP), desk.rows(LIST)
    person, listed, at = desk.person(), desk.listed(1), to_text(clock())
    desk.face(person, 0)
    desk.put_back(GROUP, empty)
    desk.put_back(LIST, faceless)
    assert sorted(desk.problems()) == [
        f"largefacelists|{desk.list}: face {listed} was enrolled at {at}, and is missing",
        f"largepersongroups|{desk.group}: person {person} was enrolled at {at}, and is missing",
    ]


@pytest.mark.slow
def test_person_of_the_directory_who_is_taken_away_is_seen(desk: Desk) -> None:
    person = desk.directory_person()
    directory = desk.one.services.directory.gallery()
    assert directory
    assert desk.problems() == []
    desk.table.delete(directory.key, [f"p|{person}"])
    (problem,) = desk.problems()
    assert problem.startswith(f"directory|directory: person {person} was enrolled")


@pytest.mark.slow
def test_collection_that_was_deleted_and_is_put_back_is_seen(desk: Desk, clock: FakeClock) -> None:
    person = desk.person()
    catalogue = desk.one.stores.tables.table("catalogue")
    entry, rows = catalogue.get(GROUP.path, desk.group), desk.rows(GROUP)
    assert entry
    key = desk.gallery(GROUP).key
    clock.advance(UNORDERED.total_seconds())
    at = to_text(clock())
    desk.delete_group()
    assert desk.problems() == []
    desk.one.compaction.erase(key)
    assert desk.problems() == []
    catalogue.put([plain(entry)])
    desk.put_back(GROUP, rows)
    stored = f"gallery {key} ({desk.of})"
    assert desk.problems() == [
        f"{stored} was deleted at {at}, and is there",
        f"{stored}: person {person} was enrolled in {desk.of}, which was deleted at {at}, and is there",
    ]


@pytest.mark.slow
def test_collection_that_is_taken_away_is_seen_by_its_records(desk: Desk) -> None:
    person = desk.person()
    desk.one.stores.tables.table("catalogue").delete(GROUP.path, [desk.group])
    (problem,) = desk.problems()
    assert f"person {person} was enrolled" in problem


@pytest.mark.slow
def test_every_record_of_an_erasure_is_named_however_many_there_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call's own entry names so many, those that are noted before all."""
    monkeypatch.setattr(intents, "AT_ONCE", 2)
    subject = f"s-{uuid.uuid4().hex}"
    persons = [desk.person(Terms(subject)) for _ in range(5)]
    rows = desk.rows(GROUP)
    key, _ = desk.one.services.privacy.erasing.begin(subject, [])
    assert desk.problems() == []
    desk.put_back(GROUP, rows)
    assert desk.problems() == [], "as far as the trail says it was only about to be done"
    desk.note(DELETE, "", "ErasePersonalData", erasureId=key)
    assert sorted(problem.split()[4] for problem in desk.problems()) == sorted(persons)


@pytest.mark.slow
def test_record_whose_end_had_come_is_seen_if_it_is_put_back(desk: Desk, clock: FakeClock) -> None:
    person = desk.person(Terms(None, None, clock() + HOUR))
    rows = desk.rows(GROUP)
    clock.advance(2 * HOUR.total_seconds())
    assert desk.problems() == [], "over, and not swept"
    desk.one.services.retention.sweep()
    assert desk.problems() == []
    desk.put_back(GROUP, rows)
    (problem,) = desk.problems()
    assert f"person {person} was deleted" in problem


@pytest.mark.slow
def test_restriction_that_was_taken_away_or_put_back_is_seen(desk: Desk, clock: FakeClock) -> None:
    person = desk.person()
    free = desk.rows(GROUP)
    desk.restrict(person)
    bound, at = desk.rows(GROUP), to_text(clock())
    assert desk.problems() == []
    desk.put_back(GROUP, free)
    (problem,) = desk.problems()
    assert problem.endswith(f"person {person} was restricted at {at}, and is not")
    desk.put_back(GROUP, bound)
    desk.restrict(person, lift=True)
    assert desk.problems() == []
    desk.put_back(GROUP, bound)
    assert desk.problems() == [], "which came last cannot be told so soon"
    clock.advance(UNORDERED.total_seconds() + 1)
    desk.restrict(person, lift=True)
    desk.put_back(GROUP, bound)
    (problem,) = desk.problems()
    assert problem.endswith(f"person {person} is restricted, which was lifted at {to_text(clock())}")


@pytest.mark.slow
def test_calls_that_died_or_were_refused_are_no_problem(desk: Desk) -> None:
    persons = [desk.person() for _ in range(4)]
    desk.delete_person(persons[0], dies=True)
    desk.note(DELETING, personId=persons[1])  # and died, or was refused
    unnoted = desk.one.services.persons.create(GROUP, desk.group, "name", None)
    assert desk.problems() == []
    desk.one.services.persons.delete(GROUP, desk.group, unnoted)
    desk.note(DELETING, "one", largePersonGroupId=desk.group, gallery=desk.gallery(GROUP).key)
    assert desk.problems() == []
    desk.one.services.collections.delete(GROUP, desk.group)
    assert desk.problems() == []


@pytest.mark.slow
def test_collection_that_is_made_again_is_no_problem(desk: Desk, clock: FakeClock) -> None:
    desk.person()
    desk.delete_group()
    desk.one.services.collections.create(GROUP, desk.group, "name", None, MODEL)
    again = desk.person()
    assert desk.problems() == []
    clock.advance(HOUR.total_seconds())
    desk.person()
    assert desk.problems() == []
    desk.delete_person(again)
    assert desk.problems() == []


@pytest.mark.slow
def test_processes_whose_clocks_differ_are_no_problem(desk: Desk, clock: FakeClock) -> None:
    chains, ring = desk.one.stores.audit_chains, desk.one.stores.key_ring
    late = AuditTrail(chains, ring, True, Skewed(clock, -300))
    person, listed = desk.person(), desk.listed(1)
    desk.face(person, 0)
    desk.audit = late
    desk.delete_person(person)
    desk.delete_listed(listed)
    desk.delete_group()
    desk.one.services.collections.create(GROUP, desk.group, "name", None, MODEL)
    desk.person()
    assert desk.problems() == []


@pytest.mark.slow
def test_enrolment_of_which_an_older_chain_may_have_told_more_is_left_alone(desk: Desk, clock: FakeClock) -> None:
    empty = desk.rows(GROUP)
    desk.person()
    desk.put_back(GROUP, empty)
    days = desk.one.services.settings.audit_days
    clock.advance(timedelta(days=days - 2).total_seconds())
    assert len(desk.problems()) == 1
    clock.advance(timedelta(days=1).total_seconds())
    assert desk.problems() == []


@pytest.mark.slow
def test_forged_entries_do_not_count_and_a_chain_that_is_broken_makes_nobody_missing(
    desk: Desk, clock: FakeClock
) -> None:
    person, empty = desk.person(), desk.rows(LIST)
    desk.listed(1)
    desk.put_back(LIST, empty)
    assert len(desk.problems()) == 1
    chain = desk.audit.anchor().chain
    table = desk.one.stores.tables.table("audit")
    last = max(entry.sequence for entry in desk.one.stores.audit_chains.entries(chain))
    told = {"at": to_text(clock()), "kind": "delete", "operation": "", "request": "", "ids": {"personId": [person]}}
    forged = json.dumps(told)
    table.put([{"PartitionKey": chain, "RowKey": f"{last + 1:012d}", "entry": forged, "mac": "0" * 64}])
    trail, found = desk.check().check()
    assert trail.problems == (f"{chain}: entry {last + 1} was altered",)
    assert found == []


def test_what_goes_between_the_trail_and_storage_is_no_problem(desk: Desk) -> None:
    person, bound, listed = desk.person(), desk.person(), desk.listed(1)
    face = desk.face(person, 0)
    check = desk.check()
    stored = check._stored

    def stored_later(*arguments: Any) -> Iterator[Record]:
        desk.delete_person(person)
        desk.delete_listed(listed)
        desk.restrict(bound)
        yield from stored(*arguments)
        desk.restrict(bound, lift=True)

    check._stored = stored_later  # type: ignore[method-assign, assignment]
    trail, found = check.check()
    assert (trail.problems, found) == ((), [])
    assert face not in desk.one.visible(desk.gallery(GROUP).key)


@pytest.mark.slow
def test_entries_that_come_while_the_trail_is_read_are_no_problem(desk: Desk) -> None:
    desk.person()
    check = desk.check()
    head = check._chains.head

    def head_later(chain: str) -> Any:
        desk.listed(1)
        desk.audit.anchor()
        return head(chain)

    check._chains.head = head_later  # type: ignore[method-assign]
    trail, found = check.check()
    assert (trail.problems, found) == ((), [])


@pytest.mark.slow
def test_calls_of_others_all_the_time_are_no_problem(desk: Desk) -> None:
    stop, failed = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            while not stop.is_set():
                person, listed = desk.person(), desk.listed(1)
                desk.face(person, 0)
                desk.restrict(person)
                desk.delete_person(person)
                desk.delete_listed(listed)
                desk.audit.anchor()
        except BaseException as error:  # noqa: BLE001 told below
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(8):
            assert desk.problems() == []
    finally:
        stop.set()
        thread.join()
    assert failed == []


def test_the_command_sends_storage_nothing_but_questions(
    desk: Desk, traffic: Traffic, capsys: pytest.CaptureFixture[str]
) -> None:
    """So it is content with roles that only read."""
    desk.face(desk.person(), 0)
    desk.one.compaction.run(desk.gallery(GROUP).key)
    desk.table.delete(desk.gallery(GROUP).key, ["n|7"])
    sent = set[str]()

    def hook(request: Any, send: Send) -> Any:
        sent.add(request.method)
        return send()

    with traffic.hooked(hook):
        assert look(desk.one.services.settings.storage, desk.one.stores.key_ring, desk.clock) == 1
    assert "the head of shard 7 is missing" in capsys.readouterr().out
    assert sent == {"GET"}


@pytest.mark.slow
def test_mixed_work_of_several_processes_leaves_nothing_to_find(
    desk: Desk, start: Start, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Deletions, erasures, ends before and after the sweep, restrictions, compactions and a rebuild, looked at by the
    command after every step."""
    monkeypatch.setattr(segment_swap, "SEGMENT_FACES", 2)
    other, stores = start(), desk.one.stores
    subject = f"s-{uuid.uuid4().hex}"
    ended = Terms(subject, None, clock() + HOUR)
    persons = [desk.person(ended if number % 2 else Terms(subject)) for number in range(6)]
    listed = [desk.listed(20 + number) for number in range(4)]
    in_directory = desk.directory_person()

    def compact() -> None:
        for kind in (GROUP, LIST):
            other.compaction.run(desk.gallery(kind).key)

    def rebuild() -> None:
        gallery = desk.gallery(GROUP).key
        assert other.compaction._rebuild.begin(gallery, audit.state(other, gallery))

    def erase() -> None:
        names = [Name(LIST, desk.list, None, listed[1]), Name(None, "", in_directory, None)]
        key, _ = other.services.privacy.erasing.begin(subject, names)
        desk.note(DELETE, "", "ErasePersonalData", erasureId=key)

    steps: list[Callable[[], object]] = [
        lambda: [desk.face(person, number) for number, person in enumerate(persons)],
        compact,
        lambda: desk.delete_person(persons[0]),
        lambda: desk.delete_listed(listed[0]),
        rebuild,
        lambda: [desk.face(person, 10 + number) for number, person in enumerate(persons[1:])],
        compact,
        lambda: desk.restrict(persons[2]),
        lambda: clock.advance(2 * HOUR.total_seconds()),
        other.services.retention.sweep,
        lambda: desk.restrict(persons[2], lift=True),
        erase,
        lambda: clock.advance(HOUR.total_seconds()),
        other.services.retention.sweep,
        desk.delete_group,
        lambda: other.services.retention.sweep(),
        lambda: desk.one.services.collections.create(GROUP, desk.group, "name", None, MODEL),
        lambda: desk.face(desk.person(), 1),
    ]
    for number, step in enumerate(steps):
        step()
        answer = look(desk.one.services.settings.storage, stores.key_ring, clock)
        assert (answer, capsys.readouterr().out.count("\n")) == (0, 1), number
