"""What a client sends of a capture: within its limits, decoded, and bound to its attempt."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.engine import Engine, Picture
from shared.engine.liveness import LEAST_SIDE, Reason, VideoUnsupported, stills
from shared.errors import InvalidImage, InvalidImageSize, InvalidRequestBody, UnsupportedMediaType
from shared.people.liveness_references import VerifyImage

LEAST_FRAMES, MOST_FRAMES = 8, 24
FRAMES = {"Passive": 10, "PassiveActive": 20}
INTERVAL_MILLISECONDS, LEAST_MILLISECONDS = 150, 1000
LEAST_FRAME_SIDE, MOST_FRAME_SIDE = 360, 1920
LEAST_FACE_SIDE, MOST_FACE_SHARE = LEAST_SIDE, 0.5
MOST_FRAME_BYTES = 1024 * 1024
MOST_VIDEO_BYTES = 8 * 1024 * 1024
CLOCKS_APART = timedelta(milliseconds=250)  # a client's clock may go that much faster during an attempt

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Sent:
    """As a client sent it: `frames` with a time for each, or a `video`. `verify_image`: of whom to expect, where it is
    the client that brings it."""

    nonce: str
    digest: str
    frames: tuple[bytes, ...] = ()
    times: tuple[int, ...] = ()
    video: bytes | None = None
    verify_image: VerifyImage | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """Frames to be judged, with their times in milliseconds. `file`: what they came in; a frame's name where that is
    empty."""

    frames: tuple[bytes, ...]
    times: tuple[int, ...]
    pictures: tuple[Picture, ...]
    file: str = ""

    def file_of(self, number: int) -> str:
        return self.file or f"frame-{number:02}.jpg"


def check(sent: Sent) -> None:
    """What can be told of it without decoding anything. Raises InvalidRequestBody, InvalidImage, InvalidImageSize."""
    if bool(sent.frames) == bool(sent.video):
        raise InvalidRequestBody(f"{InvalidRequestBody.message} Send frames, or a video.")
    if sent.video:
        if len(sent.video) > MOST_VIDEO_BYTES:
            raise InvalidImageSize("Video size is too big.")
        return
    if len(sent.times) != len(sent.frames):
        raise InvalidRequestBody(f"{InvalidRequestBody.message} There has to be one time for each frame.")
    for frame in sent.frames:
        if not frame.startswith(_JPEG):
            raise InvalidImage("A frame is not a JPEG picture.")
        if len(frame) > MOST_FRAME_BYTES:
            raise InvalidImageSize
    _check_number(len(sent.frames))


def taken(engine: Engine, sent: Sent) -> Capture:
    """Raises what `check` does, UnsupportedMediaType, PictureError."""
    check(sent)
    return _of_video(engine, sent.video) if sent.video else _decoded(engine, sent.frames, sent.times)


def digest(nonce: str, frames: Sequence[bytes], times: Sequence[int]) -> str:
    """In capitals. Binds frames, their order and their times to the nonce: docs/liveness-protocol.md."""
    chained = hashlib.sha256(nonce.encode())
    for frame, time in zip(frames, times, strict=True):
        chained = hashlib.sha256(chained.digest() + f"{time}|".encode() + frame)
    return chained.hexdigest().upper()


def digest_of(sent: Sent) -> str:
    return digest(sent.nonce, (sent.video,), (0,)) if sent.video else digest(sent.nonce, sent.frames, sent.times)


def fault(sent: Sent, capture: Capture, own: str, elapsed: timedelta) -> Reason | None:
    """What is wrong with the order, the times or the digest. `own`: the digest as it has to be. `elapsed`: since the
    attempt was started."""
    if any(later <= earlier for earlier, later in zip(capture.times, capture.times[1:], strict=False)):
        return Reason.OUT_OF_ORDER
    span = capture.times[-1] - capture.times[0]
    if span < LEAST_MILLISECONDS or timedelta(milliseconds=capture.times[-1]) > elapsed + CLOCKS_APART:
        return Reason.IMPLAUSIBLE_TIME
    return Reason.ALTERED if sent.digest.upper() != own else None


def _of_video(engine: Engine, video: bytes) -> Capture:
    try:
        file, found = stills(video, MOST_FRAMES)
    except VideoUnsupported:
        raise UnsupportedMediaType("Invalid Media Type. This service decodes no videos: send frames.") from None
    _check_number(len(found))
    return _decoded(engine, [one.data for one in found], [one.milliseconds for one in found], file)


def _check_number(frames: int) -> None:
    if not LEAST_FRAMES <= frames <= MOST_FRAMES:
        raise InvalidRequestBody(
            f"{InvalidRequestBody.message} There have to be {LEAST_FRAMES} to {MOST_FRAMES} frames."
        )


def _decoded(engine: Engine, frames: Sequence[bytes], times: Sequence[int], file: str = "") -> Capture:
    pictures = engine.decode(frames)
    for picture in pictures:
        if min(picture.width, picture.height) < LEAST_FRAME_SIDE:
            raise InvalidImageSize("Image size is too small.")
        if max(picture.width, picture.height) > MOST_FRAME_SIDE:
            raise InvalidImageSize
    return Capture(tuple(frames), tuple(times), tuple(pictures), file)
