"""One value of a JSON document that knows where it stands, so that a mistake is reported by its place."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from .errors import ManifestInvalid


@dataclass(frozen=True, slots=True)
class Entry:
    """A JSON value and its path. Every accessor raises ManifestInvalid, naming the path, when the value is not that."""

    value: object
    path: str

    def wrong(self, expected: str) -> ManifestInvalid:
        return ManifestInvalid(f"model manifest: {self.path}: expected {expected}")

    def __getitem__(self, key: str) -> "Entry":
        members = self.members()
        if key not in members:
            raise ManifestInvalid(f"model manifest: {self.path}.{key}: is missing")
        return members[key]

    def get(self, key: str, default: object) -> "Entry":
        """The member, or an entry of the default where there is none."""
        return self.members().get(key, Entry(default, f"{self.path}.{key}"))

    def members(self) -> dict[str, "Entry"]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return {key: Entry(value, f"{self.path}.{key}") for key, value in self.value.items()}

    def items(self) -> list["Entry"]:
        if not isinstance(self.value, list) or not self.value:
            raise self.wrong("a list with at least one element")
        return [Entry(value, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def text(self, pattern: str = ".+") -> str:
        if not isinstance(self.value, str) or not re.fullmatch(pattern, self.value):
            raise self.wrong(f"text like {pattern}")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def count(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            raise self.wrong("a whole number from 1")
        return self.value

    def number(self, low: float = float("-inf"), high: float = float("inf")) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        if not low <= self.value <= high:
            raise self.wrong(f"a number from {low} to {high}")
        return float(self.value)

    def numbers(self, length: int, low: float = float("-inf")) -> tuple[float, ...]:
        if len(self.items()) != length:
            raise self.wrong(f"{length} numbers")
        return tuple(item.number(low) for item in self.items())

    def one_of(self, names: Collection[str]) -> str:
        """A text that `names` contains."""
        if not isinstance(self.value, str) or self.value not in names:
            raise self.wrong("one of " + ", ".join(sorted(names)))
        return self.value
