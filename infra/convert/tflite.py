"""TensorFlow Lite, float32 or float16 weights, to ONNX.

The schema: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/lite/schema/schema.fbs. The numbers of
fields here are their places in its tables.
"""

import math
from collections.abc import Mapping

import numpy as np

from infra.convert import tflite_operators
from infra.convert.errors import Malformed, UnknownOperator, Unsafe, WrongShape
from infra.convert.flatbuffer import Table
from infra.convert.graph import Array, Graph
from infra.convert.layouts import Layouts
from infra.convert.tflite_operators import Network, Operator, Tensor
from infra.convert.wanted import Wanted, with_batch

IDENTIFIER, VERSION = b"TFL3", 3
MOST_TENSORS = 10_000
_TYPES: Mapping[int, type[np.generic]] = {0: np.float32, 1: np.float16, 2: np.int32}


def convert(files: Mapping[str, bytes], wanted: Wanted) -> bytes:
    """Raises ConversionError."""
    model = Table.root(files[".tflite"], IDENTIFIER)
    subgraphs = model.tables(2)
    if model.scalar(0, "I") != VERSION or len(subgraphs) != 1:
        raise UnknownOperator("TensorFlow Lite: another version, or not one graph")
    graph = Graph(subgraphs[0].text(4) or "main", frozenset(wanted.outputs))
    network = Network(Layouts(graph), _tensors(model, subgraphs[0]))
    inputs = [_input(network, network.tensor(index), wanted) for index in subgraphs[0].numbers(1)]
    for operator in _operators(model, subgraphs[0]):
        tflite_operators.add(network, operator)
    outputs = [_output(network, network.tensor(index), wanted) for index in subgraphs[0].numbers(2)]
    wanted.check_complete(inputs, outputs)
    return graph.encode()


def _input(network: Network, tensor: Tensor, wanted: Wanted) -> str:
    name, axes = wanted.input(tensor.name)
    _check(name, tensor, axes)
    network.layouts.put(tensor.name, network.layouts.graph.input(name, with_batch(axes)), first=False)
    return name


def _output(network: Network, tensor: Tensor, wanted: Wanted) -> str:
    name, axes = wanted.output(tensor.name)
    _check(name, tensor, axes)
    network.layouts.graph.output(name, with_batch(axes), network.layouts.last(tensor.name))
    return name


def _check(name: str, tensor: Tensor, axes: tuple[int | str, ...]) -> None:
    if tensor.shape != (1, *axes[1:]):
        raise WrongShape(f"{name} is {tensor.shape}, not one of {axes}")


def _tensors(model: Table, subgraph: Table) -> list[Tensor]:
    buffers, tables = model.tables(4), subgraph.tables(0)
    if len(tables) > MOST_TENSORS:
        raise Unsafe(f"TensorFlow Lite with {len(tables)} tensors")
    tensors = [_tensor(table, buffers) for table in tables]
    if sum(tensor.constant.nbytes for tensor in tensors if tensor.constant is not None) > 2 * len(model.file):
        raise Unsafe("TensorFlow Lite that declares more than it holds")
    return tensors


def _tensor(table: Table, buffers: list[Table]) -> Tensor:
    shape, name, buffer = table.numbers(0), table.text(3), table.scalar(2, "I")
    if min(shape, default=1) < 1:
        raise Malformed(f"{name} has the shape {shape}")
    if buffer >= len(buffers):
        raise Malformed(f"{name} lies in a buffer that is not there")
    if buffers[buffer].scalar(1, "Q"):
        raise Unsafe(f"{name} lies outside the buffers")
    content = buffers[buffer].data(0)
    return Tensor(name, shape, _constant(name, shape, table.scalar(1, "b"), content) if len(content) else None)


def _constant(name: str, shape: tuple[int, ...], kind: int, content: memoryview) -> Array:
    """Raises UnknownOperator, Unsafe."""
    if kind not in _TYPES:
        raise UnknownOperator(f"TensorFlow Lite: {name} has elements of type {kind}")
    element = np.dtype(_TYPES[kind]).newbyteorder("<")
    if math.prod(shape) * element.itemsize != len(content):
        raise Unsafe(f"{name} declares {shape} and holds {len(content)} bytes")
    return np.frombuffer(content, element).reshape(shape)


def _operators(model: Table, subgraph: Table) -> list[Operator]:
    # A code below 127 stands in the older of two fields; in newer files in both.
    codes = [max(code.scalar(0, "b"), code.scalar(3, "i")) for code in model.tables(1)]
    operators = []
    for table in subgraph.tables(3):
        code = table.scalar(0, "I")
        if code >= len(codes):
            raise Malformed("TensorFlow Lite with an operator without a code")
        operators.append(Operator(codes[code], table.numbers(1), table.numbers(2), table.table(4)))
    return operators
