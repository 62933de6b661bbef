"""Who may call, over HTTP: keys, tokens of a real issuer, roles, approval, rates, overload."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared import services
from shared.errors import AccessDenied
from shared.turns import Turns
from shared.wire.images import ImageIntake
from tests.access.forged import CANARY, FORGED, good
from tests.contract.conftest import RECOGNIZER_KEY, Change, Service
from tests.faces import ROOT as FACES
from tests.issuer import Issuer, claims, signed

PORTRAIT = (FACES / "azure/images/detection1.jpg").read_bytes
OCTETS = {"Content-Type": "application/octet-stream"}
NO_FACE_IDS = {"returnFaceId": "false"}
REFUSED = "Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired."
NOBODY = "Principal does not have access to API/Operation."
SESSION = {"livenessOperationMode": "Passive", "deviceCorrelationId": "device"}
FACE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def ask(running: Service) -> Iterator[Callable[..., httpx.Response]]:
    """A call without the session's key, with headers of the test's own."""
    with httpx.Client(base_url=f"{running.url}/face/v1.2/", timeout=60) as http:
        yield http.request


Ask = Callable[..., httpx.Response]


def key(value: str) -> dict[str, str]:
    return {"Ocp-Apim-Subscription-Key": value}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}".strip()}


def said(answer: httpx.Response) -> tuple[int, str, str]:
    """What an error says, which has the contract's shape."""
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["apim-request-id"]
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert answer.headers["x-ms-error-code"] == error["code"]
    return answer.status_code, error["code"], error["message"]


@pytest.mark.usefixtures("change")
def test_every_forged_token_is_401_in_the_contracts_shape_and_nothing_of_it_is_logged(
    service: Service, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    now, stored = service.clock(), service.stored_faces()
    with caplog.at_level(logging.DEBUG):
        answers = {
            name: ask("POST", "detect", headers={**bearer(forge(now)), **OCTETS}, content=b"no picture")
            for name, forge in FORGED.items()
        }
    assert {name: said(answer) for name, answer in answers.items()} == dict.fromkeys(FORGED, (401, "401", REFUSED))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("ownface")]
    assert len(ours) >= len(FORGED)
    parts = {part for forge in FORGED.values() for part in forge(now).split(".") if len(part) > 20}
    assert not [line for line in ours if CANARY in line or any(part in line for part in parts)]
    assert service.stored_faces() == stored
    assert ask("GET", "facelists", headers=bearer(good(now))).status_code == 200


@pytest.mark.usefixtures("change")
def test_token_opens_until_it_ends(service: Service, ask: Ask) -> None:
    token = bearer(good(service.clock()))
    assert ask("GET", "facelists", headers=token).status_code == 200
    service.clock.advance(3600 + 59)
    assert ask("GET", "facelists", headers=token).status_code == 200
    service.clock.advance(1)
    assert said(ask("GET", "facelists", headers=token)) == (401, "401", REFUSED)


@pytest.mark.usefixtures("change")
def test_recognizer_infers_and_can_neither_enrol_nor_read(service: Service, ask: Ask) -> None:
    """With a key, and with a token."""
    stored, name = service.stored_faces(), uuid4().hex
    token = bearer(signed(claims(service.clock(), roles=["FaceRecognizer"])))
    for headers in (key(RECOGNIZER_KEY), token):
        found = ask("POST", "detect", headers={**headers, **OCTETS}, params=NO_FACE_IDS, content=PORTRAIT())
        assert (found.status_code, len(found.json())) == (200, 1)
        unknown = ask("POST", "verify", headers=headers, json={"faceId1": FACE, "faceId2": FACE})
        assert said(unknown)[:2] == (404, "FaceNotFound")
        for method, path, options in (
            ("PUT", f"facelists/{name}", {"json": {"name": "n"}}),
            ("GET", "facelists", {}),
            ("GET", "persongroups/staff", {}),
            ("DELETE", "largepersongroups/staff", {}),
            ("POST", f"facelists/{name}/persistedfaces", {"content": PORTRAIT()}),
        ):
            assert said(ask(method, path, headers={**headers, **OCTETS}, **options)) == (
                401,
                "PermissionDenied",
                NOBODY,
            )
    assert said(ask("GET", f"facelists/{name}", headers=key(service.key)))[:2] == (404, "FaceListNotFound")
    assert service.stored_faces() == stored


