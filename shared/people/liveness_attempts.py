"""A liveness session as a client performs it: attempts are started, guided, ended with frames or given up.

Every method takes the session that a token was made for. A refusal changes nothing. The verdict is made here, on the
server, and stands before the client has its answer.
"""

import ipaddress
import secrets
import time
from dataclasses import dataclass, replace

from shared.clock import Clock
from shared.engine.liveness import GIVEN_UP, Reason, draw
from shared.errors import (
    AccessDenied,
    AttemptNotOpen,
    BadArgument,
    ClientAddressNotExpected,
    ConcurrentOperationConflict,
    InvalidDeviceCorrelationId,
    InvalidRequestBody,
)
from shared.people.captures import Capture, Sent, digest_of, fault, taken
from shared.people.liveness_judge import Judged, LivenessJudge
from shared.people.liveness_kinds import KINDS, OF_PATH
from shared.people.liveness_progress import CANCELED, FAILED, SUCCEEDED, Progress
from shared.people.liveness_references import Expected, References, VerifyImage
from shared.people.session_tokens import REFUSED, SessionToken
from shared.store.attempts import Attempt, Ending, Judgement, Request
from shared.store.retries import WriteConflict, persistently
from shared.store.session_images import SessionImages, new_image_id
from shared.store.sessions import Session, Sessions
from shared.store.tables import RowChanged

NONCE_BYTES = 24
CHANGED = "The session's picture was read by a recogniser that is there no more. Make another session."


@dataclass(frozen=True, slots=True)
class Started:
    """`seconds`: what is left of its time. `left`: attempts after this one. `brings_image`: the client has to send the
    picture of whom to expect."""

    attempt: Attempt
    mode: str
    seconds: int
    left: int
    brings_image: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """`told`: whether the client may hear the verdict."""

    attempt: Attempt
    left: int
    told: bool


