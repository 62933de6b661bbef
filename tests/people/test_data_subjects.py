"""Those on whom something is held: all of it is told, ended everywhere with a receipt, or kept and used by nobody."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from infra.local.azurite import Azurite
from shared.errors import FaceError, PersonNotFound, PersonRestricted, SubjectNotFound
from shared.people.audit_check import check
from shared.people.audit_trail import ENROL, Event, audit_key
from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.people.liveness_kinds import LIVENESS
from shared.people.receipts import ReceiptRefused, checked
from shared.people.records import Name
from shared.store.erasures import SETTLED_AFTER
from shared.store.members import NewFace
from shared.store.sessions import Terms as SessionTerms
from shared.store.terms import Terms
from shared.store.turning import rounded
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, RECOGNISER, Instance, new_face, template
from tests.people.traffic import Traffic, reset

SUBJECT = "customer-17"
KINDS = (FACE_LIST, LARGE_FACE_LIST, PERSON_GROUP, LARGE_PERSON_GROUP)
FEW = (PERSON_GROUP,)
OF_KINDS = pytest.mark.parametrize("kinds", [FEW, pytest.param(KINDS, marks=pytest.mark.slow)], ids=["few", "all"])


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: everything in it is accounted for."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def one(start: Callable[[], Instance], clock: FakeClock) -> Iterator[Instance]:
    """A process; what it has made is gone afterwards."""
    instance = start()
    yield instance
    for kind in KINDS:
        for found in instance.services.collections.list(kind):
            instance.services.collections.delete(kind, found.id)
    for person in instance.services.directory.list("", 1000):
        instance.services.directory.delete(person.person_id)
    for group in instance.services.dynamic_groups.list("", 1000):
        instance.services.dynamic_groups.delete(group.id)
    later(instance, clock, 3 * 24 * 3600)
    later(instance, clock, 31 * 24 * 3600)
    audit.check_nothing_is_left_over(instance)
    assert not list(instance.stores.tables.table("subjects").query("PartitionKey ge @first", first=""))
    assert not list(instance.stores.tables.table("erasures").query("PartitionKey ge @first", first=""))


def later(instance: Instance, clock: FakeClock, seconds: float) -> None:
    clock.advance(seconds)
    ran = instance.services.retention.sweep()
    assert (ran.failed, ran.finished) == (0, True)


class Held:
    """A person in a collection of each kind and in the directory, and in the collections somebody else beside.

    `both`, `other`: the seeds of the faces that are found in each, with the person and without."""

    def __init__(self, instance: Instance, terms: Terms, kinds: Sequence[Kind] = FEW) -> None:
        self.one = instance
        self.both = {kind.name: {1, 2} for kind in kinds} | {"Directory": {1}}
        self.other = {name: seeds - {1} for name, seeds in self.both.items()}
        self.galleries = {}
        self.names: list[Name] = []
        for kind in kinds:
            key = f"c-{uuid.uuid4().hex}"
            instance.services.collections.create(kind, key, "name", None, MODEL)
            self.galleries[kind.name] = instance.gallery(kind, key)
            self.names.append(self.enrol(kind, key, 1, terms))
            self.enrol(kind, key, 2, Terms(subject="somebody-else"))
        person, _ = instance.services.directory.create("in the directory", "data", terms)
        directory = instance.services.directory.gallery()
        assert directory
        self.galleries["Directory"] = directory
        instance.stores.galleries.add_person_face(directory, person, new_face(1, "its data"), 9)
        self.group = f"g-{uuid.uuid4().hex}"
        instance.services.dynamic_groups.create(self.group, "a group", None, [person])
        instance.services.dynamic_groups.settle(self.group, instance.services.dynamic_groups._row(self.group)["group"])
        self.names.append(Name(None, "", person, None))
        self.person = person

    def enrol(self, kind: Kind, key: str, seed: int, terms: Terms) -> Name:
        services, stores, gallery = self.one.services, self.one.stores, self.galleries[kind.name]
        if kind.has_persons:
            person = services.persons.create(kind, key, f"person {seed}", "data", terms)
            stores.galleries.add_person_face(gallery, person, new_face(seed, "its data"), 9)
            return Name(kind, key, person, None)
        agreed = services.persisted_faces._agreements.agreed(terms, gallery.key, f"{kind.path}|{key}")
        face = stores.galleries.add_face(gallery, new_face(seed, "its data"), NO_LIMIT, agreed)
        return Name(kind, key, None, face)

    def seen(self, instance: Instance) -> dict[str, set[int]]:
        return {name: instance.seeds(gallery.key) for name, gallery in self.galleries.items()}


def erase(instance: Instance, subject: str | None, *names: Name) -> str:
    return instance.services.privacy.erasing.begin(subject, names)[0]


@OF_KINDS
def test_erased_subject_is_found_nowhere_and_the_receipt_comes_when_nothing_is_left(
    one: Instance, start: Callable[[], Instance], clock: FakeClock, kinds: Sequence[Kind]
) -> None:
    held, other = Held(one, Terms(SUBJECT, "consent/1"), kinds), start()
    for gallery in held.galleries.values():
        one.compaction.run(gallery.key)
    assert held.seen(one) == held.seen(other) == held.both
    terms = SessionTerms("Passive", 600, 1, subject=SUBJECT)
    session = one.services.liveness_sessions.create(LIVENESS, terms).session
    key = erase(one, SUBJECT)
    assert held.seen(one) == held.seen(other) == held.other
    with pytest.raises(SubjectNotFound):
        one.services.privacy.records.held(SUBJECT, ())
    one.services.background.run({"do": "forget", "erasure": key})
    assert not one.services.dynamic_groups.persons(held.group, "", 9)
    assert one.stores.sessions.is_gone(session.kind, session.session_id)
    erasing = one.services.privacy.erasing
    later(one, clock, SETTLED_AFTER.total_seconds() - 60)
    assert erasing.get(key).receipt is None
    later(one, clock, 600)
    found = erasing.get(key)
    assert found.receipt
    told = checked(found.receipt, one.services.privacy.receipts.public_keys())
    assert [told["sessionId"] for told in told["sessions"]] == [session.session_id]
    assert (told["jti"], told["subject"], len(told["records"])) == (key, SUBJECT, len(kinds) + 1)
    assert sum(record["faces"] for record in told["records"]) == len(kinds) + 1
    for gallery in held.galleries.values():
        audit.check(one, gallery)


@pytest.mark.slow
def test_receipt_that_was_altered_or_signed_by_another_is_refused(one: Instance) -> None:
    receipts = one.services.privacy.receipts
    receipt, keys = receipts.issue("an-erasure", {"records": []}), receipts.public_keys()
    assert checked(receipt, keys)["jti"] == "an-erasure"
    head, body, signature = receipt.split(".")
    for broken in (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", "no.receipt", ""):
        with pytest.raises(ReceiptRefused):
            checked(broken, keys)
    session = one.services.session_tokens.issue(
        "detectLiveness", "an-erasure", "", datetime.now(UTC), datetime.now(UTC)
    )
    with pytest.raises(ReceiptRefused):
        checked(session, keys)


@pytest.mark.slow
def test_record_that_is_named_is_erased_alone(one: Instance, clock: FakeClock) -> None:
    held = Held(one, Terms(SUBJECT))
    key = erase(one, None, held.names[0])
    assert held.seen(one) == held.both | {"PersonGroup": {2}}
    assert len(one.services.privacy.records.held(SUBJECT, ()).records) == 1
    later(one, clock, 3600)
    assert one.services.privacy.erasing.get(key).receipt
    with pytest.raises(PersonNotFound):
        erase(one, None, held.names[0])


@pytest.mark.slow
def test_receipt_waits_as_long_as_a_segment_that_no_manifest_names_holds_the_face(
    one: Instance, clock: FakeClock
) -> None:
    clock.advance(-SETTLED_AFTER.total_seconds() - 120)  # so that what is written at last is young by storage's clock
    held = Held(one, Terms(SUBJECT))
    gallery = held.galleries["PersonGroup"]
    one.compaction.run(gallery.key)
    (ref,) = audit.state(one, gallery.key).segments
    segment = one.cache.get(gallery.key, ref.key)
    assert segment
    key = erase(one, SUBJECT)
    clock.advance(SETTLED_AFTER.total_seconds() + 120)
    left = one.stores.segments.write(gallery.key, segment.index_bytes(), segment.blocks[0].exact())
    later(one, clock, 0)
    assert one.services.privacy.erasing.get(key).receipt is None
    one.stores.segments.delete(gallery.key, left)
    later(one, clock, 600)
    assert one.services.privacy.erasing.get(key).receipt


@OF_KINDS
def test_restricted_is_matched_by_no_process_at_once_until_it_is_lifted(
    one: Instance, start: Callable[[], Instance], kinds: Sequence[Kind]
) -> None:
    held, other = Held(one, Terms(SUBJECT), kinds), start()
    assert held.seen(other) == held.both
    rights = one.services.privacy.rights
    assert len(rights.restrict(SUBJECT, ())) == len(kinds) + 1
    assert held.seen(one) == held.seen(other) == held.other
    rights.restrict(SUBJECT, ())  # again: nothing more
    for gallery in held.galleries.values():
        one.compaction.run(gallery.key)
    assert held.seen(one) == held.seen(other) == held.seen(start()) == held.other
    assert other.services.directory.get(held.person).restricted
    rights.restrict(SUBJECT, (), lift=True)
    assert held.seen(one) == held.seen(other) == held.both


@pytest.mark.slow
def test_restricted_person_is_not_verified_and_that_is_said(one: Instance) -> None:
    held = Held(one, Terms(SUBJECT))
    probe = face_id(one, 1)
    verify = one.services.recognition.verify_directory_person
    assert verify(probe, held.person).identical
    one.services.privacy.rights.restrict(SUBJECT, ())
    with pytest.raises(PersonRestricted):
        verify(probe, held.person)
    one.services.privacy.rights.restrict(SUBJECT, (), lift=True)
    assert verify(probe, held.person).identical


@pytest.mark.slow
def test_removed_while_restricted_leaves_nothing(one: Instance) -> None:
    held = Held(one, Terms(SUBJECT, retain_until=one.services.clock() + timedelta(days=9)))
    one.services.privacy.rights.restrict(SUBJECT, ())
    erase(one, SUBJECT)
    for gallery in held.galleries.values():
        one.compaction.run(gallery.key)
        assert not [key for key in audit.rows(one, gallery.key) if key.startswith(("l|", "x|"))]


@OF_KINDS
def test_record_is_absent_from_the_second_on_that_its_terms_name_and_erased_by_the_sweep(
    one: Instance, start: Callable[[], Instance], clock: FakeClock, kinds: Sequence[Kind]
) -> None:
    held, other = Held(one, Terms(SUBJECT, "c", one.services.clock() + timedelta(hours=1)), kinds), start()
    for gallery in held.galleries.values():
        one.compaction.run(gallery.key)
    probe = face_id(one, 1)
    clock.advance(3599)
    later(one, clock, 0)
    assert held.seen(one) == held.seen(other) == held.both
    assert one.services.recognition.verify_directory_person(probe, held.person).identical
    clock.advance(1)
    assert held.seen(one) == held.seen(other) == held.other
    assert_absent(one, held)
    assert audit.rows(one, held.galleries["PersonGroup"].key, "p|")
    later(one, clock, 480)
    for gallery in held.galleries.values():
        one.compaction.run(gallery.key)
        audit.check(one, gallery)
    assert not one.services.privacy.records.of_subject(SUBJECT, over=True).records


def assert_absent(one: Instance, held: Held) -> None:
    services = one.services
    with pytest.raises(PersonNotFound):
        services.directory.get(held.person)
    with pytest.raises(PersonNotFound):
        services.recognition.verify_directory_person(face_id(one, 1), held.person)
    with pytest.raises(PersonNotFound):
        services.directory.update(held.person, "again", None)
    assert services.directory.list("", 9) == []
    assert not services.directory.has(held.person)
    for name in held.names[:-1]:
        assert name.kind
        with pytest.raises(FaceError):
            services.privacy.records.named(name)
        if name.kind.has_persons:
            assert [one.name for one in services.persons.list(name.kind, name.collection, "", 1)] == ["person 2"]
        else:
            assert len(services.persisted_faces.list(name.kind, name.collection, "", None)) == 1
    assert services.privacy.records.of_subject(SUBJECT).records == ()


@pytest.mark.slow
def test_terms_that_changed_count_and_not_those_before(one: Instance, clock: FakeClock) -> None:
    now = one.services.clock()
    held = Held(one, Terms(SUBJECT, "c", now + timedelta(hours=1)))
    rights = one.services.privacy.rights
    rights.agree(SUBJECT, (), Terms("customer-18", None, now + timedelta(hours=5)), frozenset())
    assert not one.services.privacy.records.of_subject(SUBJECT).records
    later(one, clock, 2 * 3600)
    assert held.seen(one) == held.both
    found = rights.export("customer-18", ())
    assert {(record.terms.consent, record.terms.retain_until) for record in found.records} == {
        ("c", now + timedelta(hours=5))
    }
    rights.agree("customer-18", (), Terms(), frozenset({"retain_until", "consent"}))
    later(one, clock, 24 * 3600)
    assert held.seen(one) == held.both


@pytest.mark.slow
def test_export_holds_everything_of_the_subject_and_nothing_of_others(one: Instance) -> None:
    until = one.services.clock() + timedelta(days=1)
    held = Held(one, Terms(SUBJECT, "consent/1", until))
    found = one.services.privacy.rights.export(SUBJECT, ())
    assert len(found.records) == 2
    for record in found.records:
        (face,) = record.faces
        assert face.template is not None
        assert np.array_equal(face.template, rounded(template(1)))
        assert (face.user_data, record.terms) == ("its data", Terms(SUBJECT, "consent/1", until))
    assert [record.groups for record in found.records if record.groups] == [(held.group,)]
    assert {record.name for record in found.records} == {"person 1", "in the directory"}


@pytest.mark.slow
def test_ordinary_deletions_leave_no_reference_to_the_subject(one: Instance, clock: FakeClock) -> None:
    held = Held(one, Terms(SUBJECT), KINDS)
    services = one.services
    services.persons.delete(PERSON_GROUP, held.names[2].collection, held.names[2].person or "")
    services.persisted_faces.delete(FACE_LIST, held.names[0].collection, None, held.names[0].face or "")
    services.directory.delete(held.person)
    for name in (held.names[1], held.names[3]):
        assert name.kind
        services.collections.delete(name.kind, name.collection)
        gallery = held.galleries[name.kind.name].key
        services.background.run({"do": "erase", "gallery": gallery, "of": f"{name.kind.path}|{name.collection}"})
    assert one.stores.subjects.places(SUBJECT) == []
    later(one, clock, 3600)


@pytest.mark.slow
def test_erasure_or_enrolment_that_died_anywhere_is_whole_or_taken_up_by_the_sweep(
    one: Instance, start: Callable[[], Instance], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic = Traffic(monkeypatch)
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(PERSON_GROUP, key, "name", None, MODEL)
    gallery = one.gallery(PERSON_GROUP, key)
    terms = Terms(SUBJECT, "c", one.services.clock() + timedelta(days=9))

    def enrol(instance: Instance) -> None:
        person = instance.services.persons.create(PERSON_GROUP, key, "name", None, terms)
        instance.stores.galleries.add_person_face(gallery, person, new_face(1), 9)

    for act in (enrol, lambda instance: erase(instance, SUBJECT)):
        for at in count(1):
            if not one.services.privacy.records.of_subject(SUBJECT).records and act is not enrol:
                enrol(one)
            with traffic.dying(at):
                act(start())
            if traffic.count < at:
                break
            held = one.services.privacy.records.of_subject(SUBJECT).records
            persons = {row.removeprefix("p|") for row in audit.rows(one, gallery.key, "p|")}
            assert {record.person for record in held} == persons
    later(one, clock, 3600)
    later(one, clock, 3600)
    assert not one.services.privacy.records.of_subject(SUBJECT).records
    assert audit.rows(one, gallery.key, "p|") == {}


def face_id(instance: Instance, seed: int) -> str:
    """Of a probe that looks like that seed."""
    reservation = instance.stores.face_ids.reserve(1, timedelta(days=1))
    face: NewFace = new_face(seed)
    instance.stores.face_ids.commit(reservation, MODEL, RECOGNISER, face.template[None])
    return reservation.ids[0]


@pytest.mark.slow
def test_answer_that_was_lost_changes_nothing_about_what_was_done(
    one: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of restricting, lifting, other terms, and entries of the audit trail."""
    held, traffic = Held(one, Terms(SUBJECT)), Traffic(monkeypatch)
    rights, until = one.services.privacy.rights, one.services.clock() + timedelta(days=2)
    acts: list[tuple[Callable[[], object], Callable[[], bool]]] = [
        (lambda: rights.restrict(SUBJECT, ()), lambda: held.seen(one) == held.other),
        (lambda: rights.restrict(SUBJECT, (), lift=True), lambda: held.seen(one) == held.both),
        (
            lambda: rights.agree(SUBJECT, (), Terms(None, "c", until), frozenset()),
            lambda: {record.terms for record in rights.export(SUBJECT, ()).records} == {Terms(SUBJECT, "c", until)},
        ),
        (
            lambda: rights.agree(SUBJECT, (), Terms(), frozenset({"consent", "retain_until"})),
            lambda: {record.terms for record in rights.export(SUBJECT, ()).records} == {Terms(SUBJECT)},
        ),
    ]
    for at in count(1):
        most = 0
        for act, is_done in acts:
            with traffic.losing(at, reset):
                act()
            most = max(most, traffic.count)
            assert is_done()
        if most < at:
            break
    for at in range(1, 8):
        with traffic.losing(at, reset):
            one.services.audit.note(Event(ENROL, "CreatePerson", {"personId": [str(at)]}))
    chains, ring = one.stores.audit_chains, one.stores.key_ring
    chain = one.services.audit.anchor().chain
    entries = [json.loads(entry.entry) for entry in chains.entries(chain)]
    noted = [entry["ids"]["personId"] for entry in entries if entry["operation"] == "CreatePerson"]
    assert noted == [[str(at)] for at in range(1, 8)]
    assert not [text for text in check(chains, lambda key: audit_key(ring, key)).problems if text.startswith(chain)]
