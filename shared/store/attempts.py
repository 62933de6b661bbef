"""Attempts at a liveness session, as the session's row keeps them: JSON, sealed. Never a frame, only marks of it."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

Rectangle = tuple[int, int, int, int]
"""Left, top, width, height in pixels of the upright frame."""


@dataclass(frozen=True, slots=True)
class Request:
    """The call that ended an attempt, as its owner is told about it. `address`: the client's."""

    request_id: str
    client_request_id: str
    url: str
    method: str
    content_length: int
    content_type: str
    user_agent: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """The face that was judged: in which file, and milliseconds into the capture."""

    rectangle: Rectangle
    file: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """With the picture of whom to expect: that face's rectangle and quality, and how alike the two are."""

    rectangle: Rectangle
    quality: str
    confidence: float
    is_identical: bool
    image_hash: str | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """How frames were judged: a decision, or the reason (a code) why there is none."""

    decision: str | None
    reason: str | None
    target: Target | None
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """`status`: Succeeded, Failed or Canceled. `judgement` and what follows it: where frames came. `latency`:
    milliseconds from receiving them to the verdict. `marks`: by which its frames are known again."""

    status: str
    at: datetime
    reason: str | None = None
    judgement: Judgement | None = None
    request: Request | None = None
    digest: str = ""
    latency: int = 0
    image_id: str | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """`number`: from 1. `address`: of the client that started it. `busy_until`: as long as one call judges it, no
    other may; a call that dies lets go of it then. `refused`: how often what was sent to be judged could not be."""

    number: int
    nonce: str
    started: datetime
    challenge: tuple[str, ...]
    address: str | None = None
    ending: Ending | None = None
    busy_until: datetime | None = None
    refused: int = 0


_DECODER = msgspec.json.Decoder(tuple[Attempt, ...])


def to_bytes(attempts: tuple[Attempt, ...]) -> bytes:
    return msgspec.json.encode(attempts)


def from_bytes(data: bytes) -> tuple[Attempt, ...]:
    """Raises ValueError."""
    return _DECODER.decode(data)