class LivenessAttempts:
    """Every method may raise AccessDenied, ClientAddressNotExpected, StoreUnavailable."""

    def __init__(
        self, sessions: Sessions, images: SessionImages, references: References, judge: LivenessJudge, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._images = images
        self._references = references
        self._judge = judge
        self._clock = clock

    def progress(self, token: SessionToken, address: str | None) -> Progress:
        """Of the session that the token is for, if it may still be performed from there."""
        session = self._sessions.find(token.kind, token.session_id)
        progress = Progress(session, self._clock()) if session else None
        if progress is None or progress.is_over:
            raise AccessDenied(REFUSED)
        expected = progress.session.terms.client_address
        if expected is not None and not _is_in(address, expected):
            raise ClientAddressNotExpected
        return progress

    def start(self, token: SessionToken, address: str | None, device: str | None, user: str | None) -> Started:
        """A new attempt, or the one that is open. Raises InvalidDeviceCorrelationId, InvalidRequestBody."""
        try:
            return persistently(lambda: self._start(self.progress(token, address), address, device, user))
        except WriteConflict:
            raise ConcurrentOperationConflict from None

    def end(self, token: SessionToken, sent: Sent, request: Request) -> Ended:
        """Judge frames. Raises AttemptNotOpen, what `taken` does, InvalidImage for a picture of not one face, and
        BadArgument where another recogniser read the session's than reads now."""
        received = time.perf_counter()
        progress = self.progress(token, request.address)
        attempt = _open(progress, sent.nonce)
        expected = self._expected(progress.session, sent.verify_image)
        capture = taken(self._judge.engine, sent)
        wrong = fault(sent, capture, progress.now - attempt.started)
        judged = self._judged(progress, attempt, capture, expected, wrong)
        ending = Ending(
            status=SUCCEEDED if judged.judgement.decision else FAILED,
            at=progress.now,
            reason=judged.judgement.reason,
            judgement=judged.judgement,
            request=request,
            digest=digest_of(sent),
            image_id=self._image_id(progress.session, judged),
            marks=judged.marks,
            latency=max(round((time.perf_counter() - received) * 1000), 1),
        )
        return self._end(progress, attempt, ending, capture.frames[judged.best or 0])

    def give_up(self, token: SessionToken, address: str | None, nonce: str, code: str) -> Ended:
        """Without frames. Raises AttemptNotOpen, InvalidRequestBody for a reason that is none to give up."""
        if code not in GIVEN_UP:
            raise InvalidRequestBody
        progress = self.progress(token, address)
        status = CANCELED if code == Reason.CANCELED else FAILED
        return self._end(progress, _open(progress, nonce), Ending(status, progress.now, code), b"")

    def _start(self, progress: Progress, address: str | None, device: str | None, user: str | None) -> Started:
        session, attempt = progress.session, progress.open
        if attempt is None:
            _check_correlation(session, device, user)
            challenge = tuple(draw()) if session.terms.mode == "PassiveActive" else ()
            nonce = secrets.token_urlsafe(NONCE_BYTES)
            attempt = Attempt(len(progress.attempts) + 1, nonce, progress.now, tuple(map(str, challenge)), address)
            self._sessions.change(session, (*progress.attempts, attempt), device)
            progress = Progress(replace(session, attempts=(*progress.attempts, attempt)), progress.now)
        return Started(
            attempt=attempt,
            mode=session.terms.mode,
            seconds=int((progress.deadline(attempt) - progress.now).total_seconds()),
            left=session.terms.attempts - len(progress.attempts),
            brings_image=_brings_image(session),
        )

    def _expected(self, session: Session, image: VerifyImage | None) -> Expected | None:
        """Whom to expect: as the session has it, or as the client brings it where the session leaves that to it."""
        if (image is not None) != _brings_image(session):
            what = "is missing" if image is None else "is not the client's to send"
            raise InvalidRequestBody(f"{InvalidRequestBody.message} verifyImage {what}.")
        if image is not None:
            told = image.digest if session.terms.return_verify_image_hash else None
            return self._references.expected(replace(image, digest=told))
        if session.reference is None or session.template is None:
            return None
        if not self._judge.knows(session.reference):
            raise BadArgument(CHANGED)
        return Expected(session.reference, session.template)

    def _judged(
        self, progress: Progress, attempt: Attempt, capture: Capture, expected: Expected | None, wrong: Reason | None
    ) -> Judged:
        if wrong is not None:
            return Judged(Judgement(None, wrong.value, None), (), None)
        earlier = [mark for one in progress.attempts if one.ending for mark in one.ending.marks]
        threshold = progress.session.terms.verify_threshold
        return self._judge.judge(capture, attempt.challenge, expected, threshold, earlier)

    def _image_id(self, session: Session, judged: Judged) -> str | None:
        """Where the session asked for a picture, and a verdict rests on one."""
        if not session.terms.keep_image or judged.judgement.decision is None:
            return None
        return new_image_id(session.session_id, KINDS.index(OF_PATH[session.kind]))

    def _end(self, progress: Progress, attempt: Attempt, ending: Ending, image: bytes) -> Ended:
        session, ended = progress.session, replace(attempt, ending=ending)
        attempts = (*progress.attempts[:-1], ended)
        if ending.image_id:
            self._images.put(session.session_id, ending.image_id, image)
        try:
            self._sessions.change(session, attempts)
        except RowChanged:
            self._settle(session, ended)
        left = Progress(replace(session, attempts=attempts), progress.now).left
        return Ended(ended, left, session.terms.send_results_to_client)

    def _settle(self, session: Session, ended: Attempt) -> None:
        """The session has changed or is gone meanwhile, or this very ending was written and its answer lost."""
        found = self._sessions.find(session.kind, session.session_id)
        if found and ended in found.attempts:
            return
        if ended.ending and ended.ending.image_id:
            self._images.delete(session.session_id, ended.ending.image_id)
        raise ConcurrentOperationConflict if found else AccessDenied(REFUSED)


def _open(progress: Progress, nonce: str) -> Attempt:
    attempt = progress.open
    if attempt is None or not secrets.compare_digest(attempt.nonce.encode(), nonce.encode()):
        raise AttemptNotOpen
    return attempt


def _brings_image(session: Session) -> bool:
    return OF_PATH[session.kind].verifies and session.reference is None


def _check_correlation(session: Session, device: str | None, user: str | None) -> None:
    """Ids are set once: by who makes the session, or by the client at its first attempt."""
    terms = session.terms
    if terms.device_correlation_id_set_in_client:
        if not device and not session.device:
            raise InvalidDeviceCorrelationId
    elif device:
        raise InvalidDeviceCorrelationId
    if user and not terms.user_correlation_id_set_in_client:
        raise InvalidRequestBody


def _is_in(address: str | None, network: str) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
