"""The report as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .statistics.proportions import wilson


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are text; `title` says what they hold."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """`notes`, a Markdown list, say how to read the tables."""

    title: str
    notes: str
    tables: Sequence[Table]


def markdown(sections: Iterable[Section]) -> str:
    return "\n".join(line for section in sections for line in _section(section))


def _section(section: Section) -> Iterable[str]:
    yield f"## {section.title}"
    yield ""
    yield section.notes
    for table in section.tables:
        yield from ("", f"**{table.title}**", "", _row(table.columns), "|" + "---|" * len(table.columns))
        yield from map(_row, table.rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def count(number: int) -> str:
    return f"{number:,}"


def percent(share: float) -> str:
    """With as many digits as the size of the figure asks for."""
    if share in {0.0, 1.0}:
        return f"{share:.0%}"
    return f"{share:.2%}" if share < 0.1 or share > 0.99 else f"{share:.1%}"


def interval(low: float, high: float) -> str:
    return f"[{100 * low:.3g}, {100 * high:.3g}]"


def share(part: int, whole: int) -> str:
    """A share of independent trials in per cent with its interval; a dash where there were none."""
    return f"{percent(part / whole)} {interval(*wilson(part, whole))}" if whole else "–"
