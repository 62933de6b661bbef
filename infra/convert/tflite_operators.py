"""The operators of TensorFlow Lite that the manifest's models have, each as nodes of ONNX.

Weights are laid out for channels first here; float16 ones are widened, which is exact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from infra.convert.encoding import Attribute
from infra.convert.errors import Malformed, UnknownOperator
from infra.convert.flatbuffer import Table
from infra.convert.graph import Array, Graph
from infra.convert.layouts import FIRST, Layouts

_PADDING = {0: "SAME_UPPER", 1: "VALID"}
MOST_PADDING = 512
_NONE, _RELU, _RELU6 = 0, 1, 3  # ActivationFunctionType


@dataclass(frozen=True, slots=True)
class Tensor:
    """`shape`: for one face. `constant`: what it is, where that is known before anything runs."""

    name: str
    shape: tuple[int, ...]
    constant: Array | None


@dataclass(frozen=True, slots=True)
class Operator:
    """Tensors by their numbers, -1 where an input is left out."""

    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Table | None


@dataclass(frozen=True, slots=True)
class Network:
    layouts: Layouts
    tensors: list[Tensor]

    def tensor(self, index: int) -> Tensor:
        """Raises Malformed."""
        if not 0 <= index < len(self.tensors):
            raise Malformed("TensorFlow Lite with an operator on a tensor that is not there")
        return self.tensors[index]

    def constant(self, index: int) -> Array:
        """Raises Malformed, UnknownOperator."""
        tensor = self.tensor(index)
        if tensor.constant is None:
            raise UnknownOperator(f"TensorFlow Lite: {tensor.name} is computed where weights are expected")
        return tensor.constant


@dataclass(frozen=True, slots=True)
class Step:
    """One operator of the network. `taken`: its first input. `result`: its one output."""

    network: Network
    operator: Operator

    @property
    def taken(self) -> Tensor:
        return self.network.tensor(self.operator.inputs[0])

    @property
    def result(self) -> Tensor:
        return self.network.tensor(self.operator.outputs[0])

    @property
    def layouts(self) -> Layouts:
        return self.network.layouts

    @property
    def graph(self) -> Graph:
        return self.network.layouts.graph

    def weights(self, place: int) -> Array:
        """The input at that place, which has to be a constant. Raises Malformed, UnknownOperator."""
        if place >= len(self.operator.inputs):
            raise Malformed(f"TensorFlow Lite: operator {self.operator.code} without weights")
        return self.network.constant(self.operator.inputs[place])

    def option(self, field: int, kind: str, default: int = 0) -> int:
        options = self.operator.options
        return options.scalar(field, kind, default) if options else default


def add(network: Network, operator: Operator) -> None:
    """The operator into the graph. Raises UnknownOperator, Malformed."""
    if operator.code not in _OPERATORS:
        raise UnknownOperator(f"TensorFlow Lite: BuiltinOperator {operator.code}")
    if len(operator.outputs) != 1 or not operator.inputs:
        raise Malformed(f"TensorFlow Lite: operator {operator.code} with {len(operator.outputs)} outputs")
    _OPERATORS[operator.code](Step(network, operator))


def _dequantize(step: Step) -> None:
    widened = step.weights(0).astype(np.float32)
    step.network.tensors[step.operator.outputs[0]] = Tensor(step.result.name, step.result.shape, widened)


def _convolution(step: Step) -> None:
    """Weights [out, y, x, in]."""
    weights = _four(step.weights(1)).transpose(0, 3, 1, 2)
    _convolve(step, weights, groups=1, activation=step.option(3, "b"), dilations=(5, 4))


def _depthwise(step: Step) -> None:
    """Weights [1, y, x, out], of which each channel of the input has its own."""
    weights = _four(step.weights(1)).transpose(3, 0, 1, 2)
    groups = step.taken.shape[-1]
    _convolve(step, weights, groups, activation=step.option(4, "b"), dilations=(6, 5))


def _convolve(step: Step, weights: Array, groups: int, activation: int, dilations: Sequence[int]) -> None:
    """`dilations`: the fields of those in y and x."""
    kernel = step.graph.constant(f"{step.result.name}/weights", weights)
    bias = [
        step.graph.constant(f"{step.result.name}/bias", step.network.constant(index))
        for index in step.operator.inputs[2:]
        if index >= 0
    ]
    attributes: dict[str, Attribute] = {
        "group": groups,
        "kernel_shape": tuple(weights.shape[2:]),
        "dilations": tuple(step.option(field, "i", 1) for field in dilations),
        **_window(step),
    }
    _activated(step, activation, "Conv", [step.layouts.first(step.taken.name), kernel, *bias], attributes)


def _pool(step: Step) -> None:
    kernel = (step.option(4, "i"), step.option(3, "i"))
    inputs = [step.layouts.first(step.taken.name)]
    attributes: dict[str, Attribute] = {"kernel_shape": kernel, **_window(step)}
    _activated(step, step.option(5, "b"), "MaxPool", inputs, attributes)


def _window(step: Step) -> dict[str, Attribute]:
    padding = step.option(0, "b")
    if padding not in _PADDING:
        raise UnknownOperator(f"TensorFlow Lite: padding {padding}")
    return {"auto_pad": _PADDING[padding], "strides": (step.option(2, "i"), step.option(1, "i"))}


def _add(step: Step) -> None:
    """Of two values of one shape."""
    tensors = [step.network.tensor(index) for index in step.operator.inputs]
    if any(tensor.constant is not None or tensor.shape != step.result.shape for tensor in tensors):
        raise UnknownOperator("TensorFlow Lite: ADD of different shapes")
    inputs = [step.layouts.first(tensor.name) for tensor in tensors]
    _activated(step, step.option(0, "b"), "Add", inputs, {})


def _prelu(step: Step) -> None:
    """Slopes [1, 1, channel]."""
    slopes = step.weights(1)
    if slopes.size != slopes.shape[-1]:
        raise UnknownOperator(f"TensorFlow Lite: PRELU with slopes {slopes.shape}")
    slope = step.graph.constant(f"{step.result.name}/slopes", slopes.reshape(-1, 1, 1))
    name = step.graph.add("PRelu", [step.layouts.first(step.taken.name), slope], step.result.name)
    step.layouts.put(step.result.name, name, first=True)


def _pad(step: Step) -> None:
    """Paddings [axis, before or behind], of zeros."""
    paddings = step.weights(1)
    if paddings.shape != (4, 2) or paddings[0].any() or not 0 <= paddings.min() <= paddings.max() <= MOST_PADDING:
        raise UnknownOperator(f"TensorFlow Lite: PAD by {paddings.tolist()}")
    before_behind = paddings[list(FIRST)].T.ravel().tolist()
    pads = step.graph.shape(f"{step.result.name}/pads", before_behind)
    name = step.graph.add("Pad", [step.layouts.first(step.taken.name), pads], step.result.name)
    step.layouts.put(step.result.name, name, first=True)


def _sigmoid(step: Step) -> None:
    name, first = step.layouts.either(step.taken.name)
    step.layouts.put(step.result.name, step.graph.add("Sigmoid", [name], step.result.name), first=first)


def _reshape(step: Step) -> None:
    if step.taken.shape[0] != 1 or step.result.shape[0] != 1:
        raise UnknownOperator(f"TensorFlow Lite: RESHAPE from {step.taken.shape} to {step.result.shape}")
    shape = step.graph.shape(f"{step.result.name}/shape", (-1, *step.result.shape[1:]))
    name = step.graph.add("Reshape", [step.layouts.last(step.taken.name), shape], step.result.name)
    step.layouts.put(step.result.name, name, first=False)


def _mean(step: Step) -> None:
    """Over a whole picture."""
    axes, keeps = sorted(step.weights(1).ravel().tolist()), step.option(0, "b")
    if axes != [1, 2] or keeps or len(step.taken.shape) != 4:
        raise UnknownOperator(f"TensorFlow Lite: MEAN over the axes {axes}")
    pooled = step.graph.add("GlobalAveragePool", [step.layouts.first(step.taken.name)], f"{step.result.name}/pooled")
    step.layouts.put(step.result.name, step.graph.add("Flatten", [pooled], step.result.name), first=False)


def _fully_connected(step: Step) -> None:
    """Weights [out, in], a bias of one number for each output."""
    if len(step.taken.shape) != 2 or len(step.operator.inputs) != 3 or step.option(0, "b") != _NONE:
        raise UnknownOperator(f"TensorFlow Lite: FULLY_CONNECTED of {step.taken.shape}")
    weights = step.graph.constant(f"{step.result.name}/weights", step.weights(1))
    bias = step.graph.constant(f"{step.result.name}/bias", step.weights(2))
    inputs = [step.layouts.last(step.taken.name), weights, bias]
    step.layouts.put(step.result.name, step.graph.add("Gemm", inputs, step.result.name, transB=1), first=False)


def _concatenate(step: Step) -> None:
    axis = step.option(0, "i")
    if step.option(1, "b") != _NONE or axis == 0:
        raise UnknownOperator("TensorFlow Lite: CONCATENATION of faces, or with an activation")
    inputs = [step.layouts.last(step.network.tensor(index).name) for index in step.operator.inputs]
    step.layouts.put(step.result.name, step.graph.add("Concat", inputs, step.result.name, axis=axis), first=False)


def _activated(step: Step, activation: int, op: str, inputs: list[str], attributes: dict[str, Attribute]) -> None:
    """A node that gives channels first, and the activation that is fused with it."""
    graph = step.graph
    if activation not in (_NONE, _RELU, _RELU6):
        raise UnknownOperator(f"TensorFlow Lite: activation {activation}")
    if activation == _NONE:
        name = graph.add(op, inputs, step.result.name, **attributes)
    else:
        before = graph.add(op, inputs, f"{step.result.name}/linear", **attributes)
        name = (
            _clipped(graph, before, step.result.name)
            if activation == _RELU6
            else graph.add("Relu", [before], step.result.name)
        )
    step.layouts.put(step.result.name, name, first=True)


def _clipped(graph: Graph, value: str, name: str) -> str:
    limits = [graph.constant(f"{name}/{limit}", np.array(limit, np.float32)) for limit in (0, 6)]
    return graph.add("Clip", [value, *limits], name)


def _four(weights: Array) -> Array:
    if weights.ndim != 4:
        raise Malformed(f"TensorFlow Lite with weights {weights.shape}")
    return weights


_OPERATORS: Mapping[int, Callable[[Step], None]] = {
    0: _add,
    2: _concatenate,
    3: _convolution,
    4: _depthwise,
    6: _dequantize,
    9: _fully_connected,
    14: _sigmoid,
    17: _pool,
    22: _reshape,
    34: _pad,
    40: _mean,
    54: _prelu,
}
"""By the schema's BuiltinOperator."""
