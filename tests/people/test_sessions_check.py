"""Liveness sessions that somebody put back or altered in storage, held against the audit trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from infra.audit.stored import trail_check
from shared.people.audit_trail import DELETE, MATCH, Event
from shared.store.attempts import Attempt, Ending
from shared.store.sessions import Session, Terms
from tests.clock import FakeClock
from tests.people.instances import Instance

KIND = "detectliveness"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def one(start: Callable[[], Instance]) -> Instance:
    return start()


@pytest.fixture
def problems(one: Instance, clock: FakeClock) -> Callable[[Session], list[str]]:
    """Those of a session."""
    stores, account = one.stores, one.services.settings.storage

    def lines(session: Session) -> list[str]:
        _, told = trail_check(account, stores.tables, stores.key_ring, clock).check()
        return [line for line in told if session.session_id in line]

    return lines


def row_of(one: Instance, session: Session) -> dict[str, object]:
    row = one.stores.tables.table("sessions").get(KIND, session.session_id)
    assert row
    return row


def found(one: Instance, key: str) -> Session:
    session = one.stores.sessions.find(KIND, key)
    assert session
    return session


def performed(one: Instance, clock: FakeClock) -> tuple[Session, list[dict[str, object]]]:
    """With two attempts that have ended, as the trail knows; and its rows from before each of them ended."""
    sessions, rows, attempts = one.stores.sessions, list[dict[str, object]](), list[Attempt]()
    key = sessions.create(KIND, Terms("Passive", 600, 3)).session_id
    for number in (1, 2):
        attempt = Attempt(number, "nonce", clock(), ())
        sessions.change(found(one, key), (*attempts, attempt))
        rows.append(row_of(one, found(one, key)))
        attempts.append(replace(attempt, ending=Ending("Succeeded", clock())))
        sessions.change(found(one, key), tuple(attempts))
        ids = {"sessionId": [key], "attemptId": [str(number)]}
        one.services.audit.note(Event(MATCH, "EndLivenessAttempt", ids))
    return found(one, key), rows


def test_session_that_was_put_back_to_before_an_attempt_ended_is_seen(
    one: Instance, clock: FakeClock, problems: Callable[[Session], list[str]]
) -> None:
    session, rows = performed(one, clock)
    assert problems(session) == []
    for row, forgotten in zip(reversed(rows), (["2"], ["1", "2"]), strict=True):
        one.stores.tables.table("sessions").put([row])
        assert problems(session) == [
            f"attempt {number} of session {session.session_id} has ended, and the session does not know of it"
            for number in forgotten
        ]


def test_session_that_was_put_back_after_its_deletion_is_seen(
    one: Instance, clock: FakeClock, problems: Callable[[Session], list[str]]
) -> None:
    session, _ = performed(one, clock)
    row = row_of(one, session)
    assert one.stores.sessions.delete(KIND, session.session_id)
    one.services.audit.note(Event(DELETE, "DeleteLivenessSession", {"sessionId": [session.session_id]}))
    assert problems(session) == []
    one.stores.tables.table("sessions").put([row])
    (line,) = problems(session)
    assert line.endswith("and is there")


def test_altered_session_is_seen_and_an_expired_one_is_none(
    one: Instance, clock: FakeClock, problems: Callable[[Session], list[str]]
) -> None:
    session, _ = performed(one, clock)
    one.stores.tables.table("sessions").merge({"PartitionKey": KIND, "RowKey": session.session_id, "terms": "{}"})
    assert problems(session) == [f"session {session.session_id} does not open"]
    clock.advance(48 * 3600)
    assert problems(session) == []
