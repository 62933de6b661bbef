"""The retention report counts what is there, says since when, and tells what is over and still there."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from infra.local.azurite import Azurite
from shared.people import retention_report
from shared.people.kinds import LARGE_FACE_LIST, PERSON_GROUP
from shared.people.liveness_kinds import LIVENESS
from shared.people.retention_report import Line
from shared.settings import Settings
from shared.store.sessions import Terms as SessionTerms
from shared.store.terms import Terms
from tests.clock import FakeClock
from tests.people.instances import MODEL, RECOGNISER, Instance, new_face


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: everything in it is counted."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of rows by its own."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def one(settings: Settings, clock: FakeClock, tmp_path: Path) -> Iterator[Instance]:
    instance = Instance.build(settings, clock, tmp_path)
    yield instance
    for kind in (LARGE_FACE_LIST, PERSON_GROUP):
        for found in instance.services.collections.list(kind):
            instance.services.collections.delete(kind, found.id)
    for days in (3, 400):
        clock.advance(days * 24 * 3600)
        instance.services.retention.sweep()


def lines(one: Instance) -> dict[str, Line]:
    return {line.policy.kind: line for line in one.services.privacy.report.lines()}


def filled(one: Instance) -> None:
    """Two detects of three and one faces, two sessions, one with pictures, an operation, a group and a list."""
    for faces, seconds in ((3, 600), (1, 6000)):
        reservation = one.stores.face_ids.reserve(faces, timedelta(seconds=seconds))
        one.stores.face_ids.commit(reservation, MODEL, RECOGNISER, np.ones((faces, 384), np.float32))
    for keep in (True, False):
        one.services.liveness_sessions.create(LIVENESS, SessionTerms("Passive", 600, 1, keep_image=keep))
    one.stores.operations.create("succeeded")
    group, faces_list = uuid.uuid4().hex, uuid.uuid4().hex
    one.services.collections.create(PERSON_GROUP, group, "name", None, MODEL)
    one.services.collections.create(LARGE_FACE_LIST, faces_list, "name", None, MODEL)
    ends = Terms(retain_until=one.services.clock().replace(microsecond=0) + timedelta(days=1))
    for terms in (ends, Terms()):
        one.services.persons.create(PERSON_GROUP, group, "name", None, terms)
    for seed in range(3):
        one.stores.galleries.add_face(one.gallery(LARGE_FACE_LIST, faces_list), new_face(seed), 9)


@pytest.mark.slow
def test_report_counts_what_is_there_and_nothing_is_overdue(one: Instance) -> None:
    assert {line.count for line in lines(one).values()} == {0}
    filled(one)
    found = lines(one)
    assert {kind: line.count for kind, line in found.items() if line.count} == {
        "faceIds": 4,
        "livenessSessions": 2,
        "livenessSessionsWithImages": 1,
        "operations": 1,
        "recordsWithEnd": 1,
        "workUnderWay": 2,
        "PersonGroups": 1,
        "PersonGroup persons": 2,
        "LargeFaceLists": 1,
        "LargeFaceList faces": 3,
    }
    assert not any(line.overdue or line.at_least for line in found.values())
    for kind in ("faceIds", "livenessSessions", "PersonGroups"):
        oldest = found[kind].oldest
        assert oldest
        assert abs(one.services.clock() - oldest) < timedelta(minutes=5)


@pytest.mark.slow
def test_what_is_over_is_overdue_until_it_was_swept(one: Instance, clock: FakeClock) -> None:
    filled(one)
    clock.advance(1200)
    found = lines(one)
    assert timedelta(minutes=9) < found["faceIds"].overdue <= timedelta(minutes=10)
    assert not found["livenessSessions"].overdue
    one.services.retention.sweep()
    found = lines(one)
    assert (found["faceIds"].count, found["faceIds"].overdue) == (1, timedelta())


@pytest.mark.slow
def test_report_of_more_than_it_reads_says_at_least(one: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(one)
    monkeypatch.setattr(retention_report, "ANNOUNCEMENTS", 2)
    found = lines(one)
    assert found["faceIds"].at_least
    assert sum(found[kind].count for kind in ("livenessSessions", "operations", "workUnderWay", "recordsWithEnd")) <= 2
