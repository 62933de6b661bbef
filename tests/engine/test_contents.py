"""Readers see only what makes pixels, and a flood of anything else ends the walk early."""

import random
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from shared.engine import UnsupportedPicture, decode, jpeg, png
from shared.engine.contents import MAX_PARTS
from tests import faces
from tests.engine import samples

ICC = b"ICC_PROFILE\0\1\1"


def _segment(code: int, body: bytes = b"") -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def _chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _jpeg_with(inserted: bytes) -> bytes:
    good = samples.encoded(samples.portrait(), "JPEG")
    return good[:2] + inserted + good[2:]


def _png_with(inserted: bytes) -> bytes:
    good = samples.encoded(samples.portrait(), "PNG")
    return good[:33] + inserted + good[33:]  # behind the signature and IHDR


def _same_pixels(one: bytes, other: bytes) -> bool:
    return np.array_equal(np.asarray(Image.open(BytesIO(one))), np.asarray(Image.open(BytesIO(other))))


@pytest.mark.parametrize("source", ["azure", "crowd", "deepface", "exif", "face_recognition"])
def test_a_photo_without_its_metadata_has_the_same_pixels(source: str) -> None:
    seen = 0
    for path in faces.pictures(source):
        data = path.read_bytes()
        walk = {b"\xff\xd8": jpeg.contents, b"\x89P": png.contents}.get(data[:2])
        if walk:
            contents = walk(data)
            assert _same_pixels(contents.data, data), path
            assert len(contents.data) <= len(data)
            seen += 1
    assert seen


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"mode": "CMYK"}, {"mode": "L"}, {"rows": 1}])
def test_no_kind_of_jpeg_loses_a_pixel(options: dict[str, object]) -> None:
    options = dict(options)
    image = samples.portrait().convert(str(options.pop("mode", "RGB")))
    restarts = {"restart_marker_rows": 1} if options.pop("rows", 0) else {}
    data = samples.encoded(image, "JPEG", **options, **restarts)
    assert _same_pixels(jpeg.contents(data).data, data)


@pytest.mark.parametrize(
    "flood",
    [
        _segment(0xE5),
        _segment(0xFE),
        _segment(0xE1, b"Exif\0\0" + bytes(40)),
        _segment(0xE2, ICC),
        _segment(0xDB, b"\0" + b"\1" * 64),
        _segment(0xC4),
        _segment(0xDA, b"\1\1\0\0\x3f\0"),
    ],
    ids=["application", "comment", "exif", "profile", "quantisation", "huffman", "scan"],
)
def test_a_jpeg_of_very_many_segments_is_refused(flood: bytes) -> None:
    with pytest.raises(UnsupportedPicture, match="segments"):
        decode(_jpeg_with(flood * (MAX_PARTS + 1)))


def test_a_jpeg_of_very_large_tables_is_refused() -> None:
    with pytest.raises(UnsupportedPicture, match="segments"):
        decode(_jpeg_with(_segment(0xDB, (b"\0" + b"\1" * 64) * 1000) * 5))


@pytest.mark.parametrize(
    "flood",
    [
        _chunk(b"prVt"),
        _chunk(b"tEXt", b"a\0b"),
        _chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(9000))),
        _chunk(b"PLTE"),
    ],
    ids=["private", "text", "profile", "palette"],
)
def test_a_png_of_very_many_chunks_is_refused(flood: bytes) -> None:
    with pytest.raises(UnsupportedPicture, match="chunks"):
        decode(_png_with(flood * (MAX_PARTS + 1)))


def test_a_png_of_very_many_empty_pieces_of_image_data_is_refused() -> None:
    with pytest.raises(UnsupportedPicture, match="chunks"):
        decode(_png_with(_chunk(b"IDAT") * 20_001))


def test_a_png_in_many_pieces_is_whole() -> None:
    good = samples.encoded(samples.portrait(), "PNG")
    assert decode(_png_with(_chunk(b"IDAT") * (2 * MAX_PARTS))).width == decode(good).width


@pytest.mark.parametrize("junk", [b"\xff", b"\xff\0", b"\xff\xd0", b"\xff\x01", b"\0"])
def test_filling_between_segments_never_reaches_a_reader(junk: bytes) -> None:
    plain = samples.encoded(samples.portrait(), "JPEG")
    assert jpeg.contents(_jpeg_with(junk * 100_000)).data == plain


def test_metadata_never_reaches_a_reader() -> None:
    plain = samples.encoded(samples.portrait(), "JPEG")
    told = _segment(0xE1, b"Exif\0\0MM") + _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0x") + _segment(0xED, b"8BIM")
    contents = jpeg.contents(_jpeg_with(told + _segment(0xFE, b"words") + _segment(0xE0, b"JFXX\0\x10" + plain[:5000])))
    assert (contents.data, contents.exif) == (plain, b"MM")
    plain = samples.encoded(samples.portrait(), "PNG")
    told = _chunk(b"eXIf", b"MM") + _chunk(b"iCCP", b"a\0\0" + zlib.compress(b"words")) + _chunk(b"tEXt", b"a\0b")
    contents = png.contents(_png_with(told))
    assert (contents.data, contents.exif) == (plain, b"MM")


def test_only_the_first_exif_block_counts() -> None:
    one, other = _segment(0xE1, b"Exif\0\0II"), _segment(0xE1, b"Exif\0\0MM")
    assert jpeg.contents(_jpeg_with(one + other)).exif == b"II"
    assert png.contents(_png_with(_chunk(b"eXIf", b"II") + _chunk(b"eXIf", b"MM"))).exif == b"II"


def test_what_follows_the_end_of_the_picture_is_nobodys_business() -> None:
    """Phones append a video or a second picture; its bytes look like anything."""
    trailer = random.Random(4).randbytes(2_000_000)  # noqa: S311
    for kind, walk in (("JPEG", jpeg.contents), ("PNG", png.contents)):
        plain = samples.encoded(samples.portrait(), kind)
        assert walk(plain + trailer) == walk(plain)
    assert trailer.count(b"\xff\xda") > 20


def test_scans_are_those_of_the_picture_and_not_of_its_thumbnail() -> None:
    small = samples.encoded(samples.portrait().resize((64, 48)), "JPEG", progressive=True)
    assert jpeg.contents(small).scans == small.count(b"\xff\xda") > 1
    assert jpeg.contents(_jpeg_with(_segment(0xE1, b"Exif\0\0" + small))).scans == 1


def test_a_jpeg_may_end_early_anywhere_and_only_a_picture_error_comes_of_it() -> None:
    good = samples.encoded(samples.portrait().resize((64, 48)), "JPEG", exif=b"Exif\0\0MM")
    for length in range(3, len(good) - 20):
        with pytest.raises(UnsupportedPicture):
            decode(good[:length]).layer(0.0)


@pytest.mark.parametrize("code", [0xC3, 0xC9, 0xCC, 0xDE, 0xF0])
def test_jpegs_that_browsers_do_not_show_are_refused(code: int) -> None:
    """Lossless, arithmetic and hierarchical ones decode differently, or not at all, and nobody sends them."""
    with pytest.raises(UnsupportedPicture, match="baseline"):
        decode(_jpeg_with(_segment(code, bytes(8))))
