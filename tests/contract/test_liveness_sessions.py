"""Liveness sessions over HTTP: what clients send, when a session is gone, and what its token opens."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from shared import services
from shared.wire import parsing
from tests.contract.conformance.exchange import check_answer
from tests.contract.conformance.specification import declared
from tests.contract.conftest import Service
from tests.contract.process import service_process
from tests.faces import ROOT as FACES

IMAGES = FACES / "azure" / "images"
PICTURE = (IMAGES / "Family1-Dad1.jpg").read_bytes()
PREVIEWS, LATER = ("v1.1-preview.1", "v1.2-preview.1"), ("v1.2", "v1.3-preview.1")
VERSIONS = pytest.mark.parametrize("version", PREVIEWS + LATER)
KINDS = pytest.mark.parametrize("kind", ["detectLiveness", "detectLivenessWithVerify"])
BODY = {"livenessOperationMode": "Passive", "deviceCorrelationId": "your_device_correlation_id"}
LIFE = 48 * 3600
VERIFY = "detectLivenessWithVerify"

Part = tuple[str, bytes, str]
"""Name, content, and what follows the name in the part's head."""


def url(version: str, kind: str, session: str = "") -> str:
    path = f"{kind}/singleModal/sessions" if version in PREVIEWS else f"{kind}-sessions"
    return f"/face/{version}/{path}" + (f"/{session}" if session else "")


def text_parts(more: str = "", **changed: Any) -> list[Part]:
    return [(name, str(value).encode(), more) for name, value in (BODY | changed).items()]


def image_part(name: str = "verifyImage", more: str = '; filename="me.jpg"\r\nContent-Type: image/jpeg') -> Part:
    return name, PICTURE, more


def send_form(service: Service, version: str, *parts: Part) -> httpx.Response:
    """A form written by hand, so that every byte of it is the test's."""
    boundary = f"----{uuid4().hex}"
    heads = (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}' for name, _, more in parts)
    written = (head.encode() + b"\r\n\r\n" + part[1] + b"\r\n" for head, part in zip(heads, parts, strict=True))
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    content = b"".join(written) + f"--{boundary}--\r\n".encode()
    return service.http.post(url(version, VERIFY), content=content, headers=headers)


def create(service: Service, version: str, kind: str) -> Any:
    if kind == VERIFY and version in LATER:
        answer = send_form(service, version, *text_parts(), image_part())
    else:
        answer = service.http.post(url(version, kind), json=BODY)
    assert answer.status_code == 200, answer.text
    return answer.json()


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


OLD_TEXT = json.dumps(BODY).encode()
NEW_FORM = [*text_parts(), image_part()]
FORMS: dict[str, list[Part]] = {
    "as the later versions say": NEW_FORM,
    "picture first": NEW_FORM[::-1],
    "picture without a file name": [*text_parts(), image_part(more="\r\nContent-Type: application/octet-stream")],
    "picture without anything": [*text_parts(), image_part(more="")],
    "typed texts": [*text_parts("\r\nContent-Type: text/plain; charset=UTF-8"), image_part()],
    "lower case and texts": [
        *text_parts(livenessOperationMode="passive", enableSessionImage="true", authTokenTimeToLiveInSeconds="60"),
        image_part(),
    ],
    "as the previews say": [("Parameters", OLD_TEXT, ""), image_part("VerifyImage", '; filename="verify-image"')],
    "as the asynchronous client says": [
        ("Parameters", OLD_TEXT, "\r\nContent-Type: text/plain; charset=utf-8"),
        image_part("VerifyImage"),
    ],
    "as the JavaScript client says": [
        image_part("VerifyImage"),
        ("Parameters", OLD_TEXT, "\r\nContent-Type: application/json"),
    ],
    "names of both": [("Parameters", OLD_TEXT, ""), image_part("verifyImage")],
}


@VERSIONS
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_form_is_taken_however_clients_write_it(service: Service, version: str, form: list[Part]) -> None:
    answer = send_form(service, version, *form)
    name = "CreateLivenessWithVerifySession" + ("WithVerifyImage" if version in PREVIEWS else "")
    check_answer(declared(version)[f"LivenessSessionOperations_{name}"], answer)
    made = answer.json()
    face = made["verifyImage"] if version in PREVIEWS else made["results"]["verifyReferences"][0]
    (detected,) = service.detect(PICTURE, detectionModel="detection_03", returnFaceId="false")
    assert face["faceRectangle"] == detected["faceRectangle"]
    assert service.http.get(url(version, VERIFY, made["sessionId"])).status_code == 200


