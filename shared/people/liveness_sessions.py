"""Liveness sessions as their owner handles them: made, asked about, listed, audited, deleted."""

from collections.abc import Callable, Sequence
from functools import partial

from shared.clock import Clock
from shared.errors import BadArgument, SessionImageNotFound, SessionNotFound
from shared.people.liveness_kinds import KINDS, LivenessKind
from shared.people.liveness_progress import Progress
from shared.people.liveness_references import References, VerifyImage
from shared.people.names import GUID
from shared.people.records import SESSIONS
from shared.people.session_tokens import SessionTokens
from shared.store.attempts import Attempt
from shared.store.cipher import SealBroken
from shared.store.session_images import SessionImages, session_of
from shared.store.sessions import LIFE, Session, Sessions, Terms
from shared.store.subjects import Subjects

BAD_START = (
    "Start parameter is invalid. Please specify the 'Id' field of the last entry to continue the listing process."
)
BAD_TOP = "Top parameter is invalid. Valid range is between 1 and 1000 inclusive."


class LivenessSessions:
    """A session is one of its kind: no other kind's operations find it. Every method may raise StoreUnavailable."""

    def __init__(
        self,
        sessions: Sessions,
        images: SessionImages,
        tokens: SessionTokens,
        references: References,
        subjects: Subjects,
        clock: Clock,
    ) -> None:
        self._subjects = subjects
        self._sessions = sessions
        self._images = images
        self._tokens = tokens
        self._references = references
        self._clock = clock

    def create(self, kind: LivenessKind, terms: Terms, image: VerifyImage | None = None) -> Progress:
        """Raises InvalidImage where the picture does not hold exactly one face. The picture is not kept."""
        announce = self._announcing(kind, terms.subject)
        if image is None:
            return self._progress(self._sessions.create(kind.path, terms, announce=announce))
        found = self._references.expected(image)
        return self._progress(self._sessions.create(kind.path, terms, found.reference, found.template, announce))

    def get(self, kind: LivenessKind, session_id: str) -> Progress:
        """Raises SessionNotFound."""
        key = session_id.lower()
        found = self._sessions.find(kind.path, key) if GUID.fullmatch(key) else None
        if found is None:
            raise SessionNotFound
        return self._progress(found)

    def page(self, kind: LivenessKind, start: str, top: int) -> list[Progress]:
        """Those after `start`, ascending by id, at most `top`, without references and attempts."""
        if start and not GUID.fullmatch(start.lower()):
            raise BadArgument(BAD_START)
        return [self._progress(one) for one in self._sessions.page(kind.path, start.lower(), top)]

    def delete(self, kind: LivenessKind, session_id: str) -> None:
        """At once and for good, with all that belongs to it, also one that does not open. Raises SessionNotFound."""
        key = session_id.lower()
        if not GUID.fullmatch(key):
            raise SessionNotFound
        found = self._sessions.find(kind.path, key)  # before it is gone: whom it is about
        if not self._sessions.delete(kind.path, key):
            raise SessionNotFound
        if found:
            self._leave(kind.path, key, found.terms.subject)

    def remove(self, kind: str, session_id: str, subject: str | None) -> None:
        """With its pictures; one that is not there is no error."""
        self._sessions.remove(kind, session_id)
        self._leave(kind, session_id, subject)

    def _leave(self, kind: str, session_id: str, subject: str | None) -> None:
        if subject:
            self._subjects.leave(subject, SESSIONS, f"{kind}|{session_id}")

    def audit(self, kind: LivenessKind, session_id: str, start: str, top: int) -> tuple[Session, Sequence[Attempt]]:
        """Of a session what was performed: attempts that ended with frames, after the one with the number `start`, at
        most `top`. Raises BadArgument, SessionNotFound."""
        if start and not start.isdecimal():
            raise BadArgument(BAD_START)
        after, found = int(start or 0), self.get(kind, session_id)
        return found.session, [one for one in found.judged if one.number > after][:top]

    def image(self, image_id: str) -> bytes:
        """A JPEG. Raises SessionImageNotFound, also from the moment on when its session is deleted or expired."""
        named = session_of(image_id)
        if named is None or named[1] >= len(KINDS):
            raise SessionImageNotFound
        session = self._sessions.find(KINDS[named[1]].path, named[0])
        endings = [attempt.ending for attempt in session.attempts] if session else []
        if image_id not in [ending.image_id for ending in endings if ending]:
            raise SessionImageNotFound
        try:
            found = self._images.get(named[0], image_id)
        except SealBroken:
            raise SessionImageNotFound from None
        if found is None:
            raise SessionImageNotFound
        return found

    def token(self, progress: Progress, made_at: str) -> str:
        """What its client has to show, always with the same claims; nothing once it is over. `made_at`: the service's
        URL as the caller knows it."""
        if progress.is_over:
            return ""
        session = progress.session
        return self._tokens.issue(session.kind, session.session_id, made_at, session.created, session.token_expires)

    def _announcing(self, kind: LivenessKind, subject: str | None) -> Callable[[str], None]:
        """What has to be there before a session that is about somebody."""

        def announce(subject: str, key: str) -> None:
            self._subjects.look_again(subject, LIFE)
            self._subjects.enter(subject, SESSIONS, f"{kind.path}|{key}", "")

        return partial(announce, subject) if subject else lambda _: None

    def _progress(self, session: Session) -> Progress:
        return Progress(session, self._clock())
