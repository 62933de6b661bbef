"""A short WebM or MP4 as stills, with PyAV: optional (36 MB, more than everything else here but ONNX Runtime), and
imported only when a video comes. Without it frames are the way, which clients can always send."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import Any

from ..errors import PictureTooLarge, UnsupportedPicture
from .ebml import is_whole

MOST_SECONDS = 15.0
MOST_SIDE = 1920
MOST_FRAMES = 480  # a little more than 15 seconds at 30 a second
_QUALITY = 95
_SIGNATURES = ((0, b"\x1a\x45\xdf\xa3", "matroska", "video.webm"), (4, b"ftyp", "mp4", "video.mp4"))
_CODECS = frozenset({"vp8", "vp9", "av1", "h264"})


class VideoUnsupported(Exception):
    """There is nothing here that decodes videos."""


@dataclass(frozen=True, slots=True)
class Still:
    """`milliseconds` into the video; `data`: a JPEG of our own making."""

    milliseconds: int
    data: bytes


def can_decode() -> bool:
    return find_spec("av") is not None


def stills(data: bytes, count: int) -> tuple[str, list[Still]]:
    """The file's name by its kind, and at most `count` stills evenly from it. Raises PictureError where it is neither,
    does not decode to its end, or is too long or too large; VideoUnsupported."""
    kind = next(((form, name) for at, magic, form, name in _SIGNATURES if data[at:].startswith(magic)), None)
    if kind is None:
        raise UnsupportedPicture("the data is not a WebM or MP4 video")
    if not can_decode():
        raise VideoUnsupported
    import av  # a third of a second, and not part of every installation

    try:
        whole = _frames(av, data, kind[0])
        wanted = {round(at * (whole - 1) / max(count - 1, 1)) for at in range(count)}
        shown = enumerate(_decoded(av, data, kind[0]))
        return kind[1], [Still(time, _jpeg(frame)) for at, (time, frame) in shown if at in wanted]
    except av.error.FFmpegError as error:
        raise UnsupportedPicture("the video does not decode") from error


def _frames(av: Any, data: bytes, form: str) -> int:
    """How many frames there are, by the packets: nothing is decoded."""
    if form == "matroska" and not is_whole(data):
        raise UnsupportedPicture("the video ends early")
    with _opened(av, data, form) as container:
        count: int = sum(1 for packet in islice(container.demux(video=0), MOST_FRAMES + 2) if packet.size)
    if count > MOST_FRAMES:
        raise PictureTooLarge("the video is too long")
    return count


@contextmanager
def _opened(av: Any, data: bytes, form: str) -> Iterator[Any]:
    """The file, of which nothing is decoded yet: a frame larger than the header says is refused by the decoder itself.
    Texts in it (titles, names of tracks) are nobody's business and may be no UTF-8."""
    with av.open(io.BytesIO(data), format=form, metadata_errors="ignore") as container:
        _check(container)
        container.streams.video[0].codec_context.options = {"max_pixels": str(MOST_SIDE**2)}
        yield container


def _check(container: Any) -> None:
    if len(container.streams.video) != 1:
        raise UnsupportedPicture("the file does not hold exactly one video")
    context = container.streams.video[0].codec_context
    if context is None or context.codec.canonical_name not in _CODECS:  # None: there is no decoder for it
        raise UnsupportedPicture("the video's codec is none that browsers record with")
    if max(context.width, context.height) > MOST_SIDE:
        raise PictureTooLarge("the video has too many pixels")


def _decoded(av: Any, data: bytes, form: str) -> Iterator[tuple[int, Any]]:
    """Each frame with its time."""
    with _opened(av, data, form) as container:
        for frame in container.decode(video=0):
            if max(frame.width, frame.height) > MOST_SIDE:  # sizes may change in the middle
                raise PictureTooLarge("the video has too many pixels")
            yield _time(frame), frame


def _time(frame: Any) -> int:
    if frame.time is None or not 0 <= frame.time <= MOST_SECONDS:
        raise PictureTooLarge("the video is too long")
    seconds: float = frame.time
    return round(seconds * 1000)


def _jpeg(frame: Any) -> bytes:
    data = io.BytesIO()
    frame.to_image().save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()
