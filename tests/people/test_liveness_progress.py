"""How far a session is follows from its attempts and the time alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.people.liveness_progress import Progress
from shared.store.attempts import Attempt, Ending, Judgement, Request
from shared.store.sessions import Session, Terms

BORN = datetime(2026, 3, 5, 11, tzinfo=UTC)
TERMS = Terms(mode="Passive", token_seconds=600, attempts=3)
REQUEST = Request("id", "id", "/", "POST", 1, "multipart/form-data", None, None)


def attempt(number: int, ending: Ending | None = None, after: int = 0) -> Attempt:
    return Attempt(number, "nonce", BORN + timedelta(seconds=after), (), None, ending)


def judged(decision: str | None, reason: str | None = None) -> Ending:
    status = "Succeeded" if decision else "Failed"
    return Ending(status, BORN, reason, Judgement(decision, reason, None), REQUEST)


CANCELED = Ending("Canceled", BORN, "UserCanceledSession")


def progress(*attempts: Attempt, seconds: int = 0, allowed: int = 3) -> Progress:
    session = Session("detectLiveness", "id", BORN, replace(TERMS, attempts=allowed), attempts=attempts)
    return Progress(session, BORN + timedelta(seconds=seconds))


def test_session_that_nobody_started_waits() -> None:
    assert (progress().status, progress().left, progress().is_over, progress().open) == ("NotStarted", 3, False, None)


def test_open_attempt_runs_to_its_time_limit_and_has_then_failed() -> None:
    assert progress(attempt(1), seconds=59).open
    later = progress(attempt(1), seconds=60)
    assert (later.open, later.status, later.left) == (None, "Running", 2)
    (ended,) = later.attempts
    assert ended.ending
    assert (ended.ending.status, ended.ending.reason) == ("Failed", "TimedOut")
    assert ended.ending.at == BORN + timedelta(seconds=60)


def test_token_ends_an_attempt_too() -> None:
    begun = attempt(1, after=580)
    assert progress(begun, seconds=599).open
    over = progress(begun, seconds=600)
    assert (over.open, over.is_over, over.status) == (None, True, "Failed")


@pytest.mark.parametrize(
    ("endings", "status", "left", "is_over"),
    [
        ([judged("realface")], "Succeeded", 0, True),
        ([judged("spoofface")], "Succeeded", 0, True),
        ([judged("uncertain")], "Succeeded", 0, True),
        ([judged(None, "FaceTooSmall")], "Running", 2, False),
        ([judged(None, "FaceTooSmall"), judged("realface")], "Succeeded", 0, True),
        ([CANCELED], "Running", 2, False),
        ([judged(None, "FaceTooSmall")] * 3, "Failed", 0, True),
        ([judged(None, "FaceTooSmall")] * 2 + [CANCELED], "Canceled", 0, True),
        ([CANCELED, judged(None, "FaceTooSmall"), judged("spoofface")], "Succeeded", 0, True),
    ],
)
def test_what_attempts_came_to_says_how_far_it_is(endings: list[Ending], status: str, left: int, is_over: bool) -> None:
    found = progress(*(attempt(number, ending) for number, ending in enumerate(endings, 1)))
    assert (found.status, found.left, found.is_over) == (status, left, is_over)


def test_what_came_in_time_is_judged_also_when_its_time_is_over_meanwhile() -> None:
    judging = replace(attempt(1), busy_until=BORN + timedelta(seconds=85))
    assert progress(judging, seconds=84).open == judging
    assert progress(judging, seconds=84).status == "Running"
    (ended,) = progress(judging, seconds=85).attempts
    assert ended.ending
    assert (ended.ending.reason, ended.ending.at) == ("TimedOut", BORN + timedelta(seconds=60))


def test_only_attempts_with_frames_are_audited() -> None:
    found = progress(attempt(1, CANCELED), attempt(2, judged(None, "FaceTooSmall")), attempt(3), seconds=61)
    assert [one.number for one in found.judged] == [2]


def test_session_that_was_begun_and_left_has_failed_when_its_token_expires() -> None:
    assert progress(attempt(1, CANCELED), seconds=600).status == "Canceled"
    assert progress(attempt(1), seconds=700).status == "Failed"
    assert progress(seconds=700).status == "NotStarted"
