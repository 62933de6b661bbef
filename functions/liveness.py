"""Liveness sessions as their owner handles them, with and without verify: made, asked about, listed, audited, deleted,
in two generations of routes; and their pictures. What performs one: capture.py."""

import hashlib
from dataclasses import replace
from typing import Any

import azure.functions as func

from shared.people.liveness_kinds import LIVENESS, LIVENESS_WITH_VERIFY, LivenessKind
from shared.people.liveness_progress import Progress
from shared.people.liveness_references import VerifyImage, require_liveness
from shared.wire.answers import NoContent, Octets
from shared.wire.call import Call
from shared.wire.later_liveness import LivenessSession, LivenessWithVerifySession, liveness_session, verify_session
from shared.wire.liveness import (
    AuditEntry,
    SessionCreated,
    SessionItem,
    SessionPage,
    SessionState,
    VerifySessionCreated,
    created,
    entry,
    item,
    state,
    verify_created,
)
from shared.wire.new_session import NewSession, NewVerifySession, NewVerifySessionForm, terms
from shared.wire.operation import operation
from shared.wire.terms import subject

blueprint = func.Blueprint()

PREVIEWS = ("v1.1-preview.1", "v1.2-preview.1")
LATER = ("v1.2", "v1.3-preview.1")
KINDS = {"Liveness": LIVENESS, "LivenessWithVerify": LIVENESS_WITH_VERIFY}


def made(call: Call[None, Any], kind: LivenessKind) -> tuple[Progress, str]:
    """A session as the body asks for it, and its token."""
    require_liveness(call.services.engine)
    asked, sessions = call.body, call.services.liveness_sessions
    agreed = replace(terms(asked, call.version), subject=subject(call.sender.headers))
    if isinstance(asked, NewVerifySessionForm):
        digest = hashlib.sha256(asked.verify_image).hexdigest() if agreed.return_verify_image_hash else None
        with call.services.images.taken(asked.verify_image) as picture:
            progress = sessions.create(kind, agreed, VerifyImage(picture, digest))
    else:
        progress = sessions.create(kind, agreed, None)
    return progress, sessions.token(progress, call.service_url)


@operation(
    blueprint,
    "CreateSingleModalLivenessSession",
    "POST",
    "face/{version}/detectLiveness/singleModal/sessions",
    action="detectliveness/singlemodal/sessions/action",
    versions=PREVIEWS,
    covers=("CreateLivenessSession",),
)
def create_in_previews(call: Call[None, NewSession]) -> SessionCreated:
    """Make a session, with the token that its client has to show."""
    progress, token = made(call, LIVENESS)
    return created(progress.session, token)


@operation(
    blueprint,
    "CreateSingleModalLivenessWithVerifySession",
    "POST",
    "face/{version}/detectLivenessWithVerify/singleModal/sessions",
    action="detectlivenesswithverify/singlemodal/sessions/action",
    versions=PREVIEWS,
    covers=("CreateLivenessWithVerifySession", "CreateLivenessWithVerifySessionWithVerifyImage"),
)
def create_verifying_in_previews(call: Call[None, NewVerifySession | NewVerifySessionForm]) -> VerifySessionCreated:
    """The same with a picture of whom to expect, which the client brings where the call does not."""
    progress, token = made(call, LIVENESS_WITH_VERIFY)
    return verify_created(progress.session, token)


@operation(
    blueprint,
    "CreateLivenessSession",
    "POST",
    "face/{version}/detectLiveness-sessions",
    action="detectliveness/singlemodal/sessions/action",
    versions=LATER,
    covers=("CreateLivenessSession",),
)
def create(call: Call[None, NewSession]) -> LivenessSession:
    """Make a session, with the token that its client has to show."""
    return liveness_session(*made(call, LIVENESS), call.version)


@operation(
    blueprint,
    "CreateLivenessWithVerifySession",
    "POST",
    "face/{version}/detectLivenessWithVerify-sessions",
    action="detectlivenesswithverify/singlemodal/sessions/action",
    versions=LATER,
    covers=("CreateLivenessWithVerifySession",),
)
def create_verifying(call: Call[None, NewVerifySessionForm]) -> LivenessWithVerifySession:
    """The same with a picture of whom to expect."""
    return verify_session(*made(call, LIVENESS_WITH_VERIFY), call.version)


