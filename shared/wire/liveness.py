"""What liveness sessions and their results have in common in both generations of routes, and the previews' words for
them (detectLiveness/singleModal/sessions). Those after the previews: later_liveness.py."""

from typing import Any, Literal, cast

from shared.clock import to_text
from shared.engine.liveness import MESSAGES, Reason
from shared.errors import BadArgument, FaceError
from shared.people.liveness_progress import Progress
from shared.people.liveness_sessions import BAD_START, BAD_TOP
from shared.store.attempts import Attempt, Comparison, Judgement, Rectangle
from shared.store.sessions import Reference, Session
from shared.wire.fields import Guid, Start, Timestamp, Top
from shared.wire.objects import ErrorDetail, FaceRectangle, WireObject

MODELS = {"v1.1-preview.1": "2023-03-02-preview.05", "v1.2-preview.1": "2023-12-20-preview.06"}
"""The newest model version that a preview knows: what is told where the session named none. It names a form of results;
one judge stands behind all of them."""

IMAGE_TYPE = "Color"

Decision = Literal["realface", "spoofface", "uncertain"]
Quality = Literal["low", "medium", "high"]


class SessionPage(WireObject):
    """`start`: the id after which to begin, exclusive."""

    start: Start = ""
    top: Top = 1000

    @classmethod
    def misfit(cls, field: str) -> FaceError | None:
        return BadArgument(BAD_TOP if field == "top" else BAD_START)


class SessionCreated(WireObject):
    session_id: Guid
    auth_token: str


class VerifyImageFace(WireObject):
    """The one face of the picture that was sent."""

    face_rectangle: FaceRectangle
    quality_for_recognition: Quality


class VerifySessionCreated(SessionCreated):
    """`verifyImage`: absent where no picture was sent."""

    verify_image: VerifyImageFace | None = None


class VerifyOutcome(WireObject):
    match_confidence: float
    is_identical: bool


class Outcome(WireObject):
    """A verdict in short."""

    liveness_decision: Decision
    verify_result: VerifyOutcome | None = None


class JudgedTarget(WireObject):
    """The face that was judged. `timeOffsetWithinFile`: milliseconds into the capture."""

    face_rectangle: FaceRectangle
    file_name: str
    time_offset_within_file: int
    image_type: str


class PreviewVerifyOutcome(WireObject):
    verify_image: VerifyImageFace
    match_confidence: float
    is_identical: bool


class LivenessResponse(WireObject):
    """A verdict, or the `error` that says why there is none."""

    model_version_used: str | None = None
    liveness_decision: Decision | None = None
    target: JudgedTarget | None = None
    verify_result: PreviewVerifyOutcome | None = None
    error: ErrorDetail | None = None


class AuditRequest(WireObject):
    url: str
    method: str
    content_length: int
    content_type: str
    user_agent: str | None = None


class AuditResponse(WireObject):
    body: LivenessResponse
    status_code: int
    latency_in_milliseconds: int


class AuditEntry(WireObject):
    """An attempt that was judged. `digest`: of what the client sent, as the server has calculated it."""

    id: int
    session_id: Guid
    request_id: Guid
    client_request_id: str
    received_date_time: Timestamp
    request: AuditRequest
    response: AuditResponse
    digest: str
    session_image_id: str | None = None
    verify_image_hash: str | None = None


class SessionItem(WireObject):
    """`sessionExpired`: its token has; the session itself is there for 48 hours."""

    id: Guid
    created_date_time: Timestamp
    session_expired: bool
    auth_token_time_to_live_in_seconds: int
    session_start_date_time: Timestamp | None = None
    device_correlation_id: str | None = None


class SessionState(SessionItem, kw_only=True):
    """A session with its latest result, which is absent as long as nothing was judged."""

    status: Literal["NotStarted", "Started", "ResultAvailable"]
    result: AuditEntry | None = None


def created(session: Session, token: str) -> SessionCreated:
    return SessionCreated(session_id=session.session_id, auth_token=token)


