"""What docs/privacy.md says, as its tests read it."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/privacy.md"
OPERATIONS, STORED = "What each operation does with data", "What is stored, and where"
ANNOUNCED = "expiries"
"""Where a process announces the chain that it begins in the audit trail, once a day: whichever call is the first."""


@dataclass(frozen=True, slots=True)
class Row:
    """`changes`: what of storage these operations change. `sometimes`: what they change on the condition that the
    page names."""

    operations: tuple[str, ...]
    changes: frozenset[str]
    sometimes: frozenset[str]
    tests: tuple[str, ...]

    def misfits(self, seen: Mapping[str, Set[str]]) -> list[str]:
        """What was seen of the operations, by name, that the row does not say, and the other way round."""
        allowed = self.changes | self.sometimes | ({ANNOUNCED} if "audit" in self.changes else set())
        found = {name: seen[name] for name in self.operations if name in seen}
        wrong = [f"{name} changes {sorted(some - allowed)}" for name, some in found.items() if some - allowed]
        missing = self.changes - set().union(*found.values())
        if missing and len(found) == len(self.operations):
            wrong.append(f"{', '.join(found)} do not change {sorted(missing)}")
        return wrong


def operation_rows() -> list[Row]:
    rows = [cells for cells in _table_cells(OPERATIONS) if cells[0].startswith("`")]
    return [Row(tuple(_names(one)), *_changes(changes), tuple(_names(tests))) for one, _, _, changes, _, tests in rows]


def stored_rows() -> list[tuple[list[str], list[str], list[str]]]:
    """Of each row what holds it (tables, containers, queues), the kinds of expiry that announce it, the tests."""
    rows = [cells for cells in _table_cells(STORED) if cells[0].startswith("`")]
    return [(_names(cells[0]), _names(cells[4]), _names(cells[5])) for cells in rows]


def _table_cells(heading: str) -> list[list[str]]:
    text = PAGE.read_text(encoding="utf-8")
    section = re.split(r"^## ", text[text.index(f"## {heading}") + 3 :], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def _changes(text: str) -> tuple[frozenset[str], frozenset[str]]:
    always, _, sometimes = text.partition("(")
    return frozenset(_names(always)), frozenset(_names(sometimes))


def _names(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)