@pytest.mark.usefixtures("change")
def test_permission_is_decided_before_a_byte_of_the_body_is_read(ask: Ask) -> None:
    answer = ask(
        "PUT", "facelists/NOT AN ID", headers={**key(RECOGNIZER_KEY), "Content-Type": "text/plain"}, content=b"{"
    )
    assert said(answer) == (401, "PermissionDenied", NOBODY)


def test_keys_can_be_turned_off_and_tokens_go_on(service: Service, change: Change, ask: Ask) -> None:
    change(disable_local_auth=True)
    disabled = (403, "AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.")
    for wrong_or_right in (service.key, RECOGNIZER_KEY, "wrong"):
        assert said(ask("GET", "facelists", headers=key(wrong_or_right))) == disabled
    assert said(ask("GET", "facelists")) == (401, "401", AccessDenied.message)
    token = bearer(good(service.clock()))
    assert ask("GET", "facelists", headers=token).status_code == 200
    made = ask("POST", "detectLiveness-sessions", headers=token, json=SESSION)
    assert made.status_code == 200, made.text
    started = ask("POST", "session/start", headers=bearer(made.json()["authToken"]), json={})
    assert started.status_code == 200, started.text


def test_issuer_that_is_away_is_503_with_the_time_to_come_back(
    service: Service, change: Change, ask: Ask, entra: Issuer
) -> None:
    change()
    entra.status = 500
    try:
        answer = ask("GET", "facelists", headers=bearer(good(service.clock())))
        assert said(answer)[:2] == (503, "ServiceUnavailable")
        assert answer.headers["retry-after"] == "10"
        assert ask("GET", "facelists", headers=key(service.key)).status_code == 200  # a key needs no issuer
    finally:
        entra.status = 200
    service.clock.advance(10)
    assert ask("GET", "facelists", headers=bearer(good(service.clock()))).status_code == 200


def test_what_is_not_approved_is_403_and_what_needs_no_approval_is_served(
    service: Service, change: Change, ask: Ask
) -> None:
    change(approved_features=frozenset())
    headers, stored = key(service.key), service.stored_faces()
    missing = "Feature is not supported, missing approval for one or more of the following features: "
    both = f"{missing}Identification, Verification. FACE_APPROVED_FEATURES names what is approved."
    assert said(ask("POST", "detect", headers={**headers, **OCTETS}, content=PORTRAIT())) == (
        403,
        "UnsupportedFeature",
        both,
    )
    open_to_all = ask("POST", "detect", headers={**headers, **OCTETS}, params=NO_FACE_IDS, content=PORTRAIT())
    assert open_to_all.status_code == 200
    assert said(ask("PUT", "facelists/list", headers=headers, json={"name": "n"})) == (403, "UnsupportedFeature", both)
    for path, names in (("verify", "Verification."), ("identify", "Identification."), ("group", "Identification.")):
        status, code, message = said(ask("POST", path, headers=headers, json={}))
        assert (status, code) == (403, "UnsupportedFeature")
        assert message.startswith(f"{missing}{names}")
    assert said(ask("DELETE", "facelists/none", headers=headers))[:2] == (404, "FaceListNotFound")  # it may always go
    assert service.stored_faces() == stored


def test_session_token_opens_nothing_once_liveness_is_not_approved_any_more(
    service: Service, change: Change, ask: Ask
) -> None:
    made = ask("POST", "detectLiveness-sessions", headers=key(service.key), json=SESSION)
    assert made.status_code == 200, made.text
    token = made.json()["authToken"]
    change(approved_features=frozenset({"identification"}))
    assert said(ask("POST", "session/start", headers=bearer(token), json={}))[:2] == (403, "UnsupportedFeature")
    assert said(ask("POST", "session/start", headers=bearer(token[:-3]), json={}))[:2] == (401, "401")


