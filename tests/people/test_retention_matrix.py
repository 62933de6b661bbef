"""Everything that has an end, at every moment that matters: the second before, the second of, after the sweep; with the
sweep killed at any of its requests, with two sweeps at once, and with clocks that are five minutes apart."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infra.local.azurite import Azurite
from shared.clock import Clock
from shared.errors import FaceError
from shared.people.audit_trail import ENROL, Event
from shared.people.kinds import LARGE_FACE_LIST, PERSON_GROUP
from shared.people.liveness_kinds import LIVENESS
from shared.settings import Settings
from shared.store.erasures import LIFE as ERASURES_LIFE
from shared.store.expiries import GRACE, SKEW
from shared.store.ids import GalleryId
from shared.store.session_images import new_image_id
from shared.store.sessions import LIFE
from shared.store.sessions import Terms as SessionTerms
from shared.store.terms import Terms
from tests.clock import FakeClock, Skewed
from tests.people.instances import MODEL, RECOGNISER, Instance, new_face, together
from tests.people.traffic import Traffic

HOUR, DAY = 3600, 24 * 3600


@dataclass(frozen=True)
class Thing:
    """`there`: whether a process serves it. `stored`: whether anything of it is in storage."""

    there: Callable[[Instance], bool]
    stored: Callable[[], bool]


@dataclass(frozen=True)
class Row:
    """`seconds`: how long it lives. `make` makes one."""

    name: str
    seconds: int
    make: Callable[[Instance], Thing]
    slow: bool = True

    def __str__(self) -> str:
        return self.name


def finds(ask: Callable[[], Any]) -> bool:
    try:
        return bool(ask())
    except FaceError:
        return False


def face_id(seconds: int) -> Callable[[Instance], Thing]:
    def make(one: Instance) -> Thing:
        reservation = one.stores.face_ids.reserve(2, timedelta(seconds=seconds))
        one.stores.face_ids.commit(reservation, MODEL, RECOGNISER, np.ones((2, 384), np.float32))
        table, key = one.stores.tables.table("faceids"), reservation.ids[0]
        return Thing(
            there=lambda other: bool(other.stores.face_ids.find([key])),
            stored=lambda: any(table.get(face[:4], face) for face in reservation.ids),
        )

    return make


def session(one: Instance) -> Thing:
    made = one.services.liveness_sessions.create(LIVENESS, SessionTerms("Passive", 600, 1, keep_image=True)).session
    one.stores.session_images.put(made.session_id, new_image_id(made.session_id, 0), b"a picture")
    return Thing(
        there=lambda other: finds(lambda: other.services.liveness_sessions.get(LIVENESS, made.session_id)),
        stored=lambda: not one.stores.sessions.is_gone(made.kind, made.session_id),
    )


def operation(one: Instance) -> Thing:
    key = one.stores.operations.create("succeeded")
    table = one.stores.tables.table("operations")
    return Thing(
        there=lambda other: finds(lambda: other.services.operations.get(key)),
        stored=lambda: table.get(key[:2], key) is not None,
    )


def ends(one: Instance) -> Terms:
    """In an hour, of whole seconds."""
    return Terms(f"s-{uuid.uuid4().hex}", None, one.services.clock() + timedelta(seconds=HOUR))


def held(one: Instance, gallery: GalleryId, terms: Terms, seed: int) -> Thing:
    """Found by a search; stored as row, event, segment or reference."""
    records = one.services.privacy.records.of_subject(terms.subject or "").records
    traces = one.services.privacy.erasing._traces
    assert len(records) == 1
    return Thing(
        there=lambda other: seed in other.seeds(gallery),
        stored=lambda: bool(traces.of_records(records, terms.subject)),
    )


def person(one: Instance) -> Thing:
    key, terms = uuid.uuid4().hex, ends(one)
    one.services.collections.create(PERSON_GROUP, key, "name", None, MODEL)
    gallery = one.gallery(PERSON_GROUP, key)
    made = one.services.persons.create(PERSON_GROUP, key, "name", None, terms)
    one.stores.galleries.add_person_face(gallery, made, new_face(1), 9)
    one.compaction.run(gallery.key)
    return held(one, gallery.key, terms, 1)


def face_of_a_list(one: Instance) -> Thing:
    key, terms = uuid.uuid4().hex, ends(one)
    one.services.collections.create(LARGE_FACE_LIST, key, "name", None, MODEL)
    gallery = one.gallery(LARGE_FACE_LIST, key)
    agreements = one.services.persisted_faces._agreements
    of = f"{LARGE_FACE_LIST.path}|{key}"
    one.stores.galleries.add_face(gallery, new_face(1), 9, agreements.agreed(terms, gallery.key, of))
    return held(one, gallery.key, terms, 1)


def person_of_the_directory(one: Instance) -> Thing:
    terms, group = ends(one), uuid.uuid4().hex
    made, _ = one.services.directory.create("name", None, terms)
    gallery = one.services.directory.gallery()
    assert gallery
    seed = int(uuid.uuid4().int % 10)
    one.stores.galleries.add_person_face(gallery, made, new_face(seed), 9)
    one.services.dynamic_groups.create(group, "a group", None, [made])
    of_group = one.services.dynamic_groups._row(group)["group"]
    one.services.dynamic_groups.settle(group, of_group)
    found = held(one, gallery.key, terms, seed)
    return Thing(there=lambda other: finds(lambda: other.services.directory.get(made)), stored=found.stored)


def erasure(one: Instance) -> Thing:
    key = one.stores.erasures.create(b'{"subject":null,"records":[],"faces":[],"sessions":[]}')
    table = one.stores.tables.table("erasures")
    return Thing(
        there=lambda other: finds(lambda: other.services.privacy.erasing.get(key)),
        stored=lambda: table.get(key[:2], key) is not None,
    )


def audit_chain(one: Instance) -> Thing:
    """Nobody asks for a chain but the check, which says that it is missing as long as it has to be there."""
    one.services.audit.note(Event(ENROL, "CreatePerson", {}))
    at = one.services.audit.anchor()
    chains = one.stores.audit_chains
    return Thing(
        there=lambda other: other.stores.audit_chains.is_kept(at.chain),
        stored=lambda: at.chain in chains.chains() or at.chain in chains.partitions(),
    )


ROWS = (
    Row("faceId of a minute", 60, face_id(60), slow=False),
    Row("faceId of a day", DAY, face_id(DAY)),
    Row("session with a picture", int(LIFE.total_seconds()), session),
    Row("operation", int(LIFE.total_seconds()), operation),
    Row("person of a group", HOUR, person, slow=False),
    Row("face of a list", HOUR, face_of_a_list),
    Row("person of the directory", HOUR, person_of_the_directory),
    Row("erasure", int(ERASURES_LIFE.total_seconds()), erasure),
    Row("audit chain", 366 * DAY, audit_chain),
)
SWEPT = GRACE.total_seconds() + 120  # the minute that it is in, and the next sweep
EVERY = pytest.mark.parametrize("row", ROWS, ids=str)
SOME = pytest.mark.parametrize(
    "row", [pytest.param(row, marks=pytest.mark.slow if row.slow else ()) for row in ROWS], ids=str
)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: it is swept far into the future."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def start(settings: Settings, clock: FakeClock, tmp_path: Path) -> Callable[..., Instance]:
    """Starts another process, with the clock of its host."""
    numbers = count()

    def instance(own: Clock = clock) -> Instance:
        return Instance.build(settings, own, tmp_path / str(next(numbers)))

    return instance


def swept(instance: Instance) -> None:
    """By its own clock, now and a minute later: what a sweep announces is due then."""
    for _ in range(2):
        ran = instance.services.retention.sweep()
        assert (ran.failed, ran.finished) == (0, True)


def gone(one: Instance, clock: FakeClock, thing: Thing) -> None:
    """Swept away, with what the sweep had to do for it."""
    clock.advance(SWEPT)
    swept(one)
    clock.advance(SWEPT)
    swept(one)
    assert not thing.stored()


@SOME
def test_thing_is_there_the_second_before_absent_from_the_second_on_and_gone_after_the_sweep(
    row: Row, start: Callable[..., Instance], clock: FakeClock
) -> None:
    one, other = start(), start()
    thing = row.make(one)
    clock.advance(row.seconds - 1)
    swept(other)
    assert thing.there(one)
    assert thing.there(other)
    clock.advance(1)
    assert not thing.there(one)
    assert not thing.there(other)
    swept(other)  # too early: it may be there by another clock
    assert thing.stored()
    gone(other, clock, thing)
    assert not thing.there(one)


@pytest.mark.slow
@EVERY
def test_sweep_that_was_killed_at_any_request_is_finished_by_the_next(
    row: Row, start: Callable[..., Instance], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic, one = Traffic(monkeypatch), start()
    for at in count(1):
        thing = row.make(one)
        clock.advance(row.seconds + SWEPT)
        with traffic.dying(at):
            start().services.retention.sweep()
        assert not thing.there(one)
        gone(one, clock, thing)
        if traffic.count < at:
            return


@SOME
def test_two_sweeps_at_once_do_it_once_and_neither_fails(
    row: Row, start: Callable[..., Instance], clock: FakeClock
) -> None:
    one, other = start(), start()
    thing = row.make(one)
    clock.advance(row.seconds + SWEPT)
    ran = together([one.services.retention.sweep, other.services.retention.sweep])
    assert [(one.failed, one.finished) for one in ran if not isinstance(one, BaseException)] == [(0, True)] * 2
    gone(one, clock, thing)


@SOME
def test_sweep_whose_clock_is_ahead_takes_nothing_that_another_still_serves(
    row: Row, start: Callable[..., Instance], clock: FakeClock
) -> None:
    one, ahead = start(), start(Skewed(clock, SKEW.total_seconds()))
    thing = row.make(one)
    clock.advance(row.seconds - 1)
    swept(ahead)
    assert thing.there(one)
    assert not thing.there(ahead)
    clock.advance(1)
    assert not thing.there(one)
    gone(ahead, clock, thing)


@pytest.mark.slow
@EVERY
def test_sweep_whose_clock_is_behind_takes_it_as_much_later(
    row: Row, start: Callable[..., Instance], clock: FakeClock
) -> None:
    one, behind = start(), start(Skewed(clock, -SKEW.total_seconds()))
    thing = row.make(one)
    clock.advance(row.seconds)
    assert not thing.there(one)
    assert thing.there(behind)
    clock.advance(SKEW.total_seconds())
    assert not thing.there(behind)
    gone(behind, clock, thing)


@pytest.mark.slow
@EVERY
def test_thing_made_by_a_clock_that_is_behind_or_ahead_ends_by_what_that_said_and_goes(
    row: Row, start: Callable[..., Instance], clock: FakeClock
) -> None:
    for seconds in (-SKEW.total_seconds(), SKEW.total_seconds()):
        one, maker = start(), start(Skewed(clock, seconds))
        thing = row.make(maker)
        clock.advance(row.seconds + seconds)
        assert not thing.there(one)
        gone(one, clock, thing)
