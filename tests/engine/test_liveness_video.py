"""Videos as browsers record them, cut off ones, and a service that cannot decode any."""

import io
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import av
import pytest
from PIL import Image

from shared.engine import PictureError, PictureTooLarge, UnsupportedPicture
from shared.engine.liveness import VideoUnsupported, can_decode, stills, video
from shared.engine.liveness.ebml import MOST_ELEMENTS, is_whole
from tests import captures

KINDS = [("webm", "libvpx", "video.webm"), ("webm", "libvpx-vp9", "video.webm"), ("mp4", "h264", "video.mp4")]


@cache
def recorded(form: str, codec: str, frames: int = 20, rate: int = 10) -> bytes:
    """Of a person before a camera."""
    return encoded(form, codec, rate, shown(frames))


def encoded(form: str, codec: str, rate: int, images: Iterable[Image.Image]) -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = captures.SIZE[0], captures.SIZE[1], "yuv420p"
        for image in images:
            container.mux(stream.encode(picture_of(image)))
        container.mux(stream.encode())
    return data.getvalue()


def picture_of(image: Image.Image) -> Any:
    make: Any = av.VideoFrame.from_image
    return make(image)


def shown(count: int) -> Iterator[Image.Image]:
    frames = captures.frames("deepface/images/img33.jpg")
    for at in range(count):
        yield Image.open(io.BytesIO(frames[at % len(frames)]))


@pytest.mark.parametrize(("form", "codec", "name"), KINDS)
def test_stills_come_evenly_from_the_whole_video(form: str, codec: str, name: str) -> None:
    file, found = stills(recorded(form, codec), 8)
    assert (file, len(found)) == (name, 8)
    assert (found[0].milliseconds, found[-1].milliseconds) == (0, 1900)
    assert [one.milliseconds for one in found] == sorted({one.milliseconds for one in found})
    assert all(Image.open(io.BytesIO(one.data)).size == captures.SIZE for one in found)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(("form", "codec"), [(form, codec) for form, codec, _ in KINDS])
def test_video_that_ends_early_is_refused(form: str, codec: str, share: float) -> None:
    whole = recorded(form, codec)
    with pytest.raises(UnsupportedPicture):
        stills(whole[: int(len(whole) * share)], 8)


def test_video_that_is_too_long_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PictureTooLarge):
        stills(recorded("webm", "libvpx", 20, 1), 8)  # 20 seconds
    monkeypatch.setattr(video, "MOST_FRAMES", 15)
    with pytest.raises(PictureTooLarge):
        stills(recorded("webm", "libvpx"), 8)
    monkeypatch.undo()
    monkeypatch.setattr(video, "MOST_SIDE", 600)
    with pytest.raises(PictureTooLarge):
        stills(recorded("webm", "libvpx"), 8)


EMPTY = bytes(100)


@pytest.mark.parametrize("data", [b"", b"RIFF" + EMPTY, b"\x1a\x45\xdf\xa3" + EMPTY, bytes(4) + b"ftyp" + EMPTY])
def test_what_is_no_video_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        stills(data, 8)


@pytest.mark.parametrize(("form", "codec"), [("webm", "libvpx"), ("mp4", "h264")])
def test_damaged_video_is_shown_or_refused_and_never_a_defect(form: str, codec: str) -> None:
    """In its head above all, where a file says what it is."""
    whole, draw = recorded(form, codec, 8), random.Random(4)  # noqa: S311
    shown_or_not = [_is_shown(damaged(whole, draw)) for _ in range(40)]
    assert 0 < sum(shown_or_not) < 40


def damaged(whole: bytes, draw: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(draw.choice((1, 2, 5, 30))):
        data[draw.randrange(len(data) if draw.random() < 0.3 else 600)] = draw.randrange(256)
    return bytes(data)


def _is_shown(data: bytes) -> bool:
    try:
        return bool(stills(data, 2)[1])
    except PictureError:
        return False


def test_texts_in_a_video_are_nobodys_business() -> None:
    written = b"Lavf"  # the name of the muxer
    whole = recorded("webm", "libvpx", 8)
    assert written in whole
    assert len(stills(whole.replace(written, b"\xff\xfe\xff\xfe"), 8)[1]) == 8


def test_stream_that_nothing_here_decodes_is_refused() -> None:
    whole = recorded("webm", "libvpx", 8)
    assert b"V_VP8" in whole
    with pytest.raises(UnsupportedPicture, match="codec"):
        stills(whole.replace(b"V_VP8", b"V_XXX"), 8)


def test_frame_that_is_larger_than_its_video_says_is_never_decoded() -> None:
    """One of 1.3 megapixels is seen to be too wide once it is decoded; one of 4 the decoder itself refuses."""
    with pytest.raises(PictureTooLarge):
        stills(growing((2048, 640)), 8)
    with pytest.raises(UnsupportedPicture, match="decode"):
        stills(growing((2048, 2048)), 8)


def growing(size: tuple[int, int]) -> bytes:
    """A VP9 video whose last frame has another size than its head says."""
    packets = [*packed(captures.SIZE, 8), *packed(size, 1)]
    data = io.BytesIO()
    with av.open(data, "w", format="webm") as container:
        stream: Any = container.add_stream("libvpx-vp9", rate=10)
        stream.width, stream.height, stream.pix_fmt = *captures.SIZE, "yuv420p"
        container.start_encoding()
        for at, content in enumerate(packets):
            packet: Any = av.Packet(content)
            packet.stream, packet.pts, packet.dts = stream, at * 100, at * 100
            packet.time_base = Fraction(1, 1000)
            container.mux(packet)
    return data.getvalue()


def packed(size: tuple[int, int], count: int) -> list[bytes]:
    coder: Any = av.CodecContext.create("libvpx-vp9", "w")
    coder.width, coder.height, coder.pix_fmt, coder.time_base = *size, "yuv420p", Fraction(1, 10)
    coder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    grey = Image.new("RGB", size, "grey")
    packets = [packet for _ in range(count) for packet in coder.encode(picture_of(grey))] + coder.encode()
    return [bytes(packet) for packet in packets]


def test_codec_that_no_browser_records_with_is_refused() -> None:
    with pytest.raises(UnsupportedPicture, match="codec"):
        stills(recorded("matroska", "mpeg4"), 8)


def test_service_without_a_decoder_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recorded("webm", "libvpx")
    assert can_decode()
    monkeypatch.setattr(video, "find_spec", lambda _: None)
    assert not can_decode()
    with pytest.raises(VideoUnsupported):
        stills(whole, 8)


def test_decoder_is_not_imported_before_a_video_comes() -> None:
    code = "import sys, shared.services; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_open_sizes_are_looked_into() -> None:
    segment, cluster, block = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75", b"\xa3\x82ab"
    recorder = segment + b"\xff" + cluster + b"\x01" + b"\xff" * 7 + block
    assert is_whole(recorder)
    assert is_whole(recorder + block)
    assert not is_whole(recorder[:-1])
    assert not is_whole(b"\xa3\xff")  # only the two masters may be open
    assert not is_whole(b"\x00")


def test_more_elements_than_a_recorder_writes_are_not_counted_to_their_end() -> None:
    empty = b"\xec\x80"
    assert is_whole(empty * (MOST_ELEMENTS - 1))
    assert not is_whole(empty * (MOST_ELEMENTS + 1))
