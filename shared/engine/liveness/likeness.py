"""Frames that are too much alike: one picture again and again, or those of an earlier attempt."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .look import Glimpse

STILL_BELOW = 0.30  # grey levels of 256, the mean difference of neighbouring frames at 64 x 64
REPLAYED_FROM = 0.8  # share of frames known from before
# What compressing a frame anew, or shrinking it to 70 per cent, changes at most in four of five frames (measured).
_SAME_BITS = 50  # of 256
_SAME = (5, 12)  # thousandths of the frame, tenths of a degree
# A face in a mirror is found a little elsewhere (measured: 10 and 20 at most). A person who tries again is told from it
# by the bits: what the mirror shows of a room is another room (67 of 256 at least, of 8 people).
_SAME_IN_MIRROR = (12, 25)
_EXACT_BYTES = 8
_SIDE = 16


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a frame is known again. `exact`: 8 bytes of its SHA-256. `run`: 32 bytes of how its brightness runs from
    left to right. Both in hex; no picture can be made of either. `place`: the middle of the face's points in
    thousandths of the frame, yaw and pitch in tenths of a degree; without a face none."""

    exact: str
    run: str
    place: tuple[int, ...]

    def text(self) -> str:
        """The whole of it in one word."""
        return "|".join((self.exact, self.run, ",".join(map(str, self.place))))

    def mirrored(self) -> "Mark":
        """Of the same frame seen in a mirror: what rose from left to right falls."""
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(self.run), np.uint8)).reshape(_SIDE, _SIDE)
        turned = 1 - np.roll(bits[:, ::-1], -1, axis=1)
        place = self.place
        if place:
            across, down, yaw, pitch = place
            place = (1000 - across, down, -yaw, pitch)
        return replace(self, run=np.packbits(turned).tobytes().hex(), place=place)

    @classmethod
    def of(cls, text: str) -> "Mark":
        """What `text` gave."""
        exact, run, place = text.split("|")
        return cls(exact, run, tuple(map(int, filter(None, place.split(",")))))


def mark(data: bytes, glimpse: Glimpse) -> Mark:
    """Of a frame's bytes and what is seen in it."""
    cells = glimpse.thumb.reshape(_SIDE, 4, _SIDE, 4).mean(axis=(1, 3))
    rises = np.diff(cells, axis=1, append=cells[:, :1]) > 0
    exact = hashlib.sha256(data).hexdigest()[: 2 * _EXACT_BYTES]
    return Mark(exact, np.packbits(rises).tobytes().hex(), _place(glimpse))


def is_still(glimpses: Sequence[Glimpse]) -> bool:
    """Whether neither camera nor face has moved at all, and not even the light changed: no camera does that."""
    thumbs = np.stack([one.thumb for one in glimpses])
    return float(np.median(np.abs(np.diff(thumbs, axis=0)).mean(axis=(1, 2)))) < STILL_BELOW


def is_replay(marks: Sequence[Mark], earlier: Sequence[Mark]) -> bool:
    """Whether most frames are known, also mirrored, or any to the byte: a camera never delivers the same bytes twice. A
    person who tries again is never again at the same places to within a pixel or two, looking the same way each
    time."""
    if {one.exact for one in marks} & {one.exact for one in earlier}:
        return True
    mirrored = [other.mirrored() for other in earlier]
    return _are_known(marks, earlier, _SAME) or _are_known(marks, mirrored, _SAME_IN_MIRROR)


def _are_known(marks: Sequence[Mark], earlier: Sequence[Mark], apart: tuple[int, int]) -> bool:
    known = sum(any(_is_same(one, other, apart) for other in earlier) for one in marks)
    return known >= REPLAYED_FROM * len(marks)


def _is_same(one: Mark, other: Mark, apart: tuple[int, int]) -> bool:
    if not one.place or not other.place:
        return False
    across, down, yaw, pitch = (abs(here - there) for here, there in zip(one.place, other.place, strict=True))
    near = max(across, down) <= apart[0] and max(yaw, pitch) <= apart[1]
    return near and (int(one.run, 16) ^ int(other.run, 16)).bit_count() <= _SAME_BITS


def _place(glimpse: Glimpse) -> tuple[int, ...]:
    if glimpse.face is None or glimpse.pose is None:
        return ()
    size = (glimpse.picture.width, glimpse.picture.height)
    middle: NDArray[np.float64] = glimpse.face.points.mean(axis=0) / size * 1000
    across, down = middle.round().astype(int).tolist()
    return across, down, round(glimpse.pose.yaw * 10), round(glimpse.pose.pitch * 10)
