"""The chunks of a PNG file, walked once (PNG specification, third edition, section 5).

Pillow reads every chunk in Python and unpacks compressed profiles and texts, each up to a megabyte, before any pixel.
It gets only the chunks that make pixels.
"""

from collections.abc import Iterator
from struct import Struct

from .contents import MAX_PARTS, Contents
from .errors import UnsupportedPicture

_SIGNATURE = 8
_HEAD = Struct(">I4s")  # length of the data, type
_CHECKSUM = 4
_PIXELS = b"IDAT"
_KEPT = {b"IHDR", b"PLTE", b"tRNS", _PIXELS, b"IEND"}
_MAX_IMAGE_PARTS = 20_000  # some encoders write a kilobyte at a time


def contents(data: bytes) -> Contents:
    """What decoding needs of a PNG file; one that ends early ends early still. Raises UnsupportedPicture."""
    view = memoryview(data)
    kept, exif = [view[:_SIGNATURE]], b""
    parts = image_parts = 0
    for kind, start, end in _chunks(data):
        if kind in _KEPT:
            kept.append(view[start:end])
        elif kind == b"eXIf" and not exif:
            exif = data[start + _HEAD.size : end - _CHECKSUM]
        if kind == _PIXELS:
            image_parts += 1
        else:
            parts += 1
        if parts > MAX_PARTS or image_parts > _MAX_IMAGE_PARTS:
            raise UnsupportedPicture("the picture has too many chunks")
    return Contents(b"".join(kept), exif)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each chunk; the last may end beyond the data."""
    kind, at = b"", _SIGNATURE
    while kind != b"IEND" and at + _HEAD.size <= len(data):
        start = at
        length, kind = _HEAD.unpack_from(data, start)
        at += _HEAD.size + length + _CHECKSUM
        yield kind, start, at
