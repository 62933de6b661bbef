"""How far a liveness session is, from its attempts and the time: nothing has to be written when time runs out."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.engine.liveness import Decision, Reason
from shared.store.attempts import Attempt, Ending
from shared.store.sessions import Session

TIME_LIMIT = timedelta(seconds=60)
SUCCEEDED, FAILED, CANCELED = "Succeeded", "Failed", "Canceled"
REAL: Decision = "realface"


class Progress:
    """Of one session as it was read, at one moment."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.attempts = tuple(self._as_of_now(attempt) for attempt in session.attempts)

    @property
    def open(self) -> Attempt | None:
        """The attempt that goes on."""
        return self.attempts[-1] if self.attempts and self.attempts[-1].ending is None else None

    @property
    def judged(self) -> list[Attempt]:
        """Those that ended with frames, in order: what is audited."""
        return [attempt for attempt in self.attempts if attempt.ending and attempt.ending.request]

    @property
    def marks(self) -> list[str]:
        """Of all frames that came, by which they are known again."""
        return [mark for attempt in self.attempts if attempt.ending for mark in attempt.ending.marks]

    @property
    def left(self) -> int:
        """How many attempts may still be started; none once there is a verdict that ends the session."""
        return 0 if self._has_verdict() else max(self.session.terms.attempts - len(self.attempts), 0)

    @property
    def has_expired(self) -> bool:
        """Whether its token has, so that it cannot be performed any more."""
        return self.now >= self.session.token_expires

    @property
    def is_over(self) -> bool:
        return self.has_expired or (self.open is None and not self.left)

    @property
    def status(self) -> str:
        """In the words of the versions after the previews."""
        endings = [attempt.ending for attempt in self.attempts]
        if not endings:
            return "NotStarted"
        if not self.is_over or endings[-1] is None:
            return "Running"
        return endings[-1].status

    def deadline(self, attempt: Attempt) -> datetime:
        return min(attempt.started + TIME_LIMIT, self.session.token_expires)

    def is_busy(self, attempt: Attempt) -> bool:
        """Whether a call is judging it."""
        return attempt.ending is None and attempt.busy_until is not None and self.now < attempt.busy_until

    def _has_verdict(self) -> bool:
        """Whatever it says, unless the session goes on after one that says no real face."""
        endings = [one.ending for one in self.attempts if one.ending and one.ending.status == SUCCEEDED]
        if self.session.terms.goes_on:
            return any(ending.judgement and ending.judgement.decision == REAL for ending in endings)
        return bool(endings)

    def _as_of_now(self, attempt: Attempt) -> Attempt:
        """What is being judged came in time."""
        if attempt.ending is None and self.now >= self.deadline(attempt) and not self.is_busy(attempt):
            return replace(attempt, ending=Ending(FAILED, self.deadline(attempt), Reason.TIMED_OUT.value))
        return attempt
