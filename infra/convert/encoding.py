"""Protocol buffers, written. The numbers are those of ONNX's schema, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.

Fields are written in the order of their numbers, as the schema's own writers do.
"""

import struct
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.convert.wanted import Axes
from shared.engine.protobuf import fields

Attribute = int | float | str | tuple[int, ...]

FLOAT, INT64 = 1, 7
ELEMENTS: Mapping[str, int] = {"float32": FLOAT, "uint8": 2, "int8": 3, "int32": 6, "int64": INT64}
"""TensorProto.data_type by NumPy's names."""

_SIZED, _FOUR_BYTES = 2, 5
_INT, _REAL, _TEXT, _INTS = 2, 1, 3, 7  # AttributeProto.type


def varint(value: int) -> bytes:
    """A signed 64-bit integer."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*encoded, value))


def integer(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def sized(number: int, content: bytes | memoryview) -> bytes:
    return varint(number << 3 | _SIZED) + varint(len(content)) + content


def text(number: int, value: str) -> bytes:
    return sized(number, value.encode())


def tensor(name: str, values: NDArray[Any]) -> bytes:
    """A TensorProto."""
    dimensions = b"".join(integer(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    return dimensions + integer(2, ELEMENTS[values.dtype.name]) + text(8, name) + sized(9, raw)


def value_info(name: str, axes: Axes) -> bytes:
    """A ValueInfoProto of float32."""
    shape = b"".join(sized(1, text(2, axis) if isinstance(axis, str) else integer(1, axis)) for axis in axes)
    return text(1, name) + sized(2, sized(1, integer(1, FLOAT) + sized(2, shape)))


def attribute(name: str, value: Attribute) -> bytes:
    """An AttributeProto."""
    if isinstance(value, tuple):
        content, kind = b"".join(integer(8, one) for one in value), _INTS
    elif isinstance(value, str):
        content, kind = text(4, value), _TEXT
    elif isinstance(value, float):
        content, kind = varint(2 << 3 | _FOUR_BYTES) + struct.pack("<f", value), _REAL
    else:
        content, kind = integer(3, value), _INT
    return text(1, name) + content + integer(20, kind)


def node(op: str, inputs: tuple[str, ...], output: str, attributes: Mapping[str, Attribute]) -> bytes:
    """A NodeProto with one output."""
    return (
        b"".join(text(1, name) for name in inputs)
        + text(2, output)
        + text(4, op)
        + b"".join(sized(5, attribute(name, attributes[name])) for name in sorted(attributes))
    )


def rewritten(
    message: memoryview, changes: Mapping[int, Callable[[memoryview], bytes]], left_out: Collection[int] = ()
) -> bytes:
    """The message with some of its fields with a length changed or left out. Raises Broken."""
    written = bytearray()
    for number, wire, value in fields(message):
        if number in left_out:
            continue
        if isinstance(value, int):
            written += integer(number, value)
        elif wire == _SIZED:
            written += sized(number, changes[number](value) if number in changes else value)
        else:
            written += varint(number << 3 | wire) + value
    return bytes(written)
