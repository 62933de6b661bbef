"""Guidance for a person who is about to be captured. Stores nothing, counts as nothing, decides nothing."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from shared.clock import Clock
from shared.engine import Engine, HeadPose
from shared.engine.liveness import Hint, hints
from shared.errors import InvalidImage, InvalidImageSize, TooManyRequests
from shared.people.liveness_attempts import LivenessAttempts
from shared.people.session_tokens import SessionToken
from shared.store.attempts import Rectangle

MOST_BYTES = 200 * 1024
MOST_SIDE = 1920
A_SECOND, AT_ONCE = 5.0, 10.0
SESSIONS_REMEMBERED = 10_000


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
        self._pace.check(token.session_id)
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


class Pace:
    """How often one session may ask, in this process: a bucket that fills A_SECOND and holds AT_ONCE."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def check(self, session_id: str) -> None:
        """Raises TooManyRequests."""
        now = self._clock()
        with self._lock:
            left, asked = self._buckets.pop(session_id, (AT_ONCE, now))
            left = min(left + (now - asked).total_seconds() * A_SECOND, AT_ONCE)
            self._buckets[session_id] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > SESSIONS_REMEMBERED:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyRequests
