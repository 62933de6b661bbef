"""Finding thousands of byte sequences in hundreds of megabytes, however they are spelled."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

SHORTEST = 12  # bytes of a spelling; shorter ones would turn up by chance
_BITS = 24
_CHUNK = 1 << 22


def spellings(secret: bytes) -> set[bytes]:
    """As it is, and as a log, a URL, JSON, a token, or a careless conversion would write it."""
    letters = secret.decode("latin-1")
    escaped = "".join(f"%{byte:02x}" for byte in secret)
    written = {
        secret,
        letters.encode("utf-8"),
        letters.encode("utf-16-le"),
        secret.hex().encode(),
        secret.hex().upper().encode(),
        quote(secret, safe="").encode(),
        escaped.encode(),
        escaped.upper().encode(),
        repr(secret)[2:-1].encode(),
        "".join(f"\\u{byte:04x}" for byte in secret).encode(),
        ", ".join(map(str, secret)).encode(),
        *_in_base64(secret),
    }
    return {spelling for spelling in written if len(spelling) >= SHORTEST}


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """Wherever in a longer text it begins: of the characters those that depend on nothing before or after."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret)
        inner = text[(0, 2, 3)[before] : len(text) // 4 * 4 - 4]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


class Needles:
    """`secrets`: byte sequence -> what it is of."""

    def __init__(self, secrets: dict[bytes, str]) -> None:
        self._told: dict[bytes, str] = {}
        self._by_head: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._marked = np.zeros(1 << _BITS, dtype=bool)
        for secret, told in secrets.items():
            for spelling in spellings(secret):
                self._told[spelling] = told
                self._by_head[spelling[:4]].append(spelling)
        self._marked[_slots(np.frombuffer(b"".join(self._by_head), "<u4"))] = True

    def found(self, hay: bytes) -> set[str]:
        """What the needles are of that are in it."""
        if len(hay) < SHORTEST:
            return set()
        return {told for start in range(0, len(hay), _CHUNK) for told in self._found(hay, start)}

    def _found(self, hay: bytes, start: int) -> Iterator[str]:
        octets = np.frombuffer(hay, np.uint8)[start : start + _CHUNK + 3].astype(np.uint32)
        if len(octets) < 4:
            return
        heads = (octets[:-3] | octets[1:-2] << 8 | octets[2:-1] << 16 | octets[3:] << 24).astype(np.uint32)
        for place in (np.flatnonzero(self._marked[_slots(heads)]) + start).tolist():
            for needle in self._by_head.get(hay[place : place + 4], ()):
                if hay.startswith(needle, place):
                    yield self._told[needle]


def _slots(heads: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Of four bytes as a number: where the table of marks has them."""
    return heads * np.uint32(2_654_435_761) >> np.uint32(32 - _BITS)
