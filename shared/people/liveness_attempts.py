"""A liveness session as a client performs it: attempts are started, guided, ended with frames or given up.

Every method takes the session that a token was made for. A refusal changes nothing. The verdict is made here, on the
server, and stands before the client has its answer.
"""

import ipaddress
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.clock import Clock
from shared.engine import PictureError
from shared.engine.liveness import GIVEN_UP, Reason, draw
from shared.errors import (
    AccessDenied,
    AttemptNotOpen,
    BadArgument,
    ClientAddressNotExpected,
    ConcurrentOperationConflict,
    FaceError,
    InvalidDeviceCorrelationId,
    InvalidRequestBody,
)
from shared.people.captures import Capture, Sent, check, digest_of, fault, taken
from shared.people.liveness_judge import Judged, LivenessJudge
from shared.people.liveness_kinds import KINDS, OF_PATH
from shared.people.liveness_progress import CANCELED, FAILED, SUCCEEDED, Progress
from shared.people.liveness_references import Expected, References, VerifyImage
from shared.people.session_tokens import REFUSED, SessionToken
from shared.store.attempts import Attempt, Ending, Request
from shared.store.retries import WriteConflict, persistently
from shared.store.session_images import SessionImages, new_image_id
from shared.store.sessions import Session, Sessions
from shared.store.tables import RowChanged

NONCE_BYTES = 24
JUDGING = timedelta(seconds=30)
"""How long one call may keep others from the attempt that it judges, should it never come to an end."""
MOST_REFUSED = 5
"""Refusals that cost work, such as of pictures that turn out to be damaged: the last one ends the attempt."""
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
        progress = self._found(token, address)
        _check_not_over(progress)
        return progress

    def start(self, token: SessionToken, address: str | None, device: str | None, user: str | None) -> Started:
        """A new attempt, or the one that is open. Raises InvalidDeviceCorrelationId, InvalidRequestBody."""
        try:
            return persistently(lambda: self._start(self.progress(token, address), address, device, user))
        except WriteConflict:
            raise ConcurrentOperationConflict from None

    def end(self, token: SessionToken, sent: Sent, request: Request) -> Ended:
        """Judge frames, or tell again how they were judged. Raises AttemptNotOpen, ConcurrentOperationConflict, what
        `taken` does, InvalidImage for a picture of not one face, and BadArgument where another recogniser read the
        session's than reads now."""
        received = time.perf_counter()
        progress, digest = self._found(token, request.address), digest_of(sent)
        if known := _known(progress, sent.nonce, lambda ending: ending.digest == digest):
            return known
        attempt = _open(progress, sent.nonce)
        check(sent)
        with self._judging(progress, attempt) as session:
            expected = self._expected(session, sent.verify_image)
            capture = taken(self._judge.engine, sent)
            wrong = fault(sent, capture, digest, progress.now - attempt.started)
            judged = self._judged(progress, attempt, capture, expected, wrong)
        ending = Ending(
            status=SUCCEEDED if judged.judgement.decision else FAILED,
            at=progress.now,
            reason=judged.judgement.reason,
            judgement=judged.judgement,
            request=request,
            digest=digest,
            image_id=self._image_id(session, judged),
            marks=judged.marks,
            latency=max(round((time.perf_counter() - received) * 1000), 1),
        )
        return self._end(progress, session, replace(attempt, ending=ending), capture.frames[judged.best or 0])

    def give_up(self, token: SessionToken, address: str | None, nonce: str, code: str) -> Ended:
        """Without frames. Raises AttemptNotOpen, ConcurrentOperationConflict, InvalidRequestBody for a reason that is
        none to give up."""
        if code not in GIVEN_UP:
            raise InvalidRequestBody
        progress = self._found(token, address)
        if known := _known(progress, nonce, lambda ending: ending.request is None and ending.reason == code):
            return known
        attempt = _open(progress, nonce)
        ending = Ending(CANCELED if code == Reason.CANCELED else FAILED, progress.now, code)
        return self._end(progress, progress.session, replace(attempt, ending=ending))

    def _found(self, token: SessionToken, address: str | None) -> Progress:
        """Of the session that the token is for, also when it is over."""
        session = self._sessions.find(token.kind, token.session_id)
        if session is None:
            raise AccessDenied(REFUSED)
        expected = session.terms.client_address
        if expected is not None and not _is_in(address, expected):
            raise ClientAddressNotExpected
        return Progress(session, self._clock())

    def _start(self, progress: Progress, address: str | None, device: str | None, user: str | None) -> Started:
        session, attempt = progress.session, progress.open
        _check_correlation(session, device, user)
        attempts = progress.attempts
        if attempt is None:
            challenge = tuple(draw()) if session.terms.mode == "PassiveActive" else ()
            nonce = secrets.token_urlsafe(NONCE_BYTES)
            attempt = Attempt(len(attempts) + 1, nonce, progress.now, tuple(map(str, challenge)), address)
            attempts = (*attempts, attempt)
            self._sessions.change(session, attempts, None if session.device else device)
        return Started(
            attempt=attempt,
            mode=session.terms.mode,
            seconds=max(int((progress.deadline(attempt) - progress.now).total_seconds()), 0),
            left=session.terms.attempts - len(attempts),
            brings_image=_brings_image(session),
        )

    @contextmanager
    def _judging(self, progress: Progress, attempt: Attempt) -> Iterator[Session]:
        """The session, with the attempt for this call alone. What is refused on the way is counted, and leaves the
        attempt open; what the service lacks is not counted. Raises ConcurrentOperationConflict."""
        try:
            session = self._write(progress.session, replace(attempt, busy_until=progress.now + JUDGING))
        except RowChanged:
            raise ConcurrentOperationConflict from None
        try:
            yield session
        except Exception as error:
            is_refusal = isinstance(error, PictureError) or (isinstance(error, FaceError) and error.status < 500)
            refused = attempt.refused + is_refusal
            spent = Ending(FAILED, progress.now, Reason.CLIENT_FAILED.value) if refused >= MOST_REFUSED else None
            with suppress(RowChanged):  # the session is gone: nothing is left to be counted
                self._write(session, replace(attempt, refused=refused, ending=spent))
            raise

    def _write(self, session: Session, attempt: Attempt) -> Session:
        """With its latest attempt as it is now. Raises RowChanged."""
        return self._sessions.change(session, (*session.attempts[:-1], attempt))

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
            return self._judge.unjudged(capture, wrong)
        threshold = progress.session.terms.verify_threshold
        return self._judge.judge(capture, attempt.challenge, expected, threshold, progress.marks)

    def _image_id(self, session: Session, judged: Judged) -> str | None:
        """Where the session asked for a picture, and a verdict rests on one."""
        if not session.terms.keep_image or judged.judgement.decision is None:
            return None
        return new_image_id(session.session_id, KINDS.index(OF_PATH[session.kind]))

    def _end(self, progress: Progress, session: Session, ended: Attempt, image: bytes = b"") -> Ended:
        if ended.ending and ended.ending.image_id:
            self._images.put(session.session_id, ended.ending.image_id, image)
        try:
            session = self._write(session, ended)
        except RowChanged:
            session = self._settled(session, ended)
        return _told(Progress(session, progress.now), ended)

    def _settled(self, session: Session, ended: Attempt) -> Session:
        """The session has changed or is gone meanwhile, or this very ending was written and its answer lost."""
        found = self._sessions.find(session.kind, session.session_id)
        if found and ended in found.attempts:
            return found
        if ended.ending and ended.ending.image_id:
            self._images.delete(session.session_id, ended.ending.image_id)
        raise ConcurrentOperationConflict if found else AccessDenied(REFUSED)


