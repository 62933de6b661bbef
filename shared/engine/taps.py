"""Values from the middle of a model as outputs of it.

An ONNX file is one protobuf message. Messages that follow one another are read as one, their lists joined: a few bytes
behind the file name further outputs of its graph, and no parser is needed to put them there.
"""

from collections.abc import Iterable

# Tags of fields with a length: ModelProto.graph, GraphProto.output, ValueInfoProto.name.
_GRAPH, _OUTPUT, _NAME = 0x3A, 0x62, 0x0A


def tapped(model: bytes, names: Iterable[str]) -> bytes:
    """The model with these inner values as outputs behind its own."""
    return model + b"".join(_field(_GRAPH, _field(_OUTPUT, _field(_NAME, name.encode()))) for name in names)


def _field(tag: int, content: bytes) -> bytes:
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([tag, *length, size]) + content
