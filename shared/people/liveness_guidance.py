"""Guidance for a person who is about to be captured. Stores nothing, counts as nothing, decides nothing."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.engine import Engine, HeadPose
from shared.engine.liveness import Hint, hints
from shared.errors import InvalidImage, InvalidImageSize
from shared.pace import Pace, Rate
from shared.people.liveness_attempts import LivenessAttempts
from shared.people.session_tokens import SessionToken
from shared.store.attempts import Rectangle

MOST_BYTES = 200 * 1024
MOST_SIDE = 1920
RATE = Rate(a_second=5, at_once=10)
"""Of each session by itself."""


@dataclass(frozen=True, slots=True)
class Guided:
    """`faces`: how many are seen; rectangle and pose are of the largest."""

    faces: int
    hints: tuple[Hint, ...]
    rectangle: Rectangle | None
    pose: HeadPose | None


class Guidance:
    def __init__(self, attempts: LivenessAttempts, engine: Engine, clock: Clock) -> None:
        self._attempts = attempts
        self._engine = engine
        self._pace = Pace(clock)

    def guide(self, token: SessionToken, address: str | None, frame: bytes) -> Guided:
        """Raises TooManyRequests, InvalidImageSize, InvalidImage, PictureError, and what `progress` does."""
        self._pace.take({token.session_id: RATE})
        if len(frame) > MOST_BYTES:
            raise InvalidImageSize
        if not frame.startswith(b"\xff\xd8\xff"):
            raise InvalidImage("The frame is not a JPEG picture.")
        self._attempts.progress(token, address)
        (picture,) = self._engine.decode([frame])
        if max(picture.width, picture.height) > MOST_SIDE:
            raise InvalidImageSize
        seen = self._engine.glimpse(picture)
        rectangle = seen.face.box.pixels(picture.width, picture.height) if seen.face else None
        return Guided(seen.faces, tuple(hints(seen)), rectangle, seen.pose)
