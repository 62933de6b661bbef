"""An ONNX graph under construction, and its bytes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.convert import encoding
from infra.convert.errors import Malformed, Unsafe
from infra.convert.wanted import Axes

OPSET, IR_VERSION = 13, 8
PRODUCER = "ownface"

MOST_BYTES = 1 << 29
"""Of all constants together. Sources may say that many are made of the same few bytes."""

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Node:
    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, encoding.Attribute]


@dataclass(slots=True)
class Graph:
    """Nodes in an order in which they can run. Every name is given once; those of `reserved` to outputs alone."""

    name: str
    reserved: frozenset[str]
    opset: int = OPSET
    inputs: list[tuple[str, Axes]] = field(default_factory=list)
    outputs: list[tuple[str, Axes]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    _bytes: int = 0

    def input(self, name: str, axes: Axes) -> str:
        self.inputs.append((self._take(name), axes))
        return name

    def constant(self, name: str, values: Array) -> str:
        """Its name, which is another where that one is reserved; so it is with `add`."""
        if values.dtype.name not in encoding.ELEMENTS:
            raise Malformed(f"{name} is of {values.dtype}, which is not written here")
        self._bytes += values.nbytes
        if self._bytes > MOST_BYTES:
            raise Unsafe("a model with more weights than any here has")
        name = self._take(name)
        self.constants[name] = values
        return name

    def shape(self, name: str, sizes: Iterable[int]) -> str:
        return self.constant(name, np.array(list(sizes), np.int64))

    def add(self, op: str, inputs: Iterable[str], output: str, **attributes: encoding.Attribute) -> str:
        output = self._take(output)
        self.nodes.append(Node(op, tuple(inputs), output, attributes))
        return output

    def output(self, name: str, axes: Axes, value: str) -> None:
        """A value under the name by which it is answered."""
        self.nodes.append(Node("Identity", (value,), name, {}))
        self.outputs.append((name, axes))

    def answers(self, name: str, axes: Axes) -> None:
        """That value is one that is answered."""
        self.outputs.append((name, axes))

    def encode(self) -> bytes:
        """A ModelProto. What no output needs is left out."""
        used = self._needed()
        nodes = [node for node in self.nodes if node.output in used]
        content = (
            b"".join(encoding.sized(1, encoding.node(n.op, n.inputs, n.output, n.attributes)) for n in nodes)
            + encoding.text(2, self.name)
            + b"".join(encoding.sized(5, encoding.tensor(n, v)) for n, v in self.constants.items() if n in used)
            + b"".join(encoding.sized(11, encoding.value_info(name, axes)) for name, axes in self.inputs)
            + b"".join(encoding.sized(12, encoding.value_info(name, axes)) for name, axes in self.outputs)
        )
        operators = encoding.text(1, "") + encoding.integer(2, self.opset)
        header = encoding.integer(1, IR_VERSION) + encoding.text(2, PRODUCER)
        return header + encoding.sized(7, content) + encoding.sized(8, operators)

    def _needed(self) -> set[str]:
        used = {name for name, _ in self.outputs}
        for node in reversed(self.nodes):
            if node.output in used:
                used.update(node.inputs)
        return used

    def _take(self, name: str) -> str:
        name = f"{name}/inner" if name in self.reserved else name
        if not name or name in self.taken:
            raise Malformed(f"a value without a name of its own: {name!r}")
        self.taken.add(name)
        return name
