"""A frozen TensorFlow graph to ONNX.

The schema: https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework, graph.proto, node_def.proto,
attr_value.proto, tensor.proto. The numbers of fields here are its.
"""

import math
from collections.abc import Mapping

import numpy as np

from infra.convert import tensorflow_nodes
from infra.convert.errors import Malformed, UnknownOperator, Unsafe, WrongShape
from infra.convert.graph import Array, Graph
from infra.convert.layouts import FIRST, Layouts
from infra.convert.tensorflow_nodes import Network, Node
from infra.convert.wanted import Wanted, with_batch
from shared.engine.protobuf import Message

MOST_NODES = 10_000
_TYPES: Mapping[int, type[np.generic]] = {1: np.float32, 3: np.int32}
_NODE, _VALUE = 1, 2
_FLOATS, _INTS = 5, 7  # of a few values, which do not stand in the tensor's bytes


def convert(files: Mapping[str, bytes], wanted: Wanted) -> bytes:
    """Raises ConversionError, Broken."""
    nodes = [_node(message) for message in Message(files[".pb"]).messages(_NODE)]
    if not 0 < len(nodes) <= MOST_NODES:
        raise Unsafe(f"TensorFlow graph with {len(nodes)} nodes")
    network = Network(Layouts(Graph("graph", frozenset(wanted.outputs))))
    inputs = []
    for node in nodes:
        if node.op == "Placeholder":
            inputs.append(_input(network, node, wanted))
        elif node.op == "Const":
            network.constants[node.name] = _constant(node)
        else:
            tensorflow_nodes.add(network, node)
    for source in {name: source for source, name in _sources(wanted).items()}.values():
        _output(network, source, wanted)
    wanted.check_complete(inputs, list(wanted.outputs))
    return network.graph.encode()


def _sources(wanted: Wanted) -> dict[str, str]:
    """The graph's names of the outputs -> ours. It does not say itself which of its values they are."""
    renamed = {source: name for source, name in wanted.names.items() if name in wanted.outputs}
    return {**{name: name for name in wanted.outputs if name not in renamed.values()}, **renamed}


def _input(network: Network, node: Node, wanted: Wanted) -> str:
    """Channels last in the graph; in the order in which the manifest wants them here."""
    name, axes = wanted.input(node.name)
    sizes = tuple(size.number(1) for size in node.attribute("shape").message(7).messages(2))
    first = len(sizes) == 4 and tuple(sizes[axis] for axis in FIRST)[1:] == axes[1:]
    if not sizes or sizes[0] != -1 or not (first or sizes[1:] == axes[1:]):
        raise WrongShape(f"{name} is {sizes}, not {axes} in either order of axes")
    network.layouts.put(node.name, network.graph.input(name, with_batch(axes)), first=first)
    return name


def _output(network: Network, source: str, wanted: Wanted) -> None:
    name, axes = wanted.output(source)
    network.graph.output(name, with_batch(axes), network.layouts.last(network.resolved(source)))


def _constant(node: Node) -> Array:
    """Raises UnknownOperator, Unsafe."""
    tensor = node.attribute("value").message(8)
    kind, shape = tensor.number(1), tuple(size.number(1) for size in tensor.message(2).messages(2))
    if kind not in _TYPES:
        raise UnknownOperator(f"TensorFlow: {node.name} has elements of type {kind}")
    element = np.dtype(_TYPES[kind]).newbyteorder("<")
    content = tensor.part(4) or b"".join(tensor.parts(_FLOATS)) or np.array(tensor.numbers(_INTS), element).tobytes()
    if min(shape, default=1) < 0 or math.prod(shape) * element.itemsize != len(content):
        raise Unsafe(f"{node.name} declares {shape} and holds {len(content)} bytes")
    return np.frombuffer(content, element).reshape(shape)


def _node(message: Message) -> Node:
    attributes = {pair.text(1): pair.message(_VALUE) for pair in message.messages(5)}
    name = message.text(1)
    if not name:
        raise Malformed("TensorFlow graph with a node without a name")
    return Node(name, message.text(2), tuple(message.texts(3)), attributes)
