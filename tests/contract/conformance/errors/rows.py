"""The contract's tables of errors, errors-and-limits.md sections 2 and 3, one row per message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.contract.conformance.specification import API

ANY = "any operation"
"""The group of section 2."""

NOTE = re.compile(r"\s*\([^()]*\)$")
"""What follows a message in brackets is about it, not of it."""

GAP = re.compile(r"\.\.\.|`<\w+>`")
"""What a message leaves open: the name of a thing that was just named, or an id."""


@dataclass(frozen=True, slots=True)
class Row:
    """`codes`: more than one where the table writes them in one line. `message`: may have gaps."""

    group: str
    status: int
    codes: tuple[str, ...]
    message: str

    def admits(self, message: str, code: str) -> bool:
        """Whether it is this row's message, its gaps filled; "(and Large ...)" makes a row that of large groups too."""
        if code.startswith("Large") and message.startswith("Large person group") and "Large" not in self.message:
            message = message.replace("Large person group", "Person group", 1)
        pattern = ".+".join(re.escape(part) for part in GAP.split(self.message))
        return re.fullmatch(pattern, message) is not None

    def __str__(self) -> str:
        return f"{self.group} {self.status} {self.message}"


@cache
def rows() -> tuple[Row, ...]:
    return tuple(_rows())


def _rows() -> Iterator[Row]:
    text = (API / "errors-and-limits.md").read_text(encoding="utf-8")
    _, _, general, groups, *_ = re.split(r"^## ", text, flags=re.MULTILINE)
    for status, code, message, *_ in _cells(general):
        yield from _split(ANY, status, code, message)
    for group, status, code, message in _cells(groups):
        yield from _split(group, status, code, message)


def _split(group: str, status: str, code: str, messages: str) -> Iterator[Row]:
    codes = () if code.startswith("(") else tuple(re.split(r" / |, ", code))  # "(not listed)"
    for message in messages.split(" / "):
        while NOTE.search(message):
            message = NOTE.sub("", message)
        gap = "" if message.endswith((".", '"')) else " ..."  # one ending for two messages
        yield Row(group, int(status.strip("*")), codes, message + gap if message else "")


def _cells(section: str) -> Iterator[list[str]]:
    """The lines of the first table, without its heading."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]
