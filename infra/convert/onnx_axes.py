"""ONNX to ONNX: axes that the manifest leaves open made symbolic, inputs and outputs named as it has them.

What the file says of values inside is left out, since it speaks of one size. All else is copied byte for byte.
"""

import math
import struct
from collections.abc import Mapping

from infra.convert import encoding
from infra.convert.errors import Malformed, UnknownOperator, Unsafe, WrongShape
from infra.convert.wanted import Wanted, with_batch
from shared.engine.errors import ModelUnsafe
from shared.engine.onnx_file import Interface, inspect
from shared.engine.protobuf import Message

FACE_BY_FACE = frozenset(
    {"Add", "BatchNormalization", "Clip", "Constant", "Conv", "Flatten", "GlobalAveragePool", "MatMul", "Mul"}
    | {"PRelu", "Relu", "Reshape", "Sigmoid"}
)
"""Operators that do to each face of a batch what they do to one. Reshape does where its shape is changed as here."""

OF_ANY_SIZE = frozenset({"Add", "Conv", "MaxPool", "Relu", "Reshape", "Resize", "Sigmoid", "Transpose"})
"""Operators that go by the size of what comes in. Resize and Reshape do where they say so, which the recorded answers
prove: those are of another size than the published files are made for."""

_GRAPH, _NODE, _CONSTANT, _INPUT, _OUTPUT, _VALUES = 7, 1, 5, 11, 12, 13
_AS_MANY_AS_CAME_IN = 0  # in the shape of a Reshape


def convert(files: Mapping[str, bytes], wanted: Wanted) -> bytes:
    """Raises ConversionError, Broken."""
    content = files[".onnx"]
    try:
        interface = inspect(content)
    except ModelUnsafe as error:
        raise Unsafe(str(error)) from error
    _check(interface, wanted)
    return encoding.rewritten(memoryview(content), {_GRAPH: lambda graph: _graph(graph, wanted)})


def _check(interface: Interface, wanted: Wanted) -> None:
    for shapes, find in ((interface.inputs, wanted.input), (interface.outputs, wanted.output)):
        for source, shape in shapes.items():
            name, axes = find(source)
            if not shape or len(shape) != len(axes) or shape[0] != 1 or not all(map(_fits, shape, axes)):
                raise WrongShape(f"{name} is {shape}, not one of {axes}")
    wanted.check_complete(
        [wanted.input(name)[0] for name in interface.inputs], [wanted.output(name)[0] for name in interface.outputs]
    )


def _fits(size: int | str | None, axis: int | str) -> bool:
    return isinstance(size, int) and (isinstance(axis, str) or size == axis)


def _graph(graph: memoryview, wanted: Wanted) -> bytes:
    batched = any(isinstance(axes[0], str) for axes in wanted.inputs.values())
    sized = any(isinstance(axis, str) for axes in wanted.inputs.values() for axis in axes[1:])
    _check_operators(Message(graph), batched, sized)
    shapes = _reshape_shapes(Message(graph)) if batched else frozenset()
    return encoding.rewritten(
        graph,
        {
            _NODE: lambda node: _node(node, wanted.names, shapes),
            _CONSTANT: lambda tensor: _constant(tensor, shapes),
            _INPUT: lambda value: _value(*wanted.input(Message(value).text(1))),
            _OUTPUT: lambda value: _value(*wanted.output(Message(value).text(1))),
        },
        left_out=(_VALUES,),
    )


def _value(name: str, axes: tuple[int | str, ...]) -> bytes:
    return encoding.value_info(name, with_batch(axes))


def _check_operators(graph: Message, batched: bool, sized: bool) -> None:
    """That each takes a batch, or pictures of any size, where that is asked for. Raises UnknownOperator."""
    for node in graph.messages(_NODE):
        op = node.text(4)
        if node.text(7) not in ("", "ai.onnx") or (batched and op not in FACE_BY_FACE):
            raise UnknownOperator(f"ONNX: {op} is not known to keep the faces of a batch apart")
        if sized and op not in OF_ANY_SIZE:
            raise UnknownOperator(f"ONNX: {op} is not known to take pictures of any size")


def _reshape_shapes(graph: Message) -> frozenset[str]:
    """The names of constants that are shapes of Reshape and nothing else. Raises UnknownOperator."""
    shapes: set[str] = set()
    others: set[str] = set()
    for node in graph.messages(_NODE):
        inputs, is_reshape = node.texts(1), node.text(4) == "Reshape"
        others.update(inputs[:1] if is_reshape else inputs)
        shapes.update(inputs[1:] if is_reshape else ())
    if shapes & others:
        raise UnknownOperator("ONNX: Reshape to a shape that is used otherwise too")
    return frozenset(shapes)


def _node(node: memoryview, names: Mapping[str, str], shapes: frozenset[str]) -> bytes:
    """With its inputs and outputs renamed; where it makes a shape of Reshape, another shape."""

    def renamed(name: memoryview) -> bytes:
        return names.get(str(name, "utf-8"), str(name, "utf-8")).encode()

    def reshaped(attribute: memoryview) -> bytes:
        return encoding.rewritten(attribute, {5: lambda tensor: _shape(Message(tensor), made)})

    made = Message(node).text(2)
    is_shape = Message(node).text(4) == "Constant" and made in shapes
    return encoding.rewritten(node, {1: renamed, 2: renamed, **({5: reshaped} if is_shape else {})})


def _constant(tensor: memoryview, shapes: frozenset[str]) -> bytes:
    name = Message(tensor).text(8)
    return _shape(Message(tensor), name) if name in shapes else bytes(tensor)


def _shape(tensor: Message, name: str) -> bytes:
    """A TensorProto of an int64 shape, whose first size 1 becomes as many as came in. Raises UnknownOperator."""
    raw = tensor.part(9)
    if tensor.number(2) != encoding.INT64 or len(raw) != 8 * math.prod(tensor.numbers(1)):
        raise Malformed(f"{name} is no shape")
    first, *others = struct.unpack(f"<{len(raw) // 8}q", raw) or (1,)
    if first not in (1, _AS_MANY_AS_CAME_IN):
        raise UnknownOperator(f"ONNX: Reshape to {[first, *others]}")
    sizes = (_AS_MANY_AS_CAME_IN, *others)
    return (
        encoding.integer(1, len(sizes))
        + encoding.integer(2, encoding.INT64)
        + encoding.text(8, name)
        + encoding.sized(9, struct.pack(f"<{len(sizes)}q", *sizes))
    )