def verify_created(session: Session, token: str) -> VerifySessionCreated:
    found = session.reference
    return VerifySessionCreated(
        session_id=session.session_id,
        auth_token=token,
        verify_image=None if found is None else verify_face(found),
    )


def item(progress: Progress) -> SessionItem:
    return SessionItem(**_listed(progress))


def state(progress: Progress, version: str) -> SessionState:
    judged = progress.judged
    begun: Literal["NotStarted", "Started"] = "Started" if progress.attempts else "NotStarted"
    return SessionState(
        **_listed(progress),
        status="ResultAvailable" if judged else begun,
        result=entry(progress.session, judged[-1], version) if judged else None,
    )


def _listed(progress: Progress) -> dict[str, Any]:
    session = progress.session
    return {
        "id": session.session_id,
        "created_date_time": to_text(session.created),
        "session_expired": progress.has_expired,
        "auth_token_time_to_live_in_seconds": session.terms.token_seconds,
        "session_start_date_time": to_text(session.started) if session.started else None,
        "device_correlation_id": session.terms.device_correlation_id or session.device,
    }


def entry(session: Session, attempt: Attempt, version: str) -> AuditEntry:
    """Of an attempt that ended with frames. The first preview has neither session images nor hashes."""
    ending, is_first = attempt.ending, version == "v1.1-preview.1"
    if ending is None or ending.request is None or ending.judgement is None:
        raise ValueError("an attempt without frames is not audited")
    request, comparison = ending.request, ending.judgement.comparison
    return AuditEntry(
        id=attempt.number,
        session_id=session.session_id,
        request_id=request.request_id,
        client_request_id=request.client_request_id,
        received_date_time=to_text(ending.at),
        request=AuditRequest(
            request.url, request.method, request.content_length, request.content_type, request.user_agent
        ),
        response=AuditResponse(_response(session, ending.judgement, version), 200, ending.latency),
        digest=ending.digest,
        session_image_id=None if is_first else ending.image_id,
        verify_image_hash=None if is_first or comparison is None else comparison.image_hash,
    )


def _response(session: Session, judgement: Judgement, version: str) -> LivenessResponse:
    named = session.terms.model
    return LivenessResponse(
        model_version_used=named if named and named in KNOWN_MODELS[version] else MODELS[version],
        **judged(judgement),
    )


KNOWN_MODELS = {
    "v1.1-preview.1": {"2022-10-15-preview.04"},
    "v1.2-preview.1": {"2022-10-15-preview.04", "2023-12-20-preview.06"},
}


def judged(judgement: Judgement) -> dict[str, Any]:
    """The fields of a LivenessResponse but its model version."""
    target, compared = judgement.target, judgement.comparison
    return {
        "liveness_decision": cast(Decision | None, judgement.decision),
        "target": None
        if target is None
        else JudgedTarget(rectangle(target.rectangle), target.file, target.milliseconds, IMAGE_TYPE),
        "verify_result": None if compared is None else _compared(compared),
        "error": error(judgement.reason) if judgement.reason else None,
    }


def error(reason: str) -> ErrorDetail:
    return ErrorDetail(code=reason, message=MESSAGES[Reason(reason)])


def outcome(judgement: Judgement) -> Outcome:
    """Of one that came to a decision."""
    compared = judgement.comparison
    return Outcome(
        liveness_decision=cast(Decision, judgement.decision),
        verify_result=None if compared is None else VerifyOutcome(compared.confidence, compared.is_identical),
    )


def _compared(found: Comparison) -> PreviewVerifyOutcome:
    face = VerifyImageFace(rectangle(found.rectangle), cast(Quality, found.quality))
    return PreviewVerifyOutcome(face, found.confidence, found.is_identical)


def verify_face(reference: Reference) -> VerifyImageFace:
    return VerifyImageFace(rectangle(reference.rectangle), cast(Quality, reference.quality))


def rectangle(found: Rectangle) -> FaceRectangle:
    left, top, width, height = found
    return FaceRectangle(top=top, left=left, width=width, height=height)
