"""Section 3: liveness sessions."""

import json
from collections.abc import Iterator
from typing import Any

from tests.contract.conformance.errors.triggers import BAD_ID, UNKNOWN, VERSION, Refusal, Scene, raises
from tests.contract.conformance.world import picture

SESSIONS = "Liveness sessions"
LATER = "v1.3-preview.1"
FIRST = [f"{kind}/singleModal/sessions" for kind in ("detectLiveness", "detectLivenessWithVerify")]
SECOND = ["detectLiveness-sessions", "detectLivenessWithVerify-sessions"]
BODY: dict[str, Any] = {"livenessOperationMode": "Passive", "deviceCorrelationId": "device"}


def created(scene: Scene, **changed: Any) -> Iterator[Refusal]:
    """Every way to make a session; None leaves a field out."""
    body = {name: value for name, value in (BODY | changed).items() if value is not None}
    for path in FIRST:
        yield Refusal(scene.post(path, **body))
    yield Refusal(scene.post(SECOND[0], LATER, **body))
    image = ("picture.jpg", picture("Family1-Dad1"))
    old = {"Parameters": (None, json.dumps(body)), "VerifyImage": image}
    yield Refusal(scene.ask("POST", FIRST[1], files=old))
    yield Refusal(scene.ask("POST", SECOND[1], LATER, data=body, files={"verifyImage": image}))


@raises(SESSIONS, 400, "Incorrect request body provided. Please check the operation schema and try again.")
def body(scene: Scene) -> Iterator[Refusal]:
    yield from created(scene, enableSessionImage="perhaps")
    yield Refusal(scene.ask("POST", FIRST[0], content=b"[]", headers={"Content-Type": "application/json"}))
    yield Refusal(scene.ask("POST", SECOND[1], LATER, data=BODY, files={"anything": ("x", b"x")}))
    malformed = {"Content-Type": "multipart/form-data; boundary=x"}
    yield Refusal(scene.ask("POST", SECOND[1], LATER, content=b"no form", headers=malformed))


@raises(SESSIONS, 400, "Invalid authTokenTimeToLiveInSeconds specified. Must be within 60 to 86400.")
def token_life(scene: Scene) -> Iterator[Refusal]:
    yield from created(scene, authTokenTimeToLiveInSeconds=59)
    yield from created(scene, authTokenTimeToLiveInSeconds=86401)


@raises(SESSIONS, 400, "Invalid livenessOperationMode specified. Must be 'Passive'.")
def mode(scene: Scene) -> Iterator[Refusal]:
    yield from created(scene, livenessOperationMode=None)
    yield from created(scene, livenessOperationMode="Active")


@raises(
    SESSIONS,
    400,
    "A device correlation ID is required in the request body during session create or session start. Must not be null "
    "or empty, and be no more than 64 characters.",
)
def device(scene: Scene) -> Iterator[Refusal]:
    yield from created(scene, deviceCorrelationId=None)
    yield from created(scene, deviceCorrelationId="")
    yield from created(scene, deviceCorrelationId="d" * 65)
    yield from created(scene, deviceCorrelationIdSetInClient=True)


@raises(
    SESSIONS,
    400,
    "Start parameter is invalid. Please specify the 'Id' field of the last entry to continue the listing process.",
)
def start(scene: Scene) -> Iterator[Refusal]:
    for path in FIRST:
        yield Refusal(scene.get(f"{path}?start={BAD_ID}"))
        yield Refusal(scene.get(f"{path}?start={'0' * 65}"))
        yield Refusal(scene.get(f"{path}/{UNKNOWN}/audit?start={BAD_ID}"))


@raises(SESSIONS, 400, "Top parameter is invalid. Valid range is between 1 and 1000 inclusive.")
def top(scene: Scene) -> Iterator[Refusal]:
    for path in FIRST:
        for wrong in ("0", "1001", "many"):
            yield Refusal(scene.get(f"{path}?top={wrong}"))
            yield Refusal(scene.get(f"{path}/{UNKNOWN}/audit?top={wrong}"))


@raises(SESSIONS, 404, "Session ID is not found. The session ID is expired or does not exist.")
def unknown(scene: Scene) -> Iterator[Refusal]:
    for session in (UNKNOWN, BAD_ID):
        for path in FIRST:
            yield Refusal(scene.get(f"{path}/{session}/audit"))
        for path, version in (*((path, VERSION) for path in FIRST), *((path, LATER) for path in SECOND)):
            yield Refusal(scene.ask("GET", f"{path}/{session}", version))
            yield Refusal(scene.ask("DELETE", f"{path}/{session}", version))
