"""The test pictures in `shared/faces` beside the checkout, by what their CSV files say about them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.engine import Face

ROOT = Path(__file__).resolve().parents[2] / "shared" / "faces"
LABELS = Path(__file__).with_name("labels")
_PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".bmp"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, of one person or of two."""

    first: Path
    second: Path
    same: bool


@dataclass(frozen=True, slots=True)
class BadInput:
    """A hostile or unusual file. `expect` is reject, accept, no_crash or zero_faces."""

    path: Path
    expect: str


@dataclass(frozen=True, slots=True)
class Label:
    """A face and what was seen of it by eye; tests/labels/README.md says what the words mean."""

    path: Path
    box: tuple[float, float, float, float]  # left, top, width, height
    glasses: str
    headwear: str
    mask: str
    smile: str
    forehead: str
    eyes: str
    mouth: str
    beard: str
    moustache: str


def folder(name: str) -> Path:
    """The folder of one source. Raises FileNotFoundError with what to do when the pictures are not there."""
    path = ROOT / name
    if not path.is_dir():
        raise FileNotFoundError(f"no test pictures in {path}: they belong in shared/faces beside the checkout")
    return path


def rows(name: str, table: str) -> Iterator[dict[str, str]]:
    """The rows of `table`.csv of one source."""
    with (folder(name) / f"{table}.csv").open(newline="") as file:
        yield from csv.DictReader(file)


def pairs(name: str) -> list[Pair]:
    """The pairs of one source."""
    base = folder(name)
    return [Pair(base / row["file_a"], base / row["file_b"], row["same"] == "1") for row in rows(name, "pairs")]


def identities(name: str) -> dict[Path, str]:
    """Picture -> person of one source."""
    base = folder(name)
    return {base / row["file"]: row["person"] for row in rows(name, "identities")}


def bad_inputs() -> list[BadInput]:
    """Every hostile or unusual file with what is expected of it."""
    base = folder("bad_inputs")
    return [BadInput(base / row["file"], row["expect"]) for row in rows("bad_inputs", "expected")]


@cache
def pictures(name: str = "") -> tuple[Path, ...]:
    """Every well-formed picture, of one source or of all, in the order of their paths."""
    found = (path for path in folder(name).rglob("*") if path.suffix.lower() in _PICTURES)
    return tuple(sorted(path for path in found if "bad_inputs" not in path.parts))


@cache
def labels() -> tuple[Label, ...]:
    """Every labelled face whose labels mean something, in the order of the file."""
    with (LABELS / "attributes.csv").open(newline="") as file:
        return tuple(_label(row) for row in csv.DictReader(file) if row.pop("decidable") == "yes")


def _label(row: dict[str, str]) -> Label:
    path = ROOT / row.pop("file")
    left, top, width, height = (float(row.pop(side)) for side in ("left", "top", "width", "height"))
    return Label(path, (left, top, width, height), **row)


def labelled(found: Sequence[Face], label: Label) -> Face:
    """The face, of those that were found in its picture, that was labelled: its middle is nearest."""
    left, top, width, height = label.box
    return min(found, key=lambda face: abs(_middle(face) - complex(left + width / 2, top + height / 2)))


def _middle(face: Face) -> complex:
    return complex(face.box.left + face.box.width / 2, face.box.top + face.box.height / 2)


def darker_skinned() -> tuple[Path, ...]:
    """Pictures of people of LFW with dark skin, as it was seen by eye."""
    with (LABELS / "darker_skin.csv").open(newline="") as file:
        return tuple(ROOT / row["file"] for row in csv.DictReader(file))
