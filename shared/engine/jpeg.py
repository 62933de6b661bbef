"""The segments of a JPEG file, walked once (ITU-T T.81, annex B).

Pillow reads every segment in front of the first scan in Python and joins all Exif blocks; libjpeg reads on to the end.
Both get only the segments that say how to decode, up to the first end of image: neither a flood of metadata nor what
phones append to a photo (video, depth, a second picture) costs anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .contents import MAX_PARTS, Contents
from .errors import UnsupportedPicture

# Fails or matches within two bytes, so a search is linear whatever the bytes are. What starts no segment (stuffed
# zeros, restarts, fill, reserved codes) is image data inside a scan, as libjpeg takes it, and skipped elsewhere.
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_END, _SCAN = 0xD9, 0xDA
_HEAD = 4  # bytes of a marker and its segment's length
_KEPT = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, _SCAN, _END}  # Huffman-coded frames, tables, restart interval
_SKIPPED = {*range(0xE0, 0xF0), 0xFE, 0xDC}  # applications' data, comments, a late number of lines
_COLOURS = {_APP0: b"JFIF\0", _APP14: b"Adobe"}  # which colour space the channels are
_EXIF = b"Exif\0\0"
_MAX_HEADERS = 256 * 1024  # bytes of all kept segments; the tables of 64 scans take 70 kB at most


@dataclass(frozen=True, slots=True)
class _Segment:
    """data[start:end], marker and all; the image data of a scan goes on to `scan_end`."""

    code: int
    start: int
    end: int
    scan_end: int


def contents(data: bytes) -> Contents:
    """What decoding needs of a JPEG file; one that ends early ends early still. Raises UnsupportedPicture."""
    view = memoryview(data)
    kept, exif, scans, headers = [view[:2]], b"", 0, 0
    for parts, segment in enumerate(_segments(data), 1):
        body = view[segment.start + _HEAD : segment.end]
        if _is_kept(segment.code, body):
            kept.append(view[segment.start : segment.scan_end])
            headers += len(body)
            scans += segment.code == _SCAN
        elif segment.code == _APP1 and not exif and body[: len(_EXIF)] == _EXIF:
            exif = bytes(body[len(_EXIF) :])
        if parts > MAX_PARTS or headers > _MAX_HEADERS:
            raise UnsupportedPicture("the picture has too many segments outside its image data")
    if not scans:
        raise UnsupportedPicture("the picture's header cannot be read")
    return Contents(b"".join(kept), exif, scans)


def _segments(data: bytes) -> Iterator[_Segment]:
    """Up to the first end of image, or to where the file is cut off: whether it is complete is the decoder's to say."""
    at = 2
    while marker := _MARKER.search(data, at):
        start, code = marker.start(), data[marker.start() + 1]
        if code == _END:
            yield _Segment(code, start, marker.end(), marker.end())
            return
        length = int.from_bytes(data[start + 2 : start + _HEAD])
        end = start + 2 + length
        if length < 2 or end > len(data):
            return
        at = _scan_end(data, end) if code == _SCAN else end
        yield _Segment(code, start, end, at)


def _scan_end(data: bytes, start: int) -> int:
    marker = _MARKER.search(data, start)
    return marker.start() if marker else len(data)


def _is_kept(code: int, body: memoryview) -> bool:
    if code in _SKIPPED:
        colours = _COLOURS.get(code)
        return colours is not None and body[: len(colours)] == colours
    if code in _KEPT:
        return True
    raise UnsupportedPicture("the picture is not a baseline or progressive JPEG")
