"""Liveness sessions as they are answered, in the words of two generations of routes: the previews'
(detectLiveness/singleModal/sessions), and those after them (detectLiveness-sessions)."""

from typing import Any, Literal, cast

from shared.clock import to_text
from shared.errors import BadArgument, FaceError
from shared.people.liveness_sessions import BAD_START, BAD_TOP
from shared.store.sessions import Reference, Session
from shared.wire.fields import Guid, Start, Timestamp, Top
from shared.wire.new_session import MODEL
from shared.wire.objects import FaceRectangle, WireObject

NOT_STARTED = "NotStarted"
"""The state of every session: no client that performs one is served yet. Both generations spell it alike."""

IMAGE_TYPE = "Color"

Quality = Literal["low", "medium", "high"]
Attempt = dict[str, Any]
"""There is none yet."""


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


class SessionItem(WireObject):
    """`sessionExpired`: its token has; the session itself is there for 48 hours."""

    id: Guid
    created_date_time: Timestamp
    session_expired: bool
    auth_token_time_to_live_in_seconds: int
    device_correlation_id: str | None = None


class SessionState(SessionItem, kw_only=True):
    """A session with its result, which is absent as long as nothing was performed."""

    status: str


class Results(WireObject):
    attempts: list[Attempt]


class LivenessSession(WireObject):
    """`authToken`: empty once it has expired."""

    session_id: Guid
    auth_token: str
    status: str
    model_version: str
    results: Results
    expected_client_ip_address: str | None = None


class VerifyReference(VerifyImageFace, kw_only=True):
    reference_type: str


class VerifyResults(WireObject):
    verify_references: list[VerifyReference]
    attempts: list[Attempt]


class LivenessWithVerifySession(WireObject):
    """`authToken`: empty once it has expired."""

    session_id: Guid
    auth_token: str
    status: str
    model_version: str
    results: VerifyResults
    expected_client_ip_address: str | None = None


def created(session: Session, token: str) -> SessionCreated:
    return SessionCreated(session_id=session.session_id, auth_token=token)


def verify_created(session: Session, token: str) -> VerifySessionCreated:
    reference = session.reference
    return VerifySessionCreated(
        session_id=session.session_id,
        auth_token=token,
        verify_image=None if reference is None else VerifyImageFace(_rectangle(reference), _quality(reference)),
    )


def item(session: Session, expired: bool) -> SessionItem:
    return SessionItem(
        id=session.session_id,
        created_date_time=to_text(session.created),
        session_expired=expired,
        auth_token_time_to_live_in_seconds=session.terms.token_seconds,
        device_correlation_id=session.terms.device_correlation_id,
    )


def state(session: Session, expired: bool) -> SessionState:
    return SessionState(
        id=session.session_id,
        created_date_time=to_text(session.created),
        session_expired=expired,
        auth_token_time_to_live_in_seconds=session.terms.token_seconds,
        device_correlation_id=session.terms.device_correlation_id,
        status=NOT_STARTED,
    )


def liveness_session(session: Session, token: str) -> LivenessSession:
    return LivenessSession(
        session_id=session.session_id,
        auth_token=token,
        status=NOT_STARTED,
        model_version=MODEL,
        results=Results(attempts=[]),
        expected_client_ip_address=session.terms.client_address,
    )


def verify_session(session: Session, token: str) -> LivenessWithVerifySession:
    found = session.reference
    references = [
        VerifyReference(
            face_rectangle=_rectangle(one), quality_for_recognition=_quality(one), reference_type=IMAGE_TYPE
        )
        for one in ([] if found is None else [found])
    ]
    return LivenessWithVerifySession(
        session_id=session.session_id,
        auth_token=token,
        status=NOT_STARTED,
        model_version=MODEL,
        results=VerifyResults(verify_references=references, attempts=[]),
        expected_client_ip_address=session.terms.client_address,
    )


def _rectangle(reference: Reference) -> FaceRectangle:
    left, top, width, height = reference.rectangle
    return FaceRectangle(top=top, left=left, width=width, height=height)


def _quality(reference: Reference) -> Quality:
    return cast(Quality, reference.quality)
