"""The operations of TensorFlow graphs that the manifest's models have, each as nodes of ONNX."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.convert.encoding import Attribute
from infra.convert.errors import Malformed, UnknownOperator
from infra.convert.graph import Array, Graph
from infra.convert.layouts import Layouts
from shared.engine.protobuf import Message

_PADDING = {"SAME": "SAME_UPPER", "VALID": "VALID"}
_EPSILON = 1e-4  # of FusedBatchNorm, where its node says nothing


@dataclass(frozen=True, slots=True)
class Node:
    """`attributes`: AttrValues by name."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Message]

    def attribute(self, name: str) -> Message:
        """Empty where there is none."""
        return self.attributes.get(name, Message(b""))

    def text(self, name: str) -> str:
        return self.attribute(name).text(2)

    def flag(self, name: str) -> bool:
        return bool(self.attribute(name).number(5))

    def integers(self, name: str) -> tuple[int, ...]:
        return self.attribute(name).message(1).numbers(3)

    def picture(self, name: str) -> tuple[int, int]:
        """What an attribute of four sizes, channels last, says of y and x. Raises UnknownOperator."""
        sizes = self.integers(name) or (1, 1, 1, 1)
        if len(sizes) != 4 or sizes[0] != 1 or sizes[3] != 1 or self.text("data_format") not in ("", "NHWC"):
            raise UnknownOperator(f"TensorFlow: {self.op} with {name} {sizes}, {self.text('data_format')}")
        return sizes[1], sizes[2]


@dataclass(frozen=True, slots=True)
class Network:
    """By the source's names. `aliases`: what only passes a value on -> the value."""

    layouts: Layouts
    constants: dict[str, Array] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @property
    def graph(self) -> Graph:
        return self.layouts.graph

    def resolved(self, name: str) -> str:
        """A name as an input gives it, which may say that it is the first output."""
        name = name.removesuffix(":0")
        return self.aliases.get(name, name)

    def constant(self, name: str, of: Node) -> Array:
        """Raises UnknownOperator where it is computed."""
        resolved = self.resolved(name)
        if resolved not in self.constants:
            raise UnknownOperator(f"TensorFlow: {of.op} whose weights are computed")
        return self.constants[resolved]

    def weights(self, node: Node, values: Array) -> str:
        return self.graph.constant(f"{node.name}/weights", values)


def add(network: Network, node: Node) -> None:
    """The node into the graph. Raises UnknownOperator, Malformed."""
    if node.op not in _NODES:
        raise UnknownOperator(f"TensorFlow: {node.op}")
    count, build = _NODES[node.op]
    if len(node.inputs) != count:
        raise Malformed(f"TensorFlow: {node.op} of {len(node.inputs)} inputs")
    build(network, node)


def _identity(network: Network, node: Node) -> None:
    network.aliases[node.name] = network.resolved(node.inputs[0])


def _convolution(network: Network, node: Node) -> None:
    """Weights [y, x, in, out]."""
    weights = _four(node, network.constant(node.inputs[1], node)).transpose(3, 2, 0, 1)
    _convolve(network, node, weights, groups=1)


def _depthwise(network: Network, node: Node) -> None:
    """Weights [y, x, in, outputs of each]."""
    weights = _four(node, network.constant(node.inputs[1], node)).transpose(2, 3, 0, 1)
    _convolve(network, node, weights.reshape(-1, 1, *weights.shape[2:]), groups=weights.shape[0])


def _convolve(network: Network, node: Node, weights: Array, groups: int) -> None:
    inputs = [network.layouts.first(network.resolved(node.inputs[0])), network.weights(node, weights)]
    _first(network, node, "Conv", inputs, group=groups, dilations=node.picture("dilations"), **_window(node))


def _average(network: Network, node: Node) -> None:
    inputs = [network.layouts.first(network.resolved(node.inputs[0]))]
    _first(network, node, "AveragePool", inputs, kernel_shape=node.picture("ksize"), **_window(node))


def _window(node: Node) -> dict[str, Attribute]:
    padding = node.text("padding")
    if padding not in _PADDING:
        raise UnknownOperator(f"TensorFlow: {node.op} with padding {padding}")
    return {"auto_pad": _PADDING[padding], "strides": node.picture("strides")}


def _normalise(network: Network, node: Node) -> None:
    """ONNX Runtime folds it into the convolution before it."""
    if node.flag("is_training"):
        raise UnknownOperator("TensorFlow: FusedBatchNorm in training")
    parts = ("scale", "offset", "mean", "variance")
    statistics = [
        network.graph.constant(f"{node.name}/{part}", network.constant(name, node))
        for part, name in zip(parts, node.inputs[1:], strict=True)
    ]
    inputs = [network.layouts.first(network.resolved(node.inputs[0])), *statistics]
    _first(network, node, "BatchNormalization", inputs, epsilon=node.attribute("epsilon").real(4, _EPSILON))


def _relu(network: Network, node: Node) -> None:
    _elementwise(network, node, "Relu")


def _sigmoid(network: Network, node: Node) -> None:
    _elementwise(network, node, "Sigmoid")


def _elementwise(network: Network, node: Node, op: str) -> None:
    value, first = network.layouts.either(network.resolved(node.inputs[0]))
    network.layouts.put(node.name, network.graph.add(op, [value], node.name), first=first)


def _add(network: Network, node: Node) -> None:
    _first(network, node, "Add", [network.layouts.first(network.resolved(name)) for name in node.inputs])


def _reshape(network: Network, node: Node) -> None:
    sizes = network.constant(node.inputs[1], node).ravel().tolist()
    if sizes[:1] != [-1] or min(sizes[1:], default=0) < 1:
        raise UnknownOperator(f"TensorFlow: Reshape to {sizes}")
    inputs = [network.layouts.last(network.resolved(node.inputs[0])), network.graph.shape(f"{node.name}/shape", sizes)]
    _last(network, node, "Reshape", inputs)


def _matmul(network: Network, node: Node) -> None:
    if node.flag("transpose_a") or node.flag("transpose_b"):
        raise UnknownOperator("TensorFlow: MatMul of something transposed")
    weights = network.weights(node, network.constant(node.inputs[1], node))
    _last(network, node, "MatMul", [network.layouts.last(network.resolved(node.inputs[0])), weights])


def _bias(network: Network, node: Node) -> None:
    bias = network.weights(node, network.constant(node.inputs[1], node))
    _last(network, node, "Add", [network.layouts.last(network.resolved(node.inputs[0])), bias])


def _first(network: Network, node: Node, op: str, inputs: list[str], **attributes: Attribute) -> None:
    network.layouts.put(node.name, network.graph.add(op, inputs, node.name, **attributes), first=True)


def _last(network: Network, node: Node, op: str, inputs: list[str]) -> None:
    network.layouts.put(node.name, network.graph.add(op, inputs, node.name), first=False)


def _four(node: Node, weights: Array) -> Array:
    if weights.ndim != 4:
        raise Malformed(f"TensorFlow: {node.op} with weights {weights.shape}")
    return weights


_NODES: Mapping[str, tuple[int, Callable[[Network, Node], None]]] = {
    "Add": (2, _add),
    "AvgPool": (1, _average),
    "BiasAdd": (2, _bias),
    "Conv2D": (2, _convolution),
    "DepthwiseConv2dNative": (2, _depthwise),
    "FusedBatchNorm": (5, _normalise),
    "Identity": (1, _identity),
    "MatMul": (2, _matmul),
    "Relu": (1, _relu),
    "Reshape": (2, _reshape),
    "Sigmoid": (1, _sigmoid),
}
"""By name: how many inputs, and what builds it."""
