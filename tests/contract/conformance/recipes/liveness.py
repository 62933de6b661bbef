"""Liveness sessions, in both generations of routes, and session images."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.specification import Declared
from tests.contract.conformance.world import World, picture

KINDS = ("Liveness", "LivenessWithVerify")
PREFIX = "LivenessSessionOperations_"
PREVIEWS = ("v1.1-preview.1", "v1.2-preview.1")
DEVICE = "your_device_correlation_id"
LEAST: dict[str, Any] = {"livenessOperationMode": "PassiveActive", "deviceCorrelationId": DEVICE}
EVERYTHING: dict[str, dict[str, Any]] = {
    "v1.1-preview.1": {"sendResultsToClient": True},
    "v1.2-preview.1": {"enableSessionImage": True, "livenessSingleModalModel": "2023-12-20-preview.06"},
    "v1.2": {"enableSessionImage": False, "livenessModelVersion": "2024-11-15"},
    "v1.3-preview.1": {"userCorrelationId": str(uuid4()), "expectedClientIpAddress": "192.0.2.0/24"},
}
VERIFY = {"returnVerifyImageHash": True, "verifyConfidenceThreshold": 0.5}

RunForKind = Callable[[Call, World, str], None]


def is_about_images(declared: Declared) -> bool:
    """Pictures come with what is performed: there is none to be got yet."""
    return declared.name == f"{PREFIX}GetSessionImage"


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


def new_session(world: World, kind: str) -> str:
    """Its id, of a session as its caller makes it with the least that is required."""
    if world.version in PREVIEWS or kind == "Liveness":
        made = world.request("POST", sessions(world, kind), json=LEAST)
    else:
        files = {"verifyImage": ("picture.jpg", picture("Family1-Dad1"))}
        made = world.request("POST", sessions(world, kind), data=LEAST, files=files)
    return str(made["sessionId"])


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
    session = new_session(world, kind)
    found = call({"sessionId": session})
    assert found["id" if world.version in PREVIEWS else "sessionId"] == session
    end(world, kind, session)


@of_both("Get{kind}Sessions")
def list_them(call: Call, world: World, kind: str) -> None:
    made = sorted(new_session(world, kind) for _ in range(2))
    listed = [one["id"] for one in call()]
    assert listed == sorted(listed)
    assert set(made) <= set(listed)
    assert made[0] not in [one["id"] for one in call(query={"start": made[0], "top": 1000})]
    for session in made:
        end(world, kind, session)


@of_both("Get{kind}SessionAuditEntries")
def audit(call: Call, world: World, kind: str) -> None:
    session = new_session(world, kind)
    assert call({"sessionId": session}) == call({"sessionId": session}, {"start": "1", "top": 10}) == []
    end(world, kind, session)


@of_both("Delete{kind}Session")
def delete(call: Call, world: World, kind: str) -> None:
    session = new_session(world, kind)
    call({"sessionId": session})
    gone = world.service.http.get(f"/face/{world.version}/{sessions(world, kind)}/{session}")
    assert gone.status_code == 404


@recipe(f"{PREFIX}GetSessionImage")
def image(call: Call, world: World) -> None:
    del world
    call.refused(404, "SessionImageNotFound", {"sessionImageId": "Ae3PVWlXAmVAnXgkAFt1QSjGUWONKzWiSr2iPh9p9G4I"})
