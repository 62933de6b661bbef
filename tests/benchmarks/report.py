"""Tables as Markdown."""

from collections.abc import Iterable, Sequence

MEGABYTE = 1024 * 1024


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Each row is printed as soon as there is one."""
    print(f"\n{title}:\n")
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(map(_text, row))} |", flush=True)


def ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}"


def _text(cell: object) -> str:
    """Of a number the digits that mean something."""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 10 else f"{cell:.1f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
