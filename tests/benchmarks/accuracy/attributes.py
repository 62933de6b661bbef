"""What faces wear and show, against labels: of every attribute that the engine has, the classes it is judged by."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.engine.attributes import MEASURES

from .document import Section, Table, count, share
from .labels import PictureSet, Row
from .survey import Survey, box_of

NOTES = """\
- Of each labelled face that was found: how often the class is right, and what the others were taken for. A box in
  the labels picks the face that overlaps it most; without one it is the largest.
- *labels by eye* (`tests/labels`) are one look by one person, and classifiers were fitted to a part of them: for
  those, the figures here flatter; attributes.md has those of people that they have not seen. `yale` has five people
  in one room."""
_COLUMNS = ("attribute", "set", "class", "faces", "right", "right", "taken for")


@dataclass(frozen=True, slots=True)
class Reading:
    """How an attribute is judged: a column of attributes.csv, a field of Attributes, the class that a value of that
    says, and the class that a label means. Labels that are not named here are too unsure to judge by."""

    column: str
    field: str
    says: Callable[[Any], str]
    means: Mapping[str, str]


def _either(shown: bool, word: str) -> str:
    return word if shown else f"not {word}"


def _yes(word: str, yes: Sequence[str] = ("yes", "1"), no: Sequence[str] = ("no", "0")) -> dict[str, str]:
    return {**dict.fromkeys(yes, word), **dict.fromkeys(no, f"not {word}")}


_GLASSES = {"none": "noGlasses", "clear": "readingGlasses", "sunglasses": "sunglasses", "goggles": "swimmingGoggles"}
_MASKS = {**dict.fromkeys(("no", "0"), "noMask"), **dict.fromkeys(("yes", "1", "below_nose"), "faceMask")}
_FREE, _COVERED = ("free", "open", "closed"), ("covered",)

READINGS = (
    Reading("glasses", "glasses", str, _GLASSES),
    Reading("mask", "mask", lambda mask: str(mask.kind), _MASKS),
    Reading(
        "headwear",
        "accessories",
        lambda worn: _either("headwear" in {one.kind for one in worn}, "headwear"),
        _yes("headwear"),
    ),
    Reading(
        "forehead", "occlusion", lambda found: _either(found.forehead, "covered"), _yes("covered", _COVERED, _FREE)
    ),
    Reading("eyes", "occlusion", lambda found: _either(found.eye, "covered"), _yes("covered", _COVERED, _FREE)),
    Reading("mouth", "occlusion", lambda found: _either(found.mouth, "covered"), _yes("covered", _COVERED, _FREE)),
    Reading("smile", "smile", lambda smile: _either(smile >= 0.5, "smiling"), _yes("smiling")),
)

# What a `condition` of the Yale pictures says in the words of the labels by eye.
CONDITIONS = {
    "glasses": ("glasses", "clear"),
    "noglasses": ("glasses", "none"),
    "happy": ("smile", "yes"),
    "normal": ("smile", "no"),
    "sad": ("smile", "no"),
}


def served() -> list[Reading]:
    """Those whose attribute the engine measures."""
    return [reading for reading in READINGS if reading.field in MEASURES]


def fields() -> list[str]:
    """The fields of Attributes that are judged."""
    return list(dict.fromkeys(reading.field for reading in served()))


def section(sets: Sequence[PictureSet], survey: Survey) -> Section:
    rows = [row for reading in served() for one in sets for row in _rows(reading, one, survey)]
    judged = sorted(set(MEASURES) & set(fields()))
    others = ", ".join(sorted(set(MEASURES) - set(judged))) or "none"
    notes = f"{NOTES}\n- Measured but without labels to judge by: {others}."
    return Section("Attributes", notes, [Table("Accuracy by class", _COLUMNS, rows)])


def _rows(reading: Reading, one: PictureSet, survey: Survey) -> Iterator[list[str]]:
    outcomes = Counter(_outcomes(reading, one, survey))
    for truth in dict.fromkeys(reading.means.values()):
        said = Counter({other: number for (own, other), number in outcomes.items() if own == truth})
        faces, right = said.total(), said.pop(truth, 0)
        if faces:
            wrong = ", ".join(f"{other} {number}" for other, number in said.most_common()) or "–"
            yield [reading.column, one.name, truth, count(faces), count(right), share(right, faces), wrong]


def _outcomes(reading: Reading, one: PictureSet, survey: Survey) -> Iterator[tuple[str, str]]:
    """(true class, class that was said) of every labelled face that was found."""
    for row in one.rows("attributes"):
        truth = reading.means.get(_label(reading, row))
        found = survey.of(one, row["file"]).attributes.get(box_of(row))
        if truth and found:
            yield truth, reading.says(getattr(found, reading.field))


def _label(reading: Reading, row: Row) -> str:
    column, value = CONDITIONS.get(row.get("condition", ""), ("", ""))
    return value if column == reading.column else row.get(reading.column, "")
