"""Liveness sessions, in both generations of routes, made and performed; session images and settings."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from tests import captures
from tests.contract.conformance.recipes.detection import EVERYTHING as EVERYTHING_DETECTED
from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.specification import Declared
from tests.contract.conformance.world import World, picture
from tests.contract.performing import Client

KINDS = ("Liveness", "LivenessWithVerify")
PREFIX = "LivenessSessionOperations_"
PREVIEWS = ("v1.1-preview.1", "v1.2-preview.1")
PERSON = "azure/images/Family2-Man1.jpg"
DEVICE = "your_device_correlation_id"
LEAST: dict[str, Any] = {"livenessOperationMode": "PassiveActive", "deviceCorrelationId": DEVICE}
EVERYTHING: dict[str, dict[str, Any]] = {
    "v1.1-preview.1": {"sendResultsToClient": True},
    "v1.2-preview.1": {"enableSessionImage": True, "livenessSingleModalModel": "2023-12-20-preview.06"},
    "v1.2": {"enableSessionImage": False, "livenessModelVersion": "2024-11-15"},
    "v1.3-preview.1": {
        "userCorrelationId": str(uuid4()),
        "expectedClientIpAddress": "192.0.2.0/24",
        "numberOfClientAttemptsAllowed": 2,
    },
}
VERIFY = {"returnVerifyImageHash": True, "verifyConfidenceThreshold": 0.5}

RunForKind = Callable[[Call, World, str], None]


def is_elsewhere(declared: Declared) -> bool:
    """The access to Microsoft's client packages: a service that serves its own client has none to give."""
    return declared.name == f"{PREFIX}GetClientAssetsAccessToken"


def of_both(pattern: str) -> Callable[[RunForKind], RunForKind]:
    """Declare how an operation is called, with and without verify."""

    def declare(function: RunForKind) -> RunForKind:
        for kind in KINDS:
            recipe(PREFIX + pattern.format(kind=kind))(_for(function, kind))
        return function

    return declare


def _for(function: RunForKind, kind: str) -> Callable[[Call, World], None]:
    @wraps(function)
    def run(call: Call, world: World) -> None:
        function(call, world, kind)

    return run


def sessions(world: World, kind: str) -> str:
    return f"detect{kind}/singleModal/sessions" if world.version in PREVIEWS else f"detect{kind}-sessions"


def new_session(world: World, kind: str, **more: Any) -> Any:
    """A session as its caller makes it with the least that is required, and more if it is to be."""
    body = LEAST | more
    if kind == "Liveness" or (world.version in PREVIEWS and not more):
        return world.request("POST", sessions(world, kind), json=body)
    name = "VerifyImage" if world.version in PREVIEWS else "verifyImage"
    files = {name: ("picture.jpg", picture("Family2-Man2"))}
    text = {name: str(value).lower() if isinstance(value, bool) else value for name, value in body.items()}
    fields = {"Parameters": json.dumps(body)} if world.version in PREVIEWS else text
    return world.request("POST", sessions(world, kind), data=fields, files=files)


def performed(world: World, kind: str) -> str:
    """The id of a session that the person of the picture has performed: one of a kind for all that ask about it."""
    return str(world.once("performed", kind, make=lambda: perform(world, kind)))


def perform(world: World, kind: str) -> str:
    images = {} if world.version == "v1.1-preview.1" else {"enableSessionImage": True}
    session = new_session(world, kind, livenessOperationMode="Passive", **images)
    ended = Client(world.service, session["authToken"], world.version).perform(captures.frames(PERSON, 8))
    assert ended["attemptStatus"] == "Succeeded"
    world.remember(f"detect{kind}/singleModal/sessions/{session['sessionId']}")
    return str(session["sessionId"])


def check_result(world: World, kind: str, found: Any) -> None:
    """The verdict with all that belongs to it."""
    if world.version in PREVIEWS:
        told = found["result"]["response"]["body"]
        assert told["target"]["imageType"] == "Color"
        assert ("sessionImageId" in found["result"]) == (world.version != "v1.1-preview.1")
    else:
        (attempt,) = found["results"]["attempts"]
        told = attempt["result"]
        assert told["targets"]["color"]["faceRectangle"]["width"] > 0
        assert len(told["sessionImageId"]) == 44
    assert told["livenessDecision"] == "realface"
    assert told.get("verifyResult", {}).get("isIdentical", kind == "Liveness")


def end(world: World, kind: str, session: str) -> None:
    world.request("DELETE", f"{sessions(world, kind)}/{session}")


def check_made(world: World, kind: str, made: Any) -> None:
    """A session that is there as it was asked for."""
    assert made["authToken"].count(".") == 2
    found = world.request("GET", f"{sessions(world, kind)}/{made['sessionId']}")
    assert found["status"] == "NotStarted"
    if world.version in PREVIEWS:
        assert (found["deviceCorrelationId"], found["authTokenTimeToLiveInSeconds"]) == (DEVICE, 60)
    else:
        assert (found["results"]["attempts"], found["modelVersion"]) == ([], "2024-11-15")
        assert found.get("expectedClientIpAddress") == made.get("expectedClientIpAddress")
    end(world, kind, made["sessionId"])


