"""The layers of OpenVINO IR that the manifest's models have, each as nodes of ONNX."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from infra.convert.errors import Malformed, UnknownOperator
from infra.convert.graph import Array, Graph


@dataclass(frozen=True, slots=True)
class Layer:
    """`ports`: of its inputs. `shape`: of its first output, for one face."""

    id: str
    name: str
    kind: str
    attributes: dict[str, str]
    ports: tuple[str, ...]
    shape: tuple[int, ...]

    def sizes(self, attribute: str) -> tuple[int, ...]:
        """Such as "1, 3". Raises Malformed."""
        words = [word.strip() for word in self.attributes.get(attribute, "").split(",") if word.strip()]
        if not all(word.isdecimal() and len(word) <= 9 for word in words):
            raise Malformed(f"{self.name} has {attribute}={self.attributes[attribute]}")
        return tuple(map(int, words))

    def integer(self, attribute: str) -> int:
        """Raises Malformed."""
        sizes = self.sizes(attribute)
        if len(sizes) != 1:
            raise Malformed(f"{self.name} has no {attribute}")
        return sizes[0]

    def expect(self, values: Mapping[str, str]) -> None:
        """Raises UnknownOperator where an attribute is there and is something else."""
        for attribute, value in values.items():
            found = self.attributes.get(attribute, value)
            if found.lower() != value:
                raise UnknownOperator(f"OpenVINO IR: {self.kind} with {attribute}={found}")


@dataclass(slots=True)
class Network:
    """By layer id: the names of values in the graph, and what is known without running it."""

    graph: Graph
    names: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Array] = field(default_factory=dict)

    def name(self, layer: str) -> str:
        if layer not in self.names:
            self.names[layer] = self.graph.constant(f"constant/{layer}", self.constants[layer])
        return self.names[layer]

    def constant(self, layer: str, of: Layer) -> Array:
        """Raises UnknownOperator where it is computed."""
        if layer not in self.constants:
            raise UnknownOperator(f"OpenVINO IR: {of.kind} whose parameters are computed")
        return self.constants[layer]


def widened(values: Array) -> Array:
    """Floats as float32, which is exact; integers as they are."""
    return values.astype(np.float32) if values.dtype.kind == "f" else values


def add(network: Network, layer: Layer, feeds: Sequence[str]) -> None:
    """The layer into the graph, or into what is known. `feeds`: the layers of its inputs. Raises UnknownOperator."""
    if layer.kind in _FOLDED and all(feed in network.constants for feed in feeds):
        network.constants[layer.id] = _FOLDED[layer.kind](*(network.constants[feed] for feed in feeds))
    elif layer.kind in _LAYERS:
        network.names[layer.id] = _LAYERS[layer.kind](network, layer, feeds)
    else:
        computed = " of what is computed" if layer.kind in _FOLDED else ""
        raise UnknownOperator(f"OpenVINO IR: {layer.kind}{computed}")


def _product(one: Array, other: Array) -> Array:
    return np.multiply(one, other, dtype=np.float32)


_FOLDED: Mapping[str, Callable[..., Array]] = {
    "Convert": lambda values: values.astype(np.float32),
    "Multiply": _product,
}


def _elementwise(op: str) -> "_Adder":
    def build(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
        layer.expect({"auto_broadcast": "numpy"})
        return network.graph.add(op, [network.name(feed) for feed in feeds], layer.name)

    return build


def _window(layer: Layer) -> dict[str, tuple[int, ...]]:
    """What convolutions and pools have in common."""
    layer.expect({"auto_pad": "explicit"})
    return {"strides": layer.sizes("strides"), "pads": layer.sizes("pads_begin") + layer.sizes("pads_end")}


def _convolution(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    weights, groups = network.constant(feeds[1], layer), 1
    if layer.kind == "GroupConvolution":  # [group, out, in, y, x]
        groups = weights.shape[0]
        weights = weights.reshape(-1, *weights.shape[2:])
    layer.expect({"output_padding": "0,0"})
    kernel = network.graph.constant(f"{layer.name}/weights", weights)
    inputs = [network.name(feeds[0]), kernel]
    dilations = layer.sizes("dilations")
    return network.graph.add("Conv", inputs, layer.name, group=groups, dilations=dilations, **_window(layer))


def _pool(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    layer.expect({"exclude-pad": "true", "dilations": "1,1"})
    ceil = {"ceil": 1, "floor": 0}.get(layer.attributes.get("rounding_type", "floor"))
    if ceil is None:
        raise UnknownOperator(f"OpenVINO IR: {layer.kind} with rounding_type={layer.attributes['rounding_type']}")
    op = {"MaxPool": "MaxPool", "AvgPool": "AveragePool"}[layer.kind]
    kernel = layer.sizes("kernel")
    return network.graph.add(
        op, [network.name(feeds[0])], layer.name, kernel_shape=kernel, ceil_mode=ceil, **_window(layer)
    )


def _prelu(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    slope = network.constant(feeds[1], layer)
    slopes = network.graph.constant(f"{layer.name}/slopes", slope.reshape(-1, *[1] * (len(layer.shape) - 2)))
    return network.graph.add("PRelu", [network.name(feeds[0]), slopes], layer.name)


def _softmax(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    return network.graph.add("Softmax", [network.name(feeds[0])], layer.name, axis=layer.integer("axis"))


def _matmul(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    layer.expect({"transpose_a": "false"})
    weights = network.constant(feeds[1], layer)
    if layer.attributes.get("transpose_b", "false").lower() == "true":
        weights = weights.swapaxes(-1, -2)
    inputs = [network.name(feeds[0]), network.graph.constant(f"{layer.name}/weights", weights)]
    return network.graph.add("MatMul", inputs, layer.name)


def _reshape(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    """To the shape that the layer says it has, as many faces as came in."""
    layer.expect({"special_zero": "true"})
    sizes = network.constant(feeds[1], layer).ravel().tolist()
    if sizes[:1] not in ([0], [1]) or layer.shape[:1] != (1,):
        raise UnknownOperator(f"OpenVINO IR: Reshape to {sizes}")
    shape = network.graph.shape(f"{layer.name}/shape", (0, *layer.shape[1:]))
    return network.graph.add("Reshape", [network.name(feeds[0]), shape], layer.name)


def _fake_quantize(network: Network, layer: Layer, feeds: Sequence[str]) -> str:
    """Clipped to the range of inputs, rounded to one of so many levels, and laid over the range of outputs."""
    low, high, out_low, out_high = (network.constant(feed, layer) for feed in feeds[1:])
    steps = np.float32(layer.integer("levels") - 1)
    graph, name = network.graph, layer.name

    def step(op: str, value: str, by: Array, tail: str) -> str:
        return graph.add(op, [value, graph.constant(f"{name}/{tail}", by)], f"{name}/{tail}/{op}")

    clipped = step("Min", step("Max", network.name(feeds[0]), low, "low"), high, "high")
    shifted = step("Sub", clipped, low, "from")
    level = graph.add("Round", [step("Mul", shifted, steps / (high - low), "per_step")], f"{name}/level")
    laid = step("Mul", level, (out_high - out_low) / steps, "step")
    return graph.add("Add", [laid, graph.constant(f"{name}/out_low", out_low)], name)


_Adder = Callable[[Network, Layer, Sequence[str]], str]

_LAYERS: Mapping[str, _Adder] = {
    "Add": _elementwise("Add"),
    "AvgPool": _pool,
    "Convolution": _convolution,
    "FakeQuantize": _fake_quantize,
    "GroupConvolution": _convolution,
    "MatMul": _matmul,
    "MaxPool": _pool,
    "Multiply": _elementwise("Mul"),
    "PReLU": _prelu,
    "ReLU": _elementwise("Relu"),
    "Reshape": _reshape,
    "Sigmoid": _elementwise("Sigmoid"),
    "SoftMax": _softmax,
}