def test_who_comes_back_when_it_was_told_to_is_served(service: Service, change: Change, ask: Ask) -> None:
    """Each caller by itself, and all of a role together."""
    change(caller_rates={"FaceUser": 0.5, "FaceRecognizer": 100.0}, role_rates={"FaceRecognizer": 2.0})
    headers = key(service.key)
    assert ask("GET", "facelists", headers=headers).status_code == 200
    refused = ask("GET", "facelists", headers=headers)
    assert said(refused) == (429, "429", "Rate limit is exceeded.")
    assert refused.headers["retry-after"] == "2"
    assert (
        ask("GET", "facelists", headers=key("another-key-0123456789")).status_code == 200
    )  # another caller of that role
    service.clock.advance(2)
    assert ask("GET", "facelists", headers=headers).status_code == 200
    token = bearer(signed(claims(service.clock(), roles=["FaceRecognizer"])))
    detect = {"params": NO_FACE_IDS, "content": PORTRAIT()}
    statuses = [
        ask("POST", "detect", headers={**one, **OCTETS}, **detect).status_code
        for one in (key(RECOGNIZER_KEY), token, key(RECOGNIZER_KEY), token)
    ]
    assert statuses == [200, 200, 429, 429]
    service.clock.advance(1)
    assert ask("POST", "detect", headers={**token, **OCTETS}, **detect).status_code == 200


def test_who_may_not_call_uses_up_nobodys_rate(service: Service, change: Change, ask: Ask) -> None:
    change(caller_rates={"FaceUser": 1.0}, role_rates={"FaceUser": 1.0})
    for _ in range(3):
        assert said(ask("GET", "facelists", headers=key("wrong")))[0] == 401
        assert said(ask("GET", "facelists", headers=key(RECOGNIZER_KEY)))[0] == 401
    assert ask("GET", "facelists", headers=key(service.key)).status_code == 200


def test_overload_is_503_with_a_time_to_come_back_for_what_looks_at_pictures_and_for_nothing_else(
    service: Service, change: Change, ask: Ask
) -> None:
    ours = change()
    turns = Turns(1, 0, service.clock)
    services.use(replace(ours, turns=turns, images=ImageIntake(ours.settings, turns)))
    headers, name = key(service.key), uuid4().hex
    assert ask("PUT", f"facelists/{name}", headers=headers, json={"name": "n"}).status_code == 200
    picture = {"content": PORTRAIT(), "headers": {**headers, **OCTETS}}
    form = {"files": [("frame", ("frame.jpg", PORTRAIT(), "image/jpeg"))] * 5, "headers": headers}
    verify = ("verifyImage", ("picture.jpg", PORTRAIT(), "image/jpeg"))
    terms = [(name, (None, value)) for name, value in SESSION.items()]
    looking: list[tuple[str, dict[str, Any]]] = [
        ("detect", picture),
        ("detect", {"json": {"url": f"{service.pictures}/azure/images/detection1.jpg"}, "headers": headers}),
        (f"facelists/{name}/persistedfaces", picture),
        ("detectLiveness/singleModal", form),
        ("detectLivenessWithVerify/singleModal", {**form, "files": [*form["files"], verify]}),
        ("detectLivenessWithVerify-sessions", {"files": [*terms, verify], "headers": headers}),
    ]
    with turns.turn():
        for path, options in looking:
            answer = ask("POST", path, **options)
            assert said(answer)[:2] == (503, "ServiceUnavailable"), path
            assert said(answer)[2].endswith("Too many pictures are being looked at.")
            assert answer.headers["retry-after"] == "1"
        assert ask("GET", f"facelists/{name}", headers=headers).status_code == 200
        assert said(ask("POST", "verify", headers=headers, json={"faceId1": FACE, "faceId2": FACE}))[0] == 404
    assert ask("POST", f"facelists/{name}/persistedfaces", **picture).status_code == 200
    assert len(ask("GET", f"facelists/{name}", headers=headers).json()["persistedFaces"]) == 1
    assert ask("DELETE", f"facelists/{name}", headers=headers).status_code == 200
