"""Channels last to channels first: each value in the order of axes in which it is needed.

TensorFlow keeps pictures as [face, y, x, channel], ONNX as [face, channel, y, x]. What convolves is written channels
first; a transposition stands only where a value is needed in the other order too.
"""

from dataclasses import dataclass, field

from infra.convert.errors import Malformed
from infra.convert.graph import Graph

FIRST, LAST = (0, 3, 1, 2), (0, 2, 3, 1)
CHANNELS_LAST, CHANNELS_FIRST = "/channels_last", "/channels_first"


@dataclass(slots=True)
class Layouts:
    """Values by the source's names. One that is no picture has its axes as in the source, which is `last`."""

    graph: Graph
    _first: dict[str, str] = field(default_factory=dict)
    _last: dict[str, str] = field(default_factory=dict)

    def put(self, value: str, name: str, *, first: bool) -> None:
        """That the graph's `name` is the source's `value`."""
        (self._first if first else self._last)[value] = name

    def first(self, value: str) -> str:
        """Its name in the graph, channels first. Raises Malformed where it was not computed before."""
        if value not in self._first:
            last = self._known(self._last, value)
            self._first[value] = self.graph.add("Transpose", [last], value + CHANNELS_FIRST, perm=FIRST)
        return self._first[value]

    def last(self, value: str) -> str:
        """As `first`, in the source's own order."""
        if value not in self._last:
            first = self._known(self._first, value)
            self._last[value] = self.graph.add("Transpose", [first], value + CHANNELS_LAST, perm=LAST)
        return self._last[value]

    def either(self, value: str) -> tuple[str, bool]:
        """Its name in an order that it is in already, channels first if it is in both; and whether it is that."""
        if value in self._first:
            return self._first[value], True
        return self._known(self._last, value), False

    @staticmethod
    def _known(names: dict[str, str], value: str) -> str:
        if value not in names:
            raise Malformed(f"{value} is used before it is there")
        return names[value]
