"""Liveness sessions in the words of the versions after the previews (detectLiveness-sessions)."""

from typing import cast

from shared.people.liveness_progress import Progress
from shared.store.attempts import Attempt, Ending
from shared.wire.fields import Guid
from shared.wire.liveness import (
    IMAGE_TYPE,
    Decision,
    Quality,
    VerifyImageFace,
    VerifyOutcome,
    error,
    rectangle,
)
from shared.wire.new_session import MODEL
from shared.wire.objects import FaceRectangle, WireObject

NOWHERE = FaceRectangle(top=0, left=0, width=0, height=0)
"""Results and errors have to name a face: what those name that have seen none."""

WITH_CLIENTS = "v1.3-preview.1"
"""The version that tells of clients' addresses and of abuse monitoring."""


class ColorTarget(WireObject):
    face_rectangle: FaceRectangle


class Targets(WireObject):
    color: ColorTarget


class LivenessError(WireObject):
    """Why an attempt could not be judged: docs/liveness-protocol.md has the list."""

    code: str
    message: str
    targets: Targets


class LivenessResult(WireObject):
    """`digest`: of what the client sent, as the server has calculated it."""

    liveness_decision: Decision
    targets: Targets
    digest: str
    session_image_id: str | None = None
    verify_result: VerifyOutcome | None = None
    verify_image_hash: str | None = None


class ClientInformation(WireObject):
    ip: str


class SessionAttempt(WireObject):
    """`result` or `error` once it has ended."""

    attempt_id: int
    attempt_status: str
    result: LivenessResult | None = None
    error: LivenessError | None = None
    client_information: list[ClientInformation] | None = None


class Results(WireObject):
    """The latest attempt first."""

    attempts: list[SessionAttempt]


class LivenessSession(WireObject):
    """`authToken`: empty once the session is over."""

    session_id: Guid
    auth_token: str
    status: str
    model_version: str
    results: Results
    expected_client_ip_address: str | None = None
    is_abuse_monitoring_enabled: bool | None = None


class VerifyReference(VerifyImageFace, kw_only=True):
    reference_type: str


class VerifyResults(WireObject):
    """The latest attempt first."""

    verify_references: list[VerifyReference]
    attempts: list[SessionAttempt]


class LivenessWithVerifySession(WireObject):
    """`authToken`: empty once the session is over."""

    session_id: Guid
    auth_token: str
    status: str
    model_version: str
    results: VerifyResults
    expected_client_ip_address: str | None = None
    is_abuse_monitoring_enabled: bool | None = None


def liveness_session(progress: Progress, token: str, version: str) -> LivenessSession:
    return LivenessSession(
        session_id=progress.session.session_id,
        auth_token=token,
        status=progress.status,
        model_version=MODEL,
        results=Results(attempts=_attempts(progress, version)),
        expected_client_ip_address=progress.session.terms.client_address if version == WITH_CLIENTS else None,
        is_abuse_monitoring_enabled=False if version == WITH_CLIENTS else None,
    )


def verify_session(progress: Progress, token: str, version: str) -> LivenessWithVerifySession:
    found = progress.session.reference
    references = [
        VerifyReference(
            face_rectangle=rectangle(one.rectangle),
            quality_for_recognition=cast(Quality, one.quality),
            reference_type=IMAGE_TYPE,
        )
        for one in ([] if found is None else [found])
    ]
    return LivenessWithVerifySession(
        session_id=progress.session.session_id,
        auth_token=token,
        status=progress.status,
        model_version=MODEL,
        results=VerifyResults(verify_references=references, attempts=_attempts(progress, version)),
        expected_client_ip_address=progress.session.terms.client_address if version == WITH_CLIENTS else None,
        is_abuse_monitoring_enabled=False if version == WITH_CLIENTS else None,
    )


def _attempts(progress: Progress, version: str) -> list[SessionAttempt]:
    return [_attempt(attempt, version) for attempt in reversed(progress.attempts)]


def _attempt(attempt: Attempt, version: str) -> SessionAttempt:
    ending = attempt.ending
    address = ending.request.address if ending and ending.request else attempt.address
    told = version == WITH_CLIENTS and address
    return SessionAttempt(
        attempt_id=attempt.number,
        attempt_status=ending.status if ending else "Running",
        result=_result(ending) if ending and not ending.reason else None,
        error=_error(ending, ending.reason) if ending and ending.reason else None,
        client_information=[ClientInformation(ip=address)] if told and address else None,
    )


def _result(ending: Ending) -> LivenessResult | None:
    judgement = ending.judgement
    if judgement is None or judgement.decision is None:
        return None
    compared = judgement.comparison
    return LivenessResult(
        liveness_decision=cast(Decision, judgement.decision),
        targets=_targets(ending),
        digest=ending.digest,
        session_image_id=ending.image_id,
        verify_result=None if compared is None else VerifyOutcome(compared.confidence, compared.is_identical),
        verify_image_hash=None if compared is None else compared.image_hash,
    )


def _error(ending: Ending, reason: str) -> LivenessError:
    told = error(reason)
    return LivenessError(code=told.code, message=told.message, targets=_targets(ending))


def _targets(ending: Ending) -> Targets:
    target = ending.judgement.target if ending.judgement else None
    return Targets(color=ColorTarget(face_rectangle=rectangle(target.rectangle) if target else NOWHERE))
