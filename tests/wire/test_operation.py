"""A request becomes a call: by its version, then by who calls and may, and only then is what it holds read."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

import function_app  # noqa: F401 fills the table of operations
from shared import services
from shared.access import tokens
from shared.access.actions import PUBLIC, SESSION
from shared.errors import (
    AccessDenied,
    BadArgument,
    FaceError,
    InvalidImageSize,
    PermissionDenied,
    ResourceNotFound,
    UnsupportedMediaType,
)
from shared.people import session_tokens
from shared.people.session_tokens import SessionToken
from shared.services import Services
from shared.settings import FEATURES, Settings
from shared.wire.call import Call
from shared.wire.objects import FORM, IMAGE
from shared.wire.operation import TABLE, _call
from tests.clock import FakeClock

KEY, RECOGNIZER = "operation-key-0123456789", "recognizer-key-0123456789"
GUARDED = [name for name, declared in TABLE.items() if declared.action not in {PUBLIC, SESSION}]
OPENED_BY_TOKENS = [name for name, declared in TABLE.items() if declared.action == SESSION]
NO_BODY = b"{"
VERIFY = b'{"faceId1":"0a0b0c0d-0000-4000-8000-000000000001","faceId2":"0a0b0c0d-0000-4000-8000-000000000002"}'

Ask = Callable[..., Call[Any, Any]]


@pytest.fixture
def ours(key_ring_file: Path, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Nothing here comes as far as storage."""
    settings = Settings(
        keys=(KEY,),
        recognizer_keys=(RECOGNIZER,),
        storage="UseDevelopmentStorage=true",
        key_ring_file=key_ring_file,
        cache_dir=tmp_path,
        approved_features=frozenset(FEATURES),
        max_image_bytes=100,
    )
    built = Services.build(settings, clock)
    monkeypatch.setattr(services, "_current", built)  # undone at the end: another test's service may be running
    return built


def asked(name: str, body: bytes = NO_BODY, version: str = "", query: str = "", **headers: str) -> Call[Any, Any]:
    """In the operation's newest version where none is named. `headers`: with _ for -."""
    declared = TABLE[name]
    path = dict.fromkeys(declared.path_parameters, "0a0b0c0d-0000-4000-8000-000000000001")
    request = func.HttpRequest(
        declared.method,
        f"http://localhost:7071/face/V1.2/{name}?{query}",
        headers={header.replace("_", "-"): value for header, value in headers.items()},
        params=dict(part.split("=") for part in query.split("&") if part),
        route_params=path | ({"version": version} if (version := version or declared.versions[-1]) else {}),
        body=body,
    )
    return _call(declared, request, "the-request")


@pytest.mark.usefixtures("ours")
def test_nobody_calls_what_is_guarded_without_a_proof_and_nothing_of_the_body_is_read() -> None:
    for name in (*GUARDED, *OPENED_BY_TOKENS):
        with pytest.raises(AccessDenied):
            asked(name, content_type="application/json")
    for name in OPENED_BY_TOKENS:
        with pytest.raises(AccessDenied):
            asked(name, ocp_apim_subscription_key=KEY)


@pytest.mark.usefixtures("ours")
def test_who_calls_is_told_and_who_may_not_is_refused_before_the_body_is_read() -> None:
    call = asked("Verify", VERIFY, ocp_apim_subscription_key=RECOGNIZER, content_type="application/json")
    assert call.principal
    assert (call.principal.name, call.token) == ("recognizer-key:1", None)
    with pytest.raises(BadArgument, match="JSON"):
        asked("Verify", ocp_apim_subscription_key=RECOGNIZER, content_type="application/json")
    with pytest.raises(PermissionDenied):
        asked("CreatePersonGroup", ocp_apim_subscription_key=RECOGNIZER, content_type="application/json")


def test_client_of_a_session_is_told_by_its_token(ours: Services, clock: FakeClock) -> None:
    issue, ends = ours.session_tokens.issue, clock() + timedelta(minutes=1)
    token = issue("detectLiveness", "a-session", "http://localhost:7071", clock(), ends)
    call = asked("GuideLivenessClient", b"frame", authorization=f"Bearer {token}", content_type=IMAGE)
    assert (call.token, call.principal) == (SessionToken("detectLiveness", "a-session"), None)


