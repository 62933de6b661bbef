"""Calls of one liveness session that come twice, at the same time, or while it is deleted."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.measured import MeasuredEngine
from tests.contract.conftest import Service
from tests.contract.performing import refusal
from tests.contract.stored import Account
from tests.contract.test_liveness_attacks import OVER, TOO_LATE, begun
from tests.contract.test_liveness_capture import DARK, NEWEST, REAL, SCREEN, state
from tests.contract.test_liveness_sessions import url

AT_ONCE = (409, "ConcurrentOperationConflict")


@pytest.fixture
def account(storage: str) -> Account:
    return Account(storage)


def test_verdict_whose_answer_was_lost_is_told_again_and_judged_once(service: Service, account: Account) -> None:
    client, made, nonce = begun(service)
    told = client.send(nonce, SCREEN).json()
    assert (told["attemptStatus"], told["attemptsLeft"]) == ("Succeeded", 0)
    before = kept(account)
    assert client.send(nonce, SCREEN).json() == told
    assert kept(account) == before
    assert refusal(client.send(nonce, REAL)) == OVER
    service.http.delete(url(NEWEST, "detectLiveness", made["sessionId"])).raise_for_status()
    assert refusal(client.send(nonce, SCREEN)) == OVER


def test_reason_whose_answer_was_lost_is_told_again_also_when_another_attempt_has_begun(service: Service) -> None:
    client, made, nonce = begun(service, numberOfClientAttemptsAllowed=2)
    told = client.send(nonce, DARK).json()
    assert (told["error"]["code"], told["attemptsLeft"]) == ("EnvironmentNotSupported", 1)
    assert client.send(nonce, DARK).json() == told
    second = client.start()["nonce"]
    assert client.send(nonce, DARK).json() == told | {"attemptsLeft": 0}
    assert refusal(client.send(nonce, REAL)) == TOO_LATE
    given_up = {"nonce": second, "reason": "CameraStartupFailure"}
    answers = [client.post("session/attempt/end", json=given_up) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["error"]["code"] == "CameraStartupFailure"
    another = given_up | {"reason": "UserCanceledSession"}
    assert refusal(client.post("session/attempt/end", json=another)) == OVER
    assert len(state(service, made)["results"]["attempts"]) == 2


def kept(account: Account) -> dict[str, bytes]:
    """But for the audit trail, which notes every call."""
    return {name: content for name, content in account.contents().items() if not name.startswith("audit|")}


@dataclass
class Held:
    """The first judgement stands still from when it has `begun` until it may `go` on."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    hold, looks = Held(), MeasuredEngine.looks

    def slowly(engine: MeasuredEngine, *what: Any) -> Sequence[Any]:
        if not hold.begun.is_set():
            hold.begun.set()
            assert hold.go.wait(60)
        return looks(engine, *what)

    monkeypatch.setattr(MeasuredEngine, "looks", slowly)
    yield hold
    hold.go.set()


@pytest.fixture
def caller() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


def test_frames_are_judged_by_one_call_and_others_meanwhile_are_told_so(
    service: Service, held: Held, caller: ThreadPoolExecutor
) -> None:
    client, made, nonce = begun(service)
    first = caller.submit(client.send, nonce, REAL)
    assert held.begun.wait(60)
    assert refusal(client.send(nonce, REAL)) == AT_ONCE
    given_up = {"nonce": nonce, "reason": "UserCanceledSession"}
    assert refusal(client.post("session/attempt/end", json=given_up)) == AT_ONCE
    assert client.start()["nonce"] == nonce
    held.go.set()
    assert first.result().json()["attemptStatus"] == "Succeeded"
    assert client.send(nonce, REAL).json() == first.result().json()
    assert len(state(service, made)["results"]["attempts"]) == 1


def test_call_that_never_ends_keeps_others_away_for_30_seconds(
    service: Service, held: Held, caller: ThreadPoolExecutor
) -> None:
    client, made, nonce = begun(service)
    first = caller.submit(client.send, nonce, REAL)
    assert held.begun.wait(60)
    service.clock.advance(29)
    assert refusal(client.send(nonce, REAL)) == AT_ONCE
    service.clock.advance(1)
    assert client.send(nonce, REAL).json()["attemptStatus"] == "Succeeded"
    held.go.set()
    assert refusal(first.result()) == AT_ONCE
    assert len(state(service, made)["results"]["attempts"]) == 1


def test_session_that_is_deleted_while_it_is_judged_leaves_nothing(
    service: Service, account: Account, held: Held, caller: ThreadPoolExecutor
) -> None:
    client, made, nonce = begun(service, enableSessionImage=True)
    first = caller.submit(client.send, nonce, REAL)
    assert held.begun.wait(60)
    service.http.delete(url(NEWEST, "detectLiveness", made["sessionId"])).raise_for_status()
    held.go.set()
    assert refusal(first.result()) == OVER
    assert account.blobs(made["sessionId"]) == {}
    assert service.tables.table("sessions").get("detectLiveness", made["sessionId"]) is None
