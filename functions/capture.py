"""A liveness session as its client performs it, opened by the session's token alone; and the same judgement for one
call without a session. docs/liveness-protocol.md."""

import azure.functions as func

from shared.access.actions import SESSION
from shared.people.liveness_references import VerifyImage
from shared.wire.call import Call
from shared.wire.capture import (
    AttemptEnded,
    AttemptStarted,
    CaptureForm,
    CheckForm,
    GivingUp,
    Guide,
    StartAttempt,
    VerifyCheckForm,
    ended,
    guide,
    request,
    sent,
    sent_to_check,
    started,
)
from shared.wire.liveness import LivenessResponse, judged
from shared.wire.operation import operation

blueprint = func.Blueprint()

VERSIONS = ("v1.1-preview.1", "v1.2-preview.1", "v1.2", "v1.3-preview.1")


@operation(blueprint, "StartLivenessAttempt", "POST", "face/{version}/session/start", action=SESSION, versions=VERSIONS)
def start(call: Call[None, StartAttempt]) -> AttemptStarted:
    """Begin an attempt, or be told again of the one that is open: its nonce, what to capture, its challenge."""
    body = call.body
    attempts, ids = call.services.liveness_attempts, (body.device_correlation_id, body.user_correlation_id)
    return started(attempts.start(call.session, call.sender.client, *ids))


@operation(blueprint, "GuideLivenessClient", "POST", "face/{version}/session/guide", action=SESSION, versions=VERSIONS)
def guide_client(call: Call[None, bytes]) -> Guide:
    """What the person should do, from one small frame. Nothing is stored, and nothing decided."""
    with call.services.turns.turn():
        return guide(call.services.guidance.guide(call.session, call.sender.client, call.body))


@operation(
    blueprint, "EndLivenessAttempt", "POST", "face/{version}/session/attempt/end", action=SESSION, versions=VERSIONS
)
def end(call: Call[None, CaptureForm | GivingUp]) -> AttemptEnded:
    """Judge the frames of an attempt, or end it without any."""
    attempts, body = call.services.liveness_attempts, call.body
    if isinstance(body, GivingUp):
        return ended(attempts.give_up(call.session, call.sender.client, body.nonce, body.reason))
    with call.services.turns.turn():
        return ended(attempts.end(call.session, sent(body, call.services.images), request(call.sender)))


@operation(
    blueprint,
    "CheckLiveness",
    "POST",
    "face/{version}/detectLiveness/singleModal",
    action="detectliveness/singlemodal/action",
    versions=VERSIONS,
)
def check(call: Call[None, CheckForm]) -> LivenessResponse:
    """Judge frames without a session. Nothing is kept."""
    with call.services.turns.turn():
        return LivenessResponse(**judged(call.services.liveness_checks.check(sent_to_check(call.body))))


@operation(
    blueprint,
    "CheckLivenessWithVerify",
    "POST",
    "face/{version}/detectLivenessWithVerify/singleModal",
    action="detectlivenesswithverify/singlemodal/action",
    versions=VERSIONS,
)
def check_verifying(call: Call[None, VerifyCheckForm]) -> LivenessResponse:
    """The same, and whether it is the person of a picture. Nothing is kept."""
    with call.services.images.taken(call.body.verify_image) as picture:
        judgement = call.services.liveness_checks.check(sent_to_check(call.body), VerifyImage(picture))
    return LivenessResponse(**judged(judgement))