@pytest.mark.usefixtures("ours")
def test_refusal_tells_what_was_shown_in_vain() -> None:
    def refusal(name: str, **headers: str) -> str:
        with pytest.raises(AccessDenied) as refused:
            asked(name, NO_BODY, **headers)
        return refused.value.message

    assert refusal("Verify") == AccessDenied.message
    assert refusal("Verify", authorization="Bearer x") == tokens.REFUSED
    assert refusal("StartLivenessAttempt") == session_tokens.REFUSED
    assert refusal("StartLivenessAttempt", authorization="Basic x") == session_tokens.REFUSED


def test_session_token_stands_after_the_word_bearer(ours: Services, clock: FakeClock) -> None:
    ends = clock() + timedelta(minutes=1)
    token = ours.session_tokens.issue("detectLiveness", "a-session", "http://localhost:7071", clock(), ends)
    headers = ("bearer", f"{token} ", True), ("Bearer", f"  {token}", True), ("Basic", token, False), ("", token, False)
    for scheme, shown, opens in headers:
        given = {"authorization": f"{scheme} {shown}", "content_type": IMAGE}
        with nullcontext() if opens else pytest.raises(AccessDenied):
            assert asked("GuideLivenessClient", b"frame", **given).token


def test_what_is_public_needs_neither_a_proof_nor_a_service_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> Services:
        raise AssertionError

    monkeypatch.setattr(services, "current", fails)
    for name, declared in TABLE.items():
        if declared.action == PUBLIC:
            call = asked(name)
            assert (call.principal, call.token, call.body) == (None, None, None)


@pytest.mark.usefixtures("ours")
def test_version_that_an_operation_has_not_is_not_found_whoever_asks() -> None:
    assert asked("GetPerson", version="V1.1-Preview.1", ocp_apim_subscription_key=KEY).version == "v1.1-preview.1"
    for version in ("v1.2", "v9", "none"):
        with pytest.raises(ResourceNotFound) as refused:
            asked("GetPerson", version=version)
        assert refused.value.message == (
            "Resource not found. Its API versions are v1.0-preview, v1.1-preview.1, v1.2-preview.1."
        )


@pytest.mark.usefixtures("ours")
def test_call_holds_what_the_request_says() -> None:
    call = asked(
        "Detect", b"picture", query="returnFaceId=false", ocp_apim_subscription_key=KEY,
        content_type=IMAGE, x_forwarded_proto="https", x_forwarded_for="192.0.2.1",
    )  # fmt: skip
    assert (call.version, call.body, call.query.return_face_id) == ("v1.3-preview.1", b"picture", False)
    assert call.address == "https://localhost:7071"
    sender = call.sender
    assert (sender.request_id, sender.method, sender.path) == ("the-request", "POST", "/face/V1.2/Detect")
    assert (sender.content_length, sender.client) == (7, "192.0.2.1")
    read = asked("GetPersonGroupPerson", ocp_apim_subscription_key=KEY)
    assert set(read.path) == {"version", "personGroupId", "personId"}
    assert read.path["personId"] == "0a0b0c0d-0000-4000-8000-000000000001"
    assert read.body is None


@pytest.mark.usefixtures("ours")
def test_body_of_no_kind_is_refused_as_one_of_an_unknown_kind() -> None:
    for named in ({}, {"content_type": "text/plain"}):
        with pytest.raises(UnsupportedMediaType):
            asked("Verify", VERIFY, ocp_apim_subscription_key=KEY, **named)


@pytest.mark.usefixtures("ours")
def test_form_is_bounded_by_the_largest_picture_and_a_chunked_body_is_missed() -> None:
    form = TABLE["CheckLiveness"].bodies[FORM]
    most = form.max_bytes + form.form_images * 100
    named = {"ocp_apim_subscription_key": KEY, "content_type": f"{FORM}; boundary=x"}
    with pytest.raises(InvalidImageSize):
        asked("CheckLiveness", b"x" * (most + 1), **named)
    with pytest.raises(FaceError) as refused:
        asked("CheckLiveness", b"x" * most, **named)
    assert not isinstance(refused.value, InvalidImageSize)
    with pytest.raises(BadArgument, match="arrived empty"):
        asked("Detect", b"", ocp_apim_subscription_key=KEY, content_type=IMAGE, transfer_encoding="chunked")
    assert asked("Detect", b"", ocp_apim_subscription_key=KEY, content_type=IMAGE).body == b""
