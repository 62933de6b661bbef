"""A graph of floats to one of 8 bits: convolutions between a quantisation and its reverse, as ONNX Runtime joins them.

Values are unsigned, on a scale of their own from the least to the greatest that was seen; weights are signed, on a
scale for each channel that comes out. They take 7 bits of the 8: with more, processors without instructions for such
sums (before AVX-512 VNNI) add pairs of products in 16 bits and cut off what is too much. What lies between
convolutions is computed in floats, but for the activations that ONNX Runtime takes into them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from infra.convert.errors import UnknownOperator
from infra.convert.graph import Array, Graph, Node

LEAST_OPSET = 13  # the first with a scale for each channel
_STEPS, _GREATEST_WEIGHT = 255, 63
_JOINED = {"Relu", "Clip"}  # by cutting off what is out of range
_LOOKED_UP = {"LeakyRelu"}  # in a table of 256 values
_DIGITS = 4  # of a scale, so that another processor's rounding seldom makes another file


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest of a value, 0 among them."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Array) -> "Range":
        return cls(min(0.0, float(values.min())), max(0.0, float(values.max())))

    def joined(self, other: "Range") -> "Range":
        return Range(min(self.low, other.low), max(self.high, other.high))

    @property
    def scale(self) -> float:
        return float(f"{max((self.high - self.low) / _STEPS, 1e-9):.{_DIGITS}g}")

    @property
    def zero(self) -> int:
        return min(_STEPS, round(-self.low / self.scale))


def watched(graph: Graph) -> list[str]:
    """The values whose ranges `quantised` goes by. Raises UnknownOperator where the file is too old for it."""
    if graph.opset < LEAST_OPSET:
        raise UnknownOperator(f"ONNX: operator set {graph.opset}; 8 bits need {LEAST_OPSET} or later")
    convolutions = [node for node in graph.nodes if _is_candidate(graph, node)]
    around = [name for node in convolutions for name in (node.inputs[0], node.output)]
    after = [node.output for node in graph.nodes if node.op in _JOINED | _LOOKED_UP and node.inputs[0] in around]
    return list(dict.fromkeys((*around, *after)))


def candidates(graph: Graph, ranges: Mapping[str, Range]) -> list[str]:
    """The outputs of the convolutions that can be of 8 bits, where `ranges` has what goes in and what comes out."""
    found = [node for node in graph.nodes if _is_candidate(graph, node)]
    return [node.output for node in found if node.output in ranges and node.inputs[0] in ranges]


def quantised(graph: Graph, ranges: Mapping[str, Range], chosen: Collection[str]) -> bytes:
    """The ONNX file with those of the candidates in 8 bits, by their outputs."""
    made = replace(graph, nodes=[], constants=dict(graph.constants), taken=set(graph.taken))
    writer = _Writer(made, ranges, Counter(name for node in graph.nodes for name in node.inputs))
    for node in graph.nodes:
        writer.write(node, node.output in chosen)
    return made.encode()


def _is_candidate(graph: Graph, node: Node) -> bool:
    return node.op == "Conv" and all(name in graph.constants for name in node.inputs[1:])


@dataclass(slots=True)
class _Writer:
    """`used`: how often each value is. `rounded`: values that are on a scale -> their names there. `bare`: what comes
    out of convolutions of 8 bits, which ONNX Runtime joins only where nobody reads it but a scale."""

    graph: Graph
    ranges: Mapping[str, Range]
    used: Counter[str]
    rounded: dict[str, str] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)

    def write(self, node: Node, in_8_bits: bool) -> None:
        before = node.inputs[0] if node.inputs else ""
        if in_8_bits:
            self.graph.nodes.append(replace(node, inputs=(self._on_scale(before), *self._weights(node))))
            self.bare.add(node.output)
            return
        joins = node.op in _JOINED and before in self.bare and self.used[before] == 1
        looks_up = node.op in _LOOKED_UP and before in self.bare
        inputs = node.inputs if joins else tuple(map(self._closed, node.inputs))
        self.graph.nodes.append(replace(node, inputs=inputs))
        if joins or looks_up:
            self._on_scale(node.output)

    def _closed(self, value: str) -> str:
        """What a node reads: on its scale where it has one, or comes from a convolution of 8 bits."""
        return self._on_scale(value) if value in self.bare else self.rounded.get(value, value)

    def _on_scale(self, value: str) -> str:
        if value not in self.rounded:
            scale = self.graph.constant(f"{value}/scale", np.array(self.ranges[value].scale, np.float32))
            zero = self.graph.constant(f"{value}/zero", np.array(self.ranges[value].zero, np.uint8))
            level = self.graph.add("QuantizeLinear", (value, scale, zero), f"{value}/level")
            self.rounded[value] = self.graph.add("DequantizeLinear", (level, scale, zero), f"{value}/rounded")
        return self.rounded[value]

    def _weights(self, node: Node) -> list[str]:
        weights, *bias = (self.graph.constants[name] for name in node.inputs[1:])
        scales = np.maximum(np.abs(weights).max(axis=(1, 2, 3)) / _GREATEST_WEIGHT, 1e-9).astype(np.float32)
        levels = np.round(weights / scales[:, None, None, None]).astype(np.int8)
        names = [self._constant(f"{node.output}/weights", levels, scales)]
        if bias:
            steps = scales * np.float32(self.ranges[node.inputs[0]].scale)
            wide = np.clip(np.round(bias[0].astype(np.float64) / steps), -(2**31) + 1, 2**31 - 1)
            names.append(self._constant(f"{node.output}/bias", wide.astype(np.int32), steps))
        return names

    def _constant(self, name: str, levels: Array, scales: Array) -> str:
        """Whole numbers on a scale for each row."""
        level = self.graph.constant(f"{name}/level", levels)
        scale, zero = self.graph.constant(f"{name}/scale", scales), np.zeros(len(scales), levels.dtype)
        zeros = self.graph.constant(f"{name}/zero", zero)
        return self.graph.add("DequantizeLinear", (level, scale, zeros), f"{name}/rounded", axis=0)
