"""Protocol buffers, read: the fields of a message as they stand in its bytes. No schema, no generated code.

A message is a sequence of fields, each a number, a wire type and a value: a varint, 4 or 8 bytes, or a length and as
many bytes (https://protobuf.dev/programming-guides/encoding/). What a number means is the reader's to know.
"""

import struct
from collections.abc import Iterator

Value = int | memoryview

_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST = 10  # bytes of a varint of 64 bits


class Broken(ValueError):
    """The bytes are no message, or a field is not of the kind that its reader takes."""


def fields(message: memoryview) -> Iterator[tuple[int, int, Value]]:
    """Field numbers, wire types and values in the order of the bytes, nothing copied. Raises Broken."""
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, wire, value
            continue
        if wire == _SIZED:
            size, at = _varint(message, at)
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise Broken(f"a field of wire type {wire}")
        if size > end - at:
            raise Broken("a field reaches over the end")
        yield number, wire, message[at : at + size]
        at += size


class Message:
    """The fields of one message by their numbers. Every accessor raises Broken where a field is of another kind."""

    __slots__ = ("_fields",)

    def __init__(self, content: bytes | memoryview) -> None:
        """Raises Broken."""
        self._fields: dict[int, list[Value]] = {}
        for number, _, value in fields(memoryview(content)):
            self._fields.setdefault(number, []).append(value)

    def has(self, number: int) -> bool:
        return number in self._fields

    def parts(self, number: int) -> list[memoryview]:
        """Of a repeated field with a length: messages, texts or bytes."""
        return [_sized(value) for value in self._fields.get(number, [])]

    def part(self, number: int) -> memoryview:
        """The last one, as protobuf has it; empty where there is none."""
        return next(reversed(self.parts(number)), memoryview(b""))

    def messages(self, number: int) -> list["Message"]:
        return [Message(part) for part in self.parts(number)]

    def message(self, number: int) -> "Message":
        return Message(self.part(number))

    def texts(self, number: int) -> list[str]:
        return [_text(part) for part in self.parts(number)]

    def text(self, number: int) -> str:
        return _text(self.part(number))

    def number(self, number: int, default: int = 0) -> int:
        """A signed 64-bit integer."""
        values = self._fields.get(number)
        if not values:
            return default
        if not isinstance(values[-1], int):
            raise Broken(f"field {number} is no integer")
        return _signed(values[-1])

    def numbers(self, number: int) -> tuple[int, ...]:
        """Signed 64-bit integers, packed or not."""
        found: list[int] = []
        for value in self._fields.get(number, []):
            found += [_signed(value)] if isinstance(value, int) else _packed(value)
        return tuple(found)

    def real(self, number: int, default: float) -> float:
        values = self._fields.get(number)
        if not values:
            return default
        if isinstance(values[-1], int) or len(values[-1]) != 4:
            raise Broken(f"field {number} is no float")
        return float(struct.unpack("<f", values[-1])[0])


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift, byte in enumerate(message[at : at + _LONGEST]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, at + shift + 1
    raise Broken("a number without an end")


def _packed(content: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(content):
        value, at = _varint(content, at)
        found.append(_signed(value))
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _sized(value: Value) -> memoryview:
    if isinstance(value, int):
        raise Broken("a number where a length belongs")
    return value


def _text(content: memoryview) -> str:
    try:
        return str(content, "utf-8")
    except UnicodeDecodeError:
        raise Broken("a text that is not UTF-8") from None
