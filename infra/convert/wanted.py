"""What a converted model must be like: names and shapes, as the manifest has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.convert.errors import WrongShape

Axes = tuple[int | str, ...]  # a fixed size, or the name of one that varies

BATCH = "N"
"""The name of the batch axis in every file that is written here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`inputs` and `outputs`: by our names. `names`: the source's name -> ours, where it is another."""

    inputs: Mapping[str, Axes]
    outputs: Mapping[str, Axes]
    names: Mapping[str, str]

    def input(self, source: str) -> tuple[str, Axes]:
        """Our name and axes. Raises WrongShape."""
        return self._find("input", source, self.inputs)

    def output(self, source: str) -> tuple[str, Axes]:
        """Our name and axes. Raises WrongShape."""
        return self._find("output", source, self.outputs)

    def check_complete(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Raises WrongShape unless each of ours is there once."""
        for kind, found, wanted in (("inputs", inputs, self.inputs), ("outputs", outputs, self.outputs)):
            if sorted(found) != sorted(wanted):
                raise WrongShape(f"{kind} {', '.join(wanted)} are wanted; there are {', '.join(found)}")

    def _find(self, kind: str, source: str, known: Mapping[str, Axes]) -> tuple[str, Axes]:
        name = self.names.get(source, source)
        if name not in known:
            raise WrongShape(f"{kind} {source!r} is not one of {', '.join(known)}")
        return name, known[name]


def with_batch(axes: Axes) -> Axes:
    """The same with the first axis, where it varies, named as this package names it."""
    return (BATCH, *axes[1:]) if isinstance(axes[0], str) else axes
