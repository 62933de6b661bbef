"""FlatBuffers, read: tables whose fields are found by their numbers in the schema. No generated code.

A table starts with the distance back to its vtable, which holds for each field the distance from the table's start, 0
where the field is absent. Texts, vectors and other tables are behind distances forward, from where the distance stands
(https://flatbuffers.dev/internals/).
"""

import struct
from dataclasses import dataclass

from infra.convert.errors import Malformed

_VTABLE_HEAD = 4  # bytes: its own size and the table's


@dataclass(frozen=True, slots=True)
class Table:
    """Every accessor raises Malformed where it would read outside the file."""

    file: memoryview
    at: int

    @classmethod
    def root(cls, content: bytes, identifier: bytes) -> "Table":
        if content[4:8] != identifier:
            raise Malformed(f"no {identifier.decode()} file")
        return cls(memoryview(content), _unpack("<I", memoryview(content), 0))

    def scalar(self, field: int, kind: str, default: int = 0) -> int:
        """`kind`: of the struct module."""
        at = self._field(field)
        return _unpack(f"<{kind}", self.file, at) if at else default

    def numbers(self, field: int) -> tuple[int, ...]:
        """A vector of 32-bit integers."""
        content = self.data(field, 4)
        return struct.unpack(f"<{len(content) // 4}i", content)

    def data(self, field: int, width: int = 1) -> memoryview:
        """A vector of elements of so many bytes; empty where there is none."""
        start, count = self._vector(field)
        if count * width > len(self.file) - start:
            raise Malformed("a vector reaches over the end")
        return self.file[start : start + count * width]

    def text(self, field: int) -> str:
        try:
            return str(self.data(field), "utf-8")
        except UnicodeDecodeError:
            raise Malformed("a text that is not UTF-8") from None

    def table(self, field: int) -> "Table | None":
        at = self._field(field)
        return Table(self.file, at + _unpack("<I", self.file, at)) if at else None

    def tables(self, field: int) -> list["Table"]:
        start, count = self._vector(field)
        if count * 4 > len(self.file) - start:
            raise Malformed("a vector reaches over the end")
        places = range(start, start + 4 * count, 4)
        return [Table(self.file, place + _unpack("<I", self.file, place)) for place in places]

    def _field(self, field: int) -> int:
        """Where it stands; 0 where it is absent."""
        vtable = self.at - _unpack("<i", self.file, self.at)
        place = _VTABLE_HEAD + 2 * field
        if place + 2 > _unpack("<H", self.file, vtable):
            return 0
        distance = _unpack("<H", self.file, vtable + place)
        return self.at + distance if distance else 0

    def _vector(self, field: int) -> tuple[int, int]:
        """Where its elements start, and how many there are."""
        at = self._field(field)
        if not at:
            return 0, 0
        start = at + _unpack("<I", self.file, at)
        return start + 4, _unpack("<I", self.file, start)


def _unpack(form: str, file: memoryview, at: int) -> int:
    if at < 0 or at + struct.calcsize(form) > len(file):
        raise Malformed("a distance that leads out of the file")
    (value,) = struct.unpack_from(form, file, at)
    return int(value)
