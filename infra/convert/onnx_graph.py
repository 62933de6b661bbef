"""An ONNX file read into a graph that can be changed. The numbers are those of ONNX's schema, as in `encoding`."""

import math
from collections.abc import Mapping

import numpy as np

from infra.convert.encoding import FLOAT, INT64, Attribute
from infra.convert.errors import Malformed, UnknownOperator, Unsafe
from infra.convert.graph import Array, Graph
from infra.convert.wanted import Axes
from shared.engine.errors import ModelUnsafe
from shared.engine.onnx_file import Declared, inspect
from shared.engine.protobuf import Broken, Message

_ELEMENTS: Mapping[int, str] = {FLOAT: "<f4", INT64: "<i8"}
_REAL, _INT, _TEXT, _TENSOR, _INTS = 1, 2, 3, 4, 7  # AttributeProto.type


def read(content: bytes) -> Graph:
    """Raises ConversionError."""
    try:
        interface = inspect(content)
        model = Message(content)
        return _graph(model.message(7), _opset(model), interface.inputs, interface.outputs)
    except ModelUnsafe as error:
        raise Unsafe(str(error)) from error
    except (Broken, ValueError) as error:
        raise Malformed(f"no ONNX file: {error}") from error


def _opset(model: Message) -> int:
    return next(one.number(2) for one in model.messages(8) if one.text(1) in ("", "ai.onnx"))


def _graph(
    content: Message, opset: int, inputs: Mapping[str, Declared | None], outputs: Mapping[str, Declared | None]
) -> Graph:
    graph = Graph(content.text(2), frozenset(), opset)
    for name, shape in inputs.items():
        graph.input(name, _axes(name, shape))
    for tensor in content.messages(5):
        graph.constant(tensor.text(8), _array(tensor))
    for node in content.messages(1):
        if node.text(4) == "Constant":
            graph.constant(node.text(2), _array(node.message(5).message(5)))
        else:
            _add(graph, node)
    for name, shape in outputs.items():
        graph.answers(name, _axes(name, shape))
    return graph


def _add(graph: Graph, node: Message) -> None:
    outputs = node.texts(2)
    if len(outputs) != 1:
        raise UnknownOperator(f"ONNX: {node.text(4)} with {len(outputs)} outputs")
    attributes = {one.text(1): _attribute(node.text(4), one) for one in node.messages(5)}
    graph.add(node.text(4), node.texts(1), outputs[0], **attributes)


def _attribute(op: str, content: Message) -> Attribute:
    kind = content.number(20)
    if kind == _REAL:
        return content.real(2, 0.0)
    if kind == _INT:
        return content.number(3)
    if kind == _TEXT:
        return content.text(4)
    if kind == _INTS:
        return content.numbers(8)
    raise UnknownOperator(f"ONNX: {op} with {content.text(1)} of type {kind}")


def _array(tensor: Message) -> Array:
    """Values that are written as bytes, as all of a model of any size are."""
    element, sizes, raw = _ELEMENTS.get(tensor.number(2)), tensor.numbers(1), tensor.part(9)
    if element is None or len(raw) != np.dtype(element).itemsize * math.prod(sizes):
        raise Malformed(f"{tensor.text(8)} is not written as bytes of a type that is known")
    return np.frombuffer(raw, element).reshape(sizes)


def _axes(name: str, shape: Declared | None) -> Axes:
    if not shape or None in shape:
        raise Malformed(f"{name} has no shape")
    return tuple(axis for axis in shape if axis is not None)
