"""A segment: some faces of a gallery with their templates, never changed once made.

Templates compare only within a space, and only there have one length: a segment keeps one block of rows per space.
It is stored as two byte strings, so that the ids can be read without the templates. Little-endian, nothing padded:

    index       b"OFSG", u16 version (1), u16 number of blocks
                per block: u32 faces, u16 numbers per template, u16 bytes of the space's name, the name in UTF-8
                16 bytes per face: the ids of all faces, block by block, then in the same order those of their persons
    templates   the f32 numbers of all templates, block by block, row by row
"""

import struct
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint8]
"""[n,16], a GUID's 16 bytes per row."""

NOBODY = bytes(16)
"""The person of a face in a list."""

_HEAD = struct.Struct("<4sHH")
_BLOCK = struct.Struct("<IHH")
_MAGIC, _VERSION = b"OFSG", 1


def guids(ids: Ids) -> list[bytes]:
    """The rows as 16 bytes each."""
    rows: list[bytes] = np.ascontiguousarray(ids).view("V16").ravel().tolist()
    return rows


def among(ids: Ids, wanted: Set[bytes]) -> NDArray[np.bool_]:
    """For each row whether `wanted` has it, [n]."""
    if not wanted:
        return np.zeros(len(ids), bool)
    # 0.1 µs a row, however many are wanted. Sorting 100,000 of them for a search by halves would cost 17 ms first.
    return np.fromiter(map(wanted.__contains__, guids(ids)), bool, len(ids))


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One face. `face` and `person` are 16 bytes; `template` is [d], of unit length, like all of its space.

    `space` is "recognitionModel/recogniser": what two templates must share to be comparable.
    """

    face: bytes
    person: bytes
    space: str
    template: NDArray[np.float32]


class Turning(Protocol):
    """A rotation by which templates are turned while they are kept. Cosines of two that are turned alike are the same,
    but for what single precision makes of them."""

    def turn(self, templates: NDArray[np.float32], /) -> NDArray[np.float32]:
        """[n,d]."""

    def back(self, templates: NDArray[np.float32], /) -> NDArray[np.float32]:
        """[n,d], to the last bit."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The faces of one space, at least one: `faces` and `persons` are [n,16], `templates` is [n,d], turned by `turning`
    where there is one."""

    space: str
    faces: Ids
    persons: Ids
    templates: NDArray[np.float32]
    turning: Turning | None = None

    def __len__(self) -> int:
        return len(self.faces)

    def take(self, rows: NDArray[np.bool_] | slice) -> "Block":
        """The chosen rows, in their order."""
        return Block(self.space, self.faces[rows], self.persons[rows], self.templates[rows], self.turning)

    def exact(self, rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.float32]:
        """Templates of the chosen rows, turned back."""
        chosen: NDArray[np.float32] = self.templates[rows]
        return self.turning.back(chosen) if self.turning else chosen


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """`blocks` are of different spaces, ordered by them. The segment without faces has none."""

    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Segment":
        """Within a space the order is kept. Raises ValueError when templates of one space differ in length."""
        spaces: dict[str, list[Entry]] = {}
        for entry in entries:
            spaces.setdefault(entry.space, []).append(entry)
        return cls(tuple(_block(space, spaces[space]) for space in sorted(spaces)))

    @classmethod
    def concat(cls, segments: Iterable["Segment"]) -> "Segment":
        """The faces of all, in their order. Raises ValueError when templates of one space differ in length."""
        spaces: dict[str, list[Block]] = {}
        for segment in segments:
            for block in segment.blocks:
                spaces.setdefault(block.space, []).append(block)
        return cls(tuple(_joined(space, spaces[space]) for space in sorted(spaces)))

    @classmethod
    def from_bytes(
        cls, index: bytes, templates: bytes | NDArray[np.float32], turning: Turning | None = None
    ) -> "Segment":
        """A view of the bytes or numbers: nothing is copied. Raises ValueError when they are not one segment's."""
        extents, faces, persons = _read(index)
        numbers = templates if isinstance(templates, np.ndarray) else np.frombuffer(templates, np.uint8)
        if numbers.nbytes != 4 * sum(extent.faces * extent.dimension for extent in extents):
            raise ValueError("segment: the templates are not as long as the index says")
        values = numbers.reshape(-1).view("<f4")
        return cls(tuple(_views(extents, faces, persons, values, turning)))

    @staticmethod
    def ids_of(index: bytes) -> tuple[Ids, Ids]:
        """Faces and persons, [n,16] each, in the order of `faces`. Raises ValueError."""
        _, faces, persons = _read(index)
        return faces, persons

    @property
    def faces(self) -> Ids:
        """[n,16], block by block."""
        return np.concatenate([np.zeros((0, 16), np.uint8), *(block.faces for block in self.blocks)])

    @property
    def persons(self) -> Ids:
        """[n,16], in the order of `faces`."""
        return np.concatenate([np.zeros((0, 16), np.uint8), *(block.persons for block in self.blocks)])

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def block(self, space: str) -> Block | None:
        """The faces of `space`, if there are any."""
        return next((block for block in self.blocks if block.space == space), None)

    def without(self, faces: Set[bytes], persons: Set[bytes]) -> "Segment":
        """Without these faces and without every face of these persons; this segment itself when it has none of them."""
        gone = [among(block.faces, faces) | among(block.persons, persons) for block in self.blocks]
        if not any(rows.any() for rows in gone):
            return self
        parts = zip(self.blocks, gone, strict=True)
        return Segment(tuple(block.take(~rows) for block, rows in parts if not rows.all()))

    def cut(self, size: int) -> list["Segment"]:
        """The same faces in segments of at most `size`, each of one space."""
        return [
            Segment((block.take(rows),))
            for block in self.blocks
            for rows in (slice(start, start + size) for start in range(0, len(block), size))
        ]

    def index_bytes(self) -> bytes:
        """The ids and spaces."""
        names = [block.space.encode() for block in self.blocks]
        heads = (
            _BLOCK.pack(*block.templates.shape, len(name)) + name
            for block, name in zip(self.blocks, names, strict=True)
        )
        ids = self.faces.tobytes() + self.persons.tobytes()
        return _HEAD.pack(_MAGIC, _VERSION, len(names)) + b"".join(heads) + ids

    def template_bytes(self) -> bytes:
        """The templates."""
        return b"".join(block.exact().astype("<f4", copy=False).tobytes() for block in self.blocks)


