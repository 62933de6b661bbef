"""Liveness sessions as their owner handles them: made, asked about, listed, deleted.

No client that performs one is served yet: a session stays as it was made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

from shared.clock import Clock
from shared.engine import Engine, Face, Picture
from shared.errors import BadArgument, SessionImageNotFound, SessionNotFound
from shared.people.enrolment import Enrolment
from shared.people.names import GUID
from shared.people.session_tokens import SessionTokens
from shared.store.sessions import Reference, Session, Sessions, Terms

DETECTION_MODEL, RECOGNITION_MODEL = "detection_03", "recognition_04"
QUALITY = "quality_for_recognition"
BAD_START = (
    "Start parameter is invalid. Please specify the 'Id' field of the last entry to continue the listing process."
)
BAD_TOP = "Top parameter is invalid. Valid range is between 1 and 1000 inclusive."


@dataclass(frozen=True, slots=True)
class LivenessKind:
    """`path`: how routes begin. `verifies`: whether the client's face is compared with a reference too."""

    path: str
    verifies: bool


LIVENESS = LivenessKind("detectLiveness", verifies=False)
LIVENESS_WITH_VERIFY = LivenessKind("detectLivenessWithVerify", verifies=True)


@dataclass(frozen=True, slots=True)
class VerifyImage:
    """The picture that holds the reference, and nothing but it. `digest`: where the session is to tell it."""

    picture: Picture
    digest: str | None = None


class LivenessSessions:
    """A session is one of its kind: no other kind's operations find it. Every method may raise StoreUnavailable."""

    def __init__(
        self, sessions: Sessions, tokens: SessionTokens, enrolment: Enrolment, engine: Engine, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._enrolment = enrolment
        self._engine = engine
        self._clock = clock

    def create(self, kind: LivenessKind, terms: Terms, image: VerifyImage | None = None) -> Session:
        """Raises InvalidImage where the picture does not hold exactly one face. The picture is not kept."""
        if image is None:
            return self._sessions.create(kind.path, terms)
        face = self._enrolment.meant(image.picture, None, DETECTION_MODEL)
        enrolled = self._enrolment.template(image.picture, face, RECOGNITION_MODEL)
        reference = Reference(
            rectangle=face.box.pixels(image.picture.width, image.picture.height),
            quality=self._quality(image.picture, face),
            recognition_model=RECOGNITION_MODEL,
            recogniser=enrolled.recogniser,
            image_hash=image.digest,
        )
        return self._sessions.create(kind.path, terms, reference, enrolled.template)

    def get(self, kind: LivenessKind, session_id: str) -> Session:
        """Raises SessionNotFound."""
        key = session_id.lower()
        found = self._sessions.find(kind.path, key) if GUID.fullmatch(key) else None
        if found is None:
            raise SessionNotFound
        return found

    def page(self, kind: LivenessKind, start: str, top: int) -> list[Session]:
        """Those after `start`, ascending by id, at most `top`, without their references."""
        if start and not GUID.fullmatch(start.lower()):
            raise BadArgument(BAD_START)
        return self._sessions.page(kind.path, start.lower(), top)

    def delete(self, kind: LivenessKind, session_id: str) -> None:
        """At once and for good, with all that belongs to it. Raises SessionNotFound."""
        self._sessions.delete(kind.path, self.get(kind, session_id).session_id)

    def audit(self, kind: LivenessKind, session_id: str, start: str) -> Sequence[NoReturn]:
        """What was performed: nothing. Raises SessionNotFound."""
        if start and not start.isdecimal():
            raise BadArgument(BAD_START)
        self.get(kind, session_id)
        return ()

    def image(self, image_id: str) -> NoReturn:
        """Pictures come with what is performed, so there are none. Raises SessionImageNotFound."""
        del image_id
        raise SessionImageNotFound

    def is_over(self, session: Session) -> bool:
        """Whether its token has expired, so that it cannot be performed any more."""
        return self._clock() >= session.token_expires

    def token(self, session: Session, made_at: str) -> str:
        """What its client has to show, always with the same claims; nothing once it is over. `made_at`: the service's
        URL as the caller knows it."""
        if self.is_over(session):
            return ""
        return self._tokens.issue(session.kind, session.session_id, made_at, session.created, session.token_expires)

    def _quality(self, picture: Picture, face: Face) -> str:
        (measured,) = self._engine.attributes(picture, [face], [QUALITY])
        return cast(str, measured.quality_for_recognition)