def declare_previews(name: str, kind: LivenessKind) -> None:
    """Get, list and delete in the previews."""
    every, actions = f"face/{{version}}/{kind.path}/singleModal/sessions", f"{kind.path.lower()}/singlemodal/sessions"
    one = f"{every}/{{sessionId}}"

    @operation(
        blueprint,
        f"GetSingleModal{name}Session",
        "GET",
        one,
        action=f"{actions}/read",
        versions=PREVIEWS,
        covers=(f"Get{name}SessionResult",),
    )
    def get(call: Call[None, None]) -> SessionState:
        """Its state, and its result once it was performed."""
        return state(call.services.liveness_sessions.get(kind, call.path["sessionId"]), call.version)

    @operation(
        blueprint,
        f"GetSingleModal{name}Sessions",
        "GET",
        every,
        action=f"{actions}/read",
        versions=PREVIEWS,
        covers=(f"Get{name}Sessions",),
    )
    def page(call: Call[SessionPage, None]) -> list[SessionItem]:
        """Those after `start`, ascending by id, at most `top`."""
        return [item(one) for one in call.services.liveness_sessions.page(kind, call.query.start, call.query.top)]

    @operation(
        blueprint,
        f"DeleteSingleModal{name}Session",
        "DELETE",
        one,
        action=f"{actions}/delete",
        versions=PREVIEWS,
        covers=(f"Delete{name}Session",),
    )
    def delete(call: Call[None, None]) -> None:
        """Delete it with all that belongs to it."""
        call.services.liveness_sessions.delete(kind, call.path["sessionId"])


def declare_audit(name: str, kind: LivenessKind) -> None:
    @operation(
        blueprint,
        f"GetSingleModal{name}SessionAuditEntries",
        "GET",
        f"face/{{version}}/{kind.path}/singleModal/sessions/{{sessionId}}/audit",
        action=f"{kind.path.lower()}/singlemodal/sessions/audit/read",
        versions=PREVIEWS,
        covers=(f"Get{name}SessionAuditEntries",),
    )
    def audit(call: Call[SessionPage, None]) -> list[AuditEntry]:
        """The attempts that were judged, in order; `start` is the number after which to begin."""
        sessions, query = call.services.liveness_sessions, call.query
        session, performed = sessions.audit(kind, call.path["sessionId"], query.start, query.top)
        return [entry(session, one, call.version) for one in performed]


def declare(name: str, kind: LivenessKind) -> None:
    """Get and delete after the previews."""
    one, actions = f"face/{{version}}/{kind.path}-sessions/{{sessionId}}", f"{kind.path.lower()}/singlemodal/sessions"
    shape = verify_session if kind.verifies else liveness_session

    @operation(
        blueprint,
        f"Get{name}Session",
        "GET",
        one,
        action=f"{actions}/read",
        versions=LATER,
        covers=(f"Get{name}SessionResult",),
        answer=LivenessWithVerifySession if kind.verifies else LivenessSession,
    )
    def get(call: Call[None, None]) -> LivenessSession | LivenessWithVerifySession:
        """Its state, and what was attempted."""
        sessions = call.services.liveness_sessions
        found = sessions.get(kind, call.path["sessionId"])
        return shape(found, sessions.token(found, call.service_url), call.version)

    @operation(
        blueprint,
        f"Delete{name}Session",
        "DELETE",
        one,
        action=f"{actions}/delete",
        versions=LATER,
        covers=(f"Delete{name}Session",),
    )
    def delete(call: Call[None, None]) -> NoContent:
        """Delete it with all that belongs to it."""
        call.services.liveness_sessions.delete(kind, call.path["sessionId"])
        return NoContent()


def declare_image(name: str, folder: str, versions: tuple[str, ...]) -> None:
    @operation(
        blueprint,
        name,
        "GET",
        f"face/{{version}}/{folder}/{{sessionImageId}}",
        action="session/sessionimages/read",
        versions=versions,
        covers=("GetSessionImage",),
    )
    def image(call: Call[None, None]) -> Octets:
        """The picture that was kept of a session, which had asked for it."""
        return Octets(call.services.liveness_sessions.image(call.path["sessionImageId"]))


for kind_name, every_kind in KINDS.items():
    declare_previews(kind_name, every_kind)
    declare_audit(kind_name, every_kind)
    declare(kind_name, every_kind)
declare_image("GetSingleModalSessionImage", "session/sessionImages", ("v1.2-preview.1",))
declare_image("GetSessionImage", "sessionImages", LATER)
