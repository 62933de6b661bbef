"""Calls of FaceSessionClient. Each takes down what it makes: Microsoft's own tests count sessions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from azure.ai.vision.face.models import (
    CreateLivenessSessionContent,
    CreateLivenessWithVerifySessionContent,
    FaceLivenessDecision,
    FaceSessionStatus,
    LivenessOperationMode,
)
from azure.core.exceptions import ResourceNotFoundError

from tests import captures
from tests.sdk.calls import Calls
from tests.sdk.new_client.errors import refused
from tests.sdk.new_client.world import DETECTION, RECOGNITION, World, picture

calls = Calls()
KINDS = ("liveness", "liveness_with_verify")


def method(world: World, name: str, kind: str) -> Any:
    return getattr(world.sessions, name.format(kind))


@contextmanager
def session(world: World, kind: str) -> Iterator[Any]:
    """What was answered when it was made, for a device of its own."""
    content = CreateLivenessSessionContent if kind == KINDS[0] else CreateLivenessWithVerifySessionContent
    body = content(
        liveness_operation_mode=LivenessOperationMode.PASSIVE_ACTIVE,
        device_correlation_id=str(uuid4()),
        auth_token_time_to_live_in_seconds=60,
    )
    extra: dict[str, Any] = {} if kind == KINDS[0] else {"verify_image": None}
    made = method(world, "create_{}_session", kind)(body, **extra)
    yield made
    method(world, "delete_{}_session", kind)(made.session_id)


CallOfKind = Callable[[World, str], None]


def for_each(name: str) -> Callable[[CallOfKind], CallOfKind]:
    """Declares a call for both kinds of sessions, under the name of each method."""

    def declare(function: CallOfKind) -> CallOfKind:
        for kind in KINDS:
            calls(name.format(kind))(_for(function, kind))
        return function

    return declare


def _for(function: CallOfKind, kind: str) -> Callable[[World, str], None]:
    return lambda world, _: function(world, kind)


@for_each("create_{}_session")
def create(world: World, kind: str) -> None:
    with session(world, kind) as made:
        assert made.auth_token.count(".") == 2
    if kind == KINDS[1]:
        create_with_image(world)


def create_with_image(world: World) -> None:
    """The parameters as this client's own model for it; with the plain one it raises before it sends."""
    body = CreateLivenessWithVerifySessionContent(
        liveness_operation_mode=LivenessOperationMode.PASSIVE, device_correlation_id=str(uuid4())
    )
    made = world.sessions.create_liveness_with_verify_session(body, verify_image=picture("detection1"))
    assert made.verify_image.face_rectangle.width > 0
    assert made.verify_image.quality_for_recognition == "high"
    world.sessions.delete_liveness_with_verify_session(made.session_id)


@for_each("get_{}_session_result")
def get(world: World, kind: str) -> None:
    with session(world, kind) as made:
        found = method(world, "get_{}_session_result", kind)(made.session_id)
    assert (found.id, found.status) == (made.session_id, FaceSessionStatus.NOT_STARTED)
    assert (found.auth_token_time_to_live_in_seconds, found.session_expired, found.result) == (60, False, None)
    if kind == KINDS[1]:
        performed = method(world, "get_{}_session_result", kind)(world.performed.id)
        assert performed.status == FaceSessionStatus.RESULT_AVAILABLE
        check_verdict(performed.result)


def check_verdict(entry: Any) -> None:
    """Of the session that was performed, by the person who was expected."""
    body = entry.response.body
    assert body.liveness_decision == FaceLivenessDecision.REAL_FACE
    assert body.verify_result.is_identical
    assert body.verify_result.match_confidence > 0.5
    assert body.verify_result.verify_image.quality_for_recognition == "high"
    assert body.target.face_rectangle.width > 0
    assert len(entry.digest) == 64
    assert entry.request.url.endswith("/session/attempt/end")


@for_each("get_{}_sessions")
def page(world: World, kind: str) -> None:
    with session(world, kind) as one, session(world, kind) as other:
        first, second = sorted((one.session_id, other.session_id))
        ask = method(world, "get_{}_sessions", kind)
        everyone = [found.id for found in ask()]
        assert everyone == sorted({*everyone, first, second})
        after = everyone[everyone.index(first) + 1 :]  # where others may come before the second
        assert second in after
        assert [found.id for found in ask(start=first, top=1)] == after[:1]


@for_each("get_{}_session_audit_entries")
def audit(world: World, kind: str) -> None:
    with session(world, kind) as made:
        assert list(method(world, "get_{}_session_audit_entries", kind)(made.session_id)) == []
    if kind == KINDS[1]:
        (entry,) = method(world, "get_{}_session_audit_entries", kind)(world.performed.id)
        assert (entry.session_id, entry.session_image_id) == (world.performed.id, world.performed.image)
        check_verdict(entry)


@for_each("delete_{}_session")
def delete(world: World, kind: str) -> None:
    with session(world, kind) as made:
        pass
    ask = method(world, "get_{}_session_result", kind)
    refused(ResourceNotFoundError, "SessionNotFound", lambda: ask(made.session_id))


@calls("get_session_image")
def image(world: World, _: str) -> None:
    assert b"".join(world.sessions.get_session_image(world.performed.image)) in captures.frames(world.performed.person)
    refused(ResourceNotFoundError, "SessionImageNotFound", lambda: world.sessions.get_session_image("an-image"))


@calls("detect_from_session_image")
def detect(world: World, _: str) -> None:
    def found(image: str) -> Any:
        return world.sessions.detect_from_session_image(
            session_image_id=image, detection_model=DETECTION, recognition_model=RECOGNITION, return_face_id=False
        )

    (face,) = found(world.performed.image)
    assert face.face_rectangle.width > 100
    refused(ResourceNotFoundError, "SessionImageNotFound", lambda: found("an-image"))
