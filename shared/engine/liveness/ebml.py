"""Whether a WebM file is there to its end. FFmpeg takes one that is cut off for one that is shorter.

A file is a row of elements: an id, a size, a content (RFC 8794). Recorders that stream do not know the sizes of the
whole and of its clusters, and leave them open; all others are told."""

MOST_ELEMENTS = 10_000  # 15 seconds with sound at 60 frames a second have about 2,000
_OPENED = frozenset({0x18538067, 0x1F43B675})  # Segment, Cluster: looked into, since their sizes may be open


def is_whole(data: bytes) -> bool:
    """Whether every element ends inside the data. Of elements that are more than a recorder writes, it does not."""
    at = 0
    for _ in range(MOST_ELEMENTS):
        if at >= len(data):
            break
        start, name = _number(data, at, keep_marker=True)
        start, size = _number(data, start, keep_marker=False)
        is_open = size == -1
        if name < 0 or (is_open and name not in _OPENED) or (not is_open and start + size > len(data)):
            return False
        at = start if name in _OPENED else start + size
    return at == len(data)


def _number(data: bytes, at: int, keep_marker: bool) -> tuple[int, int]:
    """Where a number of variable length ends, and the number: -1 where it is left open (all bits set), or no number."""
    if at >= len(data) or not data[at]:
        return len(data) + 1, -1
    length = 9 - data[at].bit_length()
    raw = int.from_bytes(data[at : at + length])
    if at + length > len(data):
        return len(data) + 1, -1
    bits = raw & ((1 << 7 * length) - 1)
    if bits == (1 << 7 * length) - 1:
        return at + length, -1
    return at + length, raw if keep_marker else bits