@VERSIONS
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (400, "InvalidImageSize")),
        (b"\xff" * 1023, (400, "InvalidImageSize")),
        (b"\xff" * (6 * 1024 * 1024 + 1), (400, "InvalidImageSize")),
        (b"\xff" * 2048, (400, "InvalidImage")),
        ((IMAGES / "identification1.jpg").read_bytes(), (400, "InvalidImage")),
    ],
    ids=["empty", "small", "big", "no picture", "four faces"],
)
def test_picture_that_does_not_do_makes_no_session(
    service: Service, version: str, content: bytes, expected: tuple[int, str]
) -> None:
    before = rows(service)
    refused = send_form(service, version, *text_parts(), ("verifyImage", content, '; filename="me.jpg"'))
    assert error(refused) == expected
    assert rows(service) == before


@pytest.mark.parametrize("version", ["v1.2-preview.1", "v1.2"])
def test_form_that_is_larger_than_its_picture_may_be_is_not_read(
    service: Service, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        raise AssertionError("nobody looks into it")

    monkeypatch.setattr(parsing, "form_fields", read)
    large = ("verifyImage", b"\xff\xd8\xff" + bytes(9_000_000), '; filename="me.jpg"')
    assert error(send_form(service, version, *text_parts(), large)) == (400, "InvalidImageSize")


def rows(service: Service) -> list[dict[str, Any]]:
    return list(service.tables.table("sessions").query("PartitionKey ge @first", first=""))


@VERSIONS
@pytest.mark.parametrize(
    "form",
    [
        [],
        text_parts(),
        [image_part()],
        [*text_parts(), image_part(), image_part("VerifyImage")],
        [("Parameters", b"{", ""), image_part()],
        [("Parameters", b"\xff", ""), image_part()],
        [*text_parts(), image_part(), *(("x", b"", "") for _ in range(40))],
    ],
    ids=["nothing", "no picture", "no mode", "two pictures", "broken JSON", "no text", "many parts"],
)
def test_malformed_form_is_never_a_defect(service: Service, version: str, form: list[Part]) -> None:
    assert error(send_form(service, version, *form))[0] == 400


def test_bodies_of_another_kind_are_refused(service: Service) -> None:
    later, previews = url("v1.2", VERIFY), url("v1.2-preview.1", "detectLiveness")
    assert error(service.http.post(later, json=BODY)) == (415, "BadArgument")
    assert error(service.http.post(previews, files={"VerifyImage": PICTURE})) == (415, "BadArgument")
    octets = {"Content-Type": "application/octet-stream"}
    assert error(service.http.post(later, content=PICTURE, headers=octets)) == (415, "BadArgument")


@VERSIONS
@KINDS
def test_session_is_gone_after_48_hours_and_its_row_after_the_sweep(service: Service, version: str, kind: str) -> None:
    session = create(service, version, kind)["sessionId"]
    service.clock.advance(LIFE - 1)
    assert service.http.get(url(version, kind, session)).status_code == 200
    service.clock.advance(1)
    assert error(service.http.get(url(version, kind, session))) == (404, "SessionNotFound")
    assert error(service.http.delete(url(version, kind, session))) == (404, "SessionNotFound")
    assert session not in listed(service, kind)
    assert session in [row["RowKey"] for row in rows(service)]
    service.clock.advance(420)
    sweep()
    assert session not in [row["RowKey"] for row in rows(service)]


def sweep() -> None:
    assert services.current().retention.sweep().failed == 0


def listed(service: Service, kind: str) -> list[str]:
    answer = service.http.get(url("v1.2-preview.1", kind))
    return [item["id"] for item in answer.json()]


@VERSIONS
@KINDS
def test_delete_is_at_once_and_for_good(service: Service, version: str, kind: str) -> None:
    session = create(service, version, kind)["sessionId"]
    deleted = service.http.delete(url(version, kind, session))
    assert (deleted.status_code, deleted.content) == (200 if version in PREVIEWS else 204, b"")
    for other in PREVIEWS + LATER:
        assert error(service.http.get(url(other, kind, session))) == (404, "SessionNotFound")
    assert error(service.http.delete(url(version, kind, session))) == (404, "SessionNotFound")
    assert session not in [row["RowKey"] for row in rows(service)]


@KINDS
def test_every_version_sees_the_sessions_of_every_other_and_no_kind_the_others(service: Service, kind: str) -> None:
    other = VERIFY if kind != VERIFY else "detectLiveness"
    for version in PREVIEWS + LATER:
        session = create(service, version, kind)["sessionId"]
        found = {service.http.get(url(each, kind, session)).status_code for each in PREVIEWS + LATER}
        assert found == {200}
        assert error(service.http.get(url(version, other, session))) == (404, "SessionNotFound")
        assert session in listed(service, kind)


def test_lists_go_on_where_they_ended(service: Service) -> None:
    made = {create(service, "v1.2-preview.1", "detectLiveness")["sessionId"] for _ in range(5)}
    found: list[str] = []
    while True:
        start = found[-1] if found else ""
        page = service.http.get(url("v1.1-preview.1", "detectLiveness"), params={"start": start, "top": 2}).json()
        found += [item["id"] for item in page]
        if len(page) < 2:
            break
    assert found == sorted(set(found))
    assert made <= set(found)


def test_session_says_that_its_token_has_expired(service: Service) -> None:
    body = BODY | {"authTokenTimeToLiveInSeconds": 60}
    session = service.http.post(url("v1.2", "detectLiveness"), json=body).json()["sessionId"]

    def state() -> tuple[bool, bool]:
        previews = service.http.get(url("v1.2-preview.1", "detectLiveness", session)).json()
        later = service.http.get(url("v1.2", "detectLiveness", session)).json()
        return previews["sessionExpired"], later["authToken"] == ""

    service.clock.advance(59)
    assert state() == (False, False)
    service.clock.advance(1)
    assert state() == (True, True)


def test_token_names_the_service_as_its_caller_knows_it(service: Service) -> None:
    made = create(service, "v1.2", "detectLiveness")
    claims = jwt.decode(made["authToken"], options={"verify_signature": False})
    assert claims["iss"] == service.url
    assert claims["sub"] == made["sessionId"]
    headers = {"X-Forwarded-Proto": "https"}
    behind = service.http.post(url("v1.2", "detectLiveness"), json=BODY, headers=headers).json()["authToken"]
    issuer = jwt.decode(behind, options={"verify_signature": False})["iss"]
    assert issuer == service.url.replace("http://", "https://")


@pytest.fixture
def keyless(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


def test_token_opens_no_operation_that_is_served(service: Service, keyless: httpx.Client) -> None:
    made = create(service, "v1.2", "detectLiveness")
    for name, value in (
        ("Authorization", f"Bearer {made['authToken']}"),
        ("Ocp-Apim-Subscription-Key", made["authToken"]),
    ):
        own = keyless.get(url("v1.2", "detectLiveness", made["sessionId"]), headers={name: value})
        image = keyless.get("/face/v1.2/sessionImages/any", headers={name: value})
        detect = keyless.post("/face/v1.2/detect", json={"url": "http://example.com"}, headers={name: value})
        assert {error(own), error(image), error(detect)} == {(401, "401")}


@pytest.mark.parametrize("path", ["v1.2-preview.1/session/sessionImages/any", "v1.2/sessionImages/any"])
def test_session_image_is_not_found_in_the_contracts_shape(service: Service, path: str) -> None:
    answer = service.http.get(f"/face/{path}")
    assert error(answer) == (404, "SessionImageNotFound")
    assert answer.headers["x-ms-error-code"] == "SessionImageNotFound"


def test_picture_is_not_kept(service: Service) -> None:
    parts = [*text_parts(returnVerifyImageHash="true"), image_part()]
    session = send_form(service, "v1.2", *parts).json()["sessionId"]
    (row,) = (row for row in rows(service) if row["RowKey"] == session)
    assert row["template"]
    everything = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert len(everything) < 4096 < len(PICTURE)
    assert PICTURE[200:232] not in everything


def test_form_is_written_to_no_disk(storage: str, key_ring_file: Path, tmp_path: Path) -> None:
    with service_process(storage, key_ring_file, TMPDIR=str(tmp_path)) as served:
        files = {"verifyImage": ("me.jpg", PICTURE)}
        served.http.post(url("v1.2", VERIFY), data=BODY, files=files).raise_for_status()
        before = served.process.io_counters().write_bytes
        for _ in range(5):
            served.http.post(url("v1.2", VERIFY), data=BODY, files=files).raise_for_status()
        assert served.process.io_counters().write_bytes == before
        assert list(tmp_path.iterdir()) == []


def test_token_is_neither_stored_nor_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        made = create(service, "v1.2", VERIFY)
        service.http.get(url("v1.2", VERIFY, made["sessionId"])).raise_for_status()
        service.http.get(url("v1.2", VERIFY, "x"), headers={"Authorization": f"Bearer {made['authToken']}"})
    signature = made["authToken"].rsplit(".", 1)[1]
    (row,) = (row for row in rows(service) if row["RowKey"] == made["sessionId"])
    assert signature not in str(row)
    assert "CreateLivenessWithVerifySession 200" in caplog.text
    assert signature not in caplog.text
    assert BODY["deviceCorrelationId"] not in caplog.text
