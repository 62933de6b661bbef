"""An ONNX file, looked at before ONNX Runtime is given it.

A hash says that a file is the one that somebody pinned, and nothing about what it does. A file may name other files for
its weights, or declare tensors of any size: here it is refused before anything is allocated for it. The numbers are
those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import ModelUnsafe
from .protobuf import Broken, Message

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Of the operators that ONNX Runtime brings; others come in libraries of code."""

_DEEPEST = 4  # graphs in graphs
_OUTSIDE = 1  # TensorProto.data_location

Declared = tuple[int | str | None, ...]  # a size, the name of one that varies, or nothing


@dataclass(frozen=True, slots=True)
class Interface:
    """What a file says of its inputs and outputs. A shape is None where it says nothing."""

    inputs: Mapping[str, Declared | None]
    outputs: Mapping[str, Declared | None]


def inspect(content: bytes | memoryview) -> Interface:
    """The interface of a file that is all in itself. Raises ModelUnsafe."""
    try:
        model = Message(content)
        if model.has(25):
            raise ModelUnsafe("a model file brings functions of its own")
        (graph,) = model.messages(7) if len(model.parts(7)) == 1 else (None,)
        if graph is None:
            raise ModelUnsafe("a model file has not one graph")
        _check_graph(graph, len(content), _DEEPEST)
        constants = {tensor.text(8) for tensor in graph.messages(5)}
        inputs = {name: shape for name, shape in _values(graph, 11).items() if name not in constants}
        return Interface(inputs, _values(graph, 12))
    except Broken as error:
        raise ModelUnsafe(f"a model file is no ONNX file: {error}") from error


def _check_graph(graph: Message, size: int, deeper: int) -> None:
    if graph.has(15):
        raise ModelUnsafe("a model file has sparse weights")
    for tensor in graph.messages(5):
        _check_tensor(tensor, size)
    for node in graph.messages(1):
        if node.text(7) not in DOMAINS:
            raise ModelUnsafe(f"a model file has an operator that is not ONNX's: {node.text(7)}.{node.text(4)}")
        for attribute in node.messages(5):
            _check_attribute(attribute, size, deeper)


def _check_attribute(attribute: Message, size: int, deeper: int) -> None:
    if attribute.has(22) or attribute.has(23):
        raise ModelUnsafe("a model file has sparse weights")
    if len(attribute.parts(5)) > 1 or len(attribute.parts(6)) > 1:
        raise ModelUnsafe("a model file gives an attribute twice")
    for tensor in (*attribute.messages(5), *attribute.messages(10)):
        _check_tensor(tensor, size)
    for graph in (*attribute.messages(6), *attribute.messages(11)):
        if not deeper:
            raise ModelUnsafe("a model file has graphs in graphs, too many deep")
        _check_graph(graph, size, deeper - 1)


def _check_tensor(tensor: Message, size: int) -> None:
    """No element takes less than half a byte, so one file of `size` bytes cannot hold more of them."""
    name = tensor.text(8)
    if tensor.has(13) or tensor.number(14) == _OUTSIDE:
        raise ModelUnsafe(f"a model file has weights in another file: {name}")
    dimensions = tensor.numbers(1)
    if any(dimension < 0 for dimension in dimensions) or math.prod(dimensions) > 2 * size:
        raise ModelUnsafe(f"a model file declares more than it holds: {name}")


def _values(graph: Message, number: int) -> dict[str, Declared | None]:
    return {value.text(1): _shape(value) for value in graph.messages(number)}


def _shape(value: Message) -> Declared | None:
    tensor = value.message(2).message(1)
    if not tensor.has(2):
        return None
    return tuple(_axis(dimension) for dimension in tensor.message(2).messages(1))


def _axis(dimension: Message) -> int | str | None:
    if dimension.has(2):
        return dimension.text(2)
    return dimension.number(1) if dimension.has(1) else None