@dataclass(frozen=True, slots=True)
class _Extent:
    space: str
    faces: int
    dimension: int


def _block(space: str, entries: list[Entry]) -> Block:
    faces = np.frombuffer(b"".join(entry.face for entry in entries), np.uint8)
    persons = np.frombuffer(b"".join(entry.person for entry in entries), np.uint8)
    templates = np.stack([entry.template for entry in entries]).astype(np.float32, copy=False)
    return Block(space, faces.reshape(len(entries), 16), persons.reshape(len(entries), 16), templates)


def _joined(space: str, blocks: list[Block]) -> Block:
    return Block(
        space,
        np.concatenate([block.faces for block in blocks]),
        np.concatenate([block.persons for block in blocks]),
        np.concatenate([block.exact() for block in blocks]),
    )


def _views(
    extents: list[_Extent], faces: Ids, persons: Ids, values: NDArray[np.float32], turning: Turning | None
) -> Iterator[Block]:
    row = at = 0
    for extent in extents:
        rows = slice(row, row + extent.faces)
        end = at + extent.faces * extent.dimension
        templates = values[at:end].reshape(extent.faces, extent.dimension)
        yield Block(extent.space, faces[rows], persons[rows], templates, turning)
        row, at = rows.stop, end


def _read(index: bytes) -> tuple[list[_Extent], Ids, Ids]:
    try:
        extents, at = _extents(index)
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError("segment: the index cannot be read") from error
    count = sum(extent.faces for extent in extents)
    if len(index) - at != 32 * count:
        raise ValueError("segment: the index is not as long as it says")
    ids = np.frombuffer(index, np.uint8)[at:].reshape(2, count, 16)
    return extents, ids[0], ids[1]


def _extents(index: bytes) -> tuple[list[_Extent], int]:
    """What the blocks are, and where the ids begin. Raises ValueError, UnicodeDecodeError, struct.error."""
    magic, version, count = _HEAD.unpack_from(index)
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError("segment: not an index of version 1")
    extents, at = [], _HEAD.size
    for _ in range(count):
        faces, dimension, length = _BLOCK.unpack_from(index, at)
        at += _BLOCK.size + length
        extents.append(_Extent(index[at - length : at].decode(), faces, dimension))
    if len({extent.space for extent in extents}) < count or any(not (e.faces and e.dimension) for e in extents):
        raise ValueError("segment: a block is empty or comes twice")
    return extents, at
