"""The best matches of probes among the faces of a gallery, exact: every face is compared.

A gallery comes as an iterable of segments. Each is scored with one matrix product for all probes and then let go, so a
gallery larger than memory can be streamed. The product is single precision, and what it makes of two templates depends
on the rows around them, and on how a segment is turned; so it only chooses candidates, which `cosines` then scores.
Thus the answer is the same however a gallery is cut into segments, and equal scores, ordered by id, are equal in each
of them.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .segment import Block, Ids, Segment, Turning, among, guids

_NONE: Set[bytes] = frozenset()

# The product of unit vectors of up to 1,000 numbers is nearer to the truth than this.
_ROUNDING = 1e-4
# Candidates that are scored before the next look at how good a candidate must be by now.
_CHUNK = 512


class FaceMatch(NamedTuple):
    """Ids are 16 bytes; the person of a face in a list is zeros."""

    face: bytes
    person: bytes
    cosine: float


class PersonMatch(NamedTuple):
    """The id is 16 bytes."""

    person: bytes
    cosine: float


def cosines(templates: NDArray[np.float32], probe: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of unit rows [n,d] with [d]: [n], each a function of the two templates alone, whichever of them is the probe."""
    products = templates.astype(np.float64) * probe
    total: NDArray[np.float64] = products.sum(axis=1)
    return total


def best_faces(
    parts: Iterable[Segment],
    probes: NDArray[np.float32],
    space: str,
    limit: int,
    minimum: float,
    *,
    hidden_faces: Set[bytes] = _NONE,
    hidden_persons: Set[bytes] = _NONE,
) -> list[list[FaceMatch]]:
    """For each of `probes` [k,d] the best `limit` (1 or more) faces of `space` with a cosine of at least `minimum`.

    Best first, equal ones by id. Hidden faces and all faces of hidden persons are passed over. A face that comes in
    two parts counts once.
    """
    boards = [_Board(limit, minimum) for _ in probes]
    _search(parts, probes, space, boards, _Filter(None, hidden_faces, hidden_persons))
    return [list(map(FaceMatch, guids(b.faces), guids(b.persons), b.scores.tolist())) for b in boards]


def best_persons(
    parts: Iterable[Segment],
    probes: NDArray[np.float32],
    space: str,
    limit: int,
    minimum: float,
    *,
    only: Set[bytes] | None = None,
    hidden_faces: Set[bytes] = _NONE,
    hidden_persons: Set[bytes] = _NONE,
) -> list[list[PersonMatch]]:
    """As `best_faces`, but each person once, with the cosine of the person's best face; of `only` these persons.

    The best face, not the mean of all: a person enrolled from the front, from the side and with a beard should be found
    by any of them, and one poor picture more must not make anybody harder to find.
    """
    boards = [_Board(limit, minimum, by_person=True) for _ in probes]
    _search(parts, probes, space, boards, _Filter(only, hidden_faces, hidden_persons))
    return [list(map(PersonMatch, guids(board.persons), board.scores.tolist())) for board in boards]


@dataclass(frozen=True, slots=True)
class _Filter:
    only: Set[bytes] | None
    hidden_faces: Set[bytes]
    hidden_persons: Set[bytes]

    def allowed(self, block: Block, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Those of `rows` that may be found."""
        if self.only is not None:
            rows = rows[among(block.persons[rows], self.only)]
        if self.hidden_faces:
            rows = rows[~among(block.faces[rows], self.hidden_faces)]
        if self.hidden_persons:
            rows = rows[~among(block.persons[rows], self.hidden_persons)]
        return rows


class _Board:
    """The best of one probe so far: at most `limit`, best first, one per face or one per person."""

    def __init__(self, limit: int, minimum: float, *, by_person: bool = False) -> None:
        self._limit, self._minimum, self._by_person = limit, minimum, by_person
        self.scores = np.zeros(0)
        self.faces: Ids = np.zeros((0, 16), np.uint8)
        self.persons: Ids = np.zeros((0, 16), np.uint8)

    @property
    def cut(self) -> float:
        """Who scores less has no chance any more."""
        return float(self.scores[-1]) if len(self.scores) == self._limit else self._minimum

    def add(self, scores: NDArray[np.float64], faces: Ids, persons: Ids) -> None:
        enough = scores >= self.cut
        scores = np.concatenate([self.scores, scores[enough]])
        faces = np.concatenate([self.faces, faces[enough]])
        persons = np.concatenate([self.persons, persons[enough]])
        # As text, which NumPy sorts in the order of the bytes and faster than V16.
        keys = (persons if self._by_person else faces).view("S16").ravel()
        order = np.lexsort((keys, -scores))
        _, best_of_key = np.unique(keys[order], return_index=True)
        kept = order[np.sort(best_of_key)[: self._limit]]
        self.scores, self.faces, self.persons = scores[kept], faces[kept], persons[kept]


def _search(
    parts: Iterable[Segment], probes: NDArray[np.float32], space: str, boards: list[_Board], wanted: _Filter
) -> None:
    turned: dict[Turning | None, NDArray[np.float32]] = {None: probes}
    for part in parts:
        block = part.block(space)
        if block is None:
            continue
        if block.turning is not None and block.turning not in turned:
            turned[block.turning] = block.turning.turn(probes)
        scores: NDArray[np.float32] = turned[block.turning] @ block.templates.T
        cuts = np.array([board.cut for board in boards], np.float32) - np.float32(_ROUNDING)
        near = scores >= cuts[:, None]
        rows = wanted.allowed(block, np.flatnonzero(near.any(axis=0)))
        for at, board in enumerate(boards):
            _offer(block, rows[near[at, rows]], scores[at], probes[at], board)


def _offer(
    block: Block, rows: NDArray[np.intp], scores: NDArray[np.float32], probe: NDArray[np.float32], board: _Board
) -> None:
    rows = rows[np.argsort(-scores[rows])]
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        if scores[chunk[0]] < board.cut - _ROUNDING:
            return
        board.add(cosines(block.exact(chunk), probe), block.faces[chunk], block.persons[chunk])