def _known(progress: Progress, nonce: str, is_same: Callable[[Ending], bool]) -> Ended | None:
    """What is told of an attempt that the same call has ended before: its answer may have been lost."""
    for attempt in progress.attempts:
        if attempt.ending and _is_named(attempt, nonce) and is_same(attempt.ending):
            return _told(progress, attempt)
    return None


def _told(progress: Progress, ended: Attempt) -> Ended:
    return Ended(ended, progress.left, progress.session.terms.send_results_to_client)


def _check_not_over(progress: Progress) -> None:
    if progress.is_over:
        raise AccessDenied(REFUSED)


def _open(progress: Progress, nonce: str) -> Attempt:
    """The attempt that goes on, if it has that nonce and nobody judges it."""
    _check_not_over(progress)
    attempt = progress.open
    if attempt is None or not _is_named(attempt, nonce):
        raise AttemptNotOpen
    if progress.is_busy(attempt):
        raise ConcurrentOperationConflict
    return attempt


def _is_named(attempt: Attempt, nonce: str) -> bool:
    return secrets.compare_digest(attempt.nonce.encode(), nonce.encode())


def _brings_image(session: Session) -> bool:
    return OF_PATH[session.kind].verifies and session.reference is None


def _check_correlation(session: Session, device: str | None, user: str | None) -> None:
    """Ids are set by who makes the session or, where it is left to it, by the client: the device's at its first
    attempt, the user's, which is not kept, each time."""
    terms = session.terms
    if terms.device_correlation_id_set_in_client:
        if not device and not session.device:
            raise InvalidDeviceCorrelationId
    elif device:
        raise InvalidDeviceCorrelationId
    if bool(user) != terms.user_correlation_id_set_in_client:
        what = "is not the client's to set" if user else "is missing"
        raise InvalidRequestBody(f"{InvalidRequestBody.message} userCorrelationId {what}.")


def _is_in(address: str | None, network: str) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