@recipe(f"{PREFIX}CreateLivenessSession")
def create(call: Call, world: World) -> None:
    body = LEAST | EVERYTHING[world.version] | {"authTokenTimeToLiveInSeconds": 60}
    made = call(json=body)
    assert made.get("expectedClientIpAddress") == EVERYTHING[world.version].get("expectedClientIpAddress")
    check_made(world, "Liveness", made)


@recipe(f"{PREFIX}CreateLivenessWithVerifySession")
def create_verifying(call: Call, world: World) -> None:
    """As JSON in the previews, where the picture may be left to the client; later as a form."""
    body = LEAST | {"authTokenTimeToLiveInSeconds": 60}
    if world.version in PREVIEWS:
        more = EVERYTHING[world.version] | (VERIFY if world.version == "v1.2-preview.1" else {})
        made = call(json=body | more)
        assert "verifyImage" not in made
    else:
        made = call(form=body | VERIFY | {"verifyImage": picture("Family1-Dad1")})
        (reference,) = made["results"]["verifyReferences"]
        assert reference["faceRectangle"]["width"] > 0
    check_made(world, "LivenessWithVerify", made)


@recipe(f"{PREFIX}CreateLivenessWithVerifySessionWithVerifyImage")
def create_with_image(call: Call, world: World) -> None:
    text = '{"livenessOperationMode": "Passive", "deviceCorrelationId": "%s", "authTokenTimeToLiveInSeconds": 60}'
    made = call(form={"Parameters": text % DEVICE, "VerifyImage": picture("Family1-Dad1")})
    assert made["verifyImage"]["faceRectangle"]["width"] > 0
    assert made["verifyImage"]["qualityForRecognition"] in {"low", "medium", "high"}
    check_made(world, "LivenessWithVerify", made)


@of_both("Get{kind}SessionResult")
def get(call: Call, world: World, kind: str) -> None:
    session = str(new_session(world, kind)["sessionId"])
    key = "id" if world.version in PREVIEWS else "sessionId"
    assert call({"sessionId": session})[key] == session
    end(world, kind, session)
    found = call({"sessionId": performed(world, kind)})
    assert found["status"] == ("ResultAvailable" if world.version in PREVIEWS else "Succeeded")
    check_result(world, kind, found)


@of_both("Get{kind}Sessions")
def list_them(call: Call, world: World, kind: str) -> None:
    made = sorted(str(new_session(world, kind)["sessionId"]) for _ in range(2))
    listed = [one["id"] for one in call()]
    assert listed == sorted(listed)
    assert set(made) <= set(listed)
    assert made[0] not in [one["id"] for one in call(query={"start": made[0], "top": 1000})]
    for session in made:
        end(world, kind, session)


@of_both("Get{kind}SessionAuditEntries")
def audit(call: Call, world: World, kind: str) -> None:
    session = str(new_session(world, kind)["sessionId"])
    assert call({"sessionId": session}) == []
    end(world, kind, session)
    path = {"sessionId": performed(world, kind)}
    (entry,) = call(path)
    assert (entry["id"], entry["sessionId"]) == (1, path["sessionId"])
    assert call(path, {"start": "1", "top": 10}) == []


@of_both("Delete{kind}Session")
def delete(call: Call, world: World, kind: str) -> None:
    session = new_session(world, kind)["sessionId"]
    call({"sessionId": session})
    gone = world.service.http.get(f"/face/{world.version}/{sessions(world, kind)}/{session}")
    assert gone.status_code == 404


def image_of(world: World) -> str:
    """The id of the picture of a session that was performed."""
    found = world.request("GET", f"{sessions(world, 'Liveness')}/{performed(world, 'Liveness')}")
    told = found["result"] if world.version in PREVIEWS else found["results"]["attempts"][0]["result"]
    return str(told["sessionImageId"])


@recipe(f"{PREFIX}GetSessionImage")
def image(call: Call, world: World) -> None:
    assert call({"sessionImageId": image_of(world)}) in captures.frames(PERSON, 8)


@recipe("FaceDetectionOperations_DetectFromSessionImageId")
def detect_from_image(call: Call, world: World) -> None:
    (face,) = call(query=EVERYTHING_DETECTED, json={"sessionImageId": image_of(world)})
    assert sorted(face) == ["faceId", "faceLandmarks", "faceRectangle", "recognitionModel"]


@recipe(f"{PREFIX}GetSettings")
def get_settings(call: Call, world: World) -> None:
    del world
    assert call() == {"livenessAbuseMonitoring": {"enabled": False}}


@recipe(f"{PREFIX}PatchSettings")
def change_settings(call: Call, world: World) -> None:
    del world
    off: Any = {"livenessAbuseMonitoring": {"enabled": False}}
    assert call(json=off) == call(json={}) == off


@recipe(f"{PREFIX}GetClientAssetsAccessToken")
def client_assets(call: Call, world: World) -> None:
    del world
    call.refused(404, "404")
