"""Faces found, missed and made up."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from shared.engine import Box, Face

from .document import Section, Table, count, percent, share
from .labels import PictureSet
from .statistics.matching import one_to_one
from .survey import Survey, box_of, overlap

SIZES = (0, 16, 24, 36, 64, 128, 100_000)

NOTES = """\
- *boxes*: a face is found where its labelled box and a detected one each hold the other's centre, one to one, the
  greatest overlap first. *noses*: where a detected box holds the labelled point, one to one. *counts*: as many as
  were found and labelled, which is the most that recall can be; *at least*: a lower bound was counted by eye.
- *made up*: found where no label is. Labels are not complete (small and turned faces in cmu_mit and dlib are often
  not labelled), so it is an upper bound, and precision a lower one.
- A person is enrolled with one picture, so failure to enrol is failure to acquire.
- Intervals: Wilson, 95 per cent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture against its labels: `found` of `faces`, and how many more there were. `sizes` of boxes found (True)
    or missed."""

    faces: int
    found: int
    made_up: int
    sizes: tuple[tuple[float, bool], ...] = ()


def section(sets: Sequence[PictureSet], survey: Survey) -> Section:
    found = [(one, kind, outcomes) for one in sets for kind, outcomes in _by_truth(one, survey) if outcomes]
    return Section(
        "Detection",
        NOTES,
        [
            Table("Faces found", _FOUND, [_row(one.name, kind, outcomes) for one, kind, outcomes in found]),
            Table("Recall by size: the root of the area of the labelled box, in pixels", _SIZED, list(_sized(found))),
            Table(
                "Failure to acquire and to enrol",
                _ACQUIRED,
                list(_acquired(sets, survey)),
            ),
        ],
    )


_FOUND = ("set", "truth", "pictures", "faces", "found", "recall", "made up", "a picture", "precision")
_SIZED = ("size", "faces", "found", "recall")
_ACQUIRED = ("set", "pictures", "without a face", "rate")


def _row(name: str, kind: str, outcomes: Sequence[Outcome]) -> list[str]:
    faces, found, made_up = (
        sum(values) for values in zip(*((o.faces, o.found, o.made_up) for o in outcomes), strict=True)
    )
    unknown = kind == "at least"
    return [
        *(name, kind, count(len(outcomes)), count(faces), count(found), share(found, faces)),
        *("–" if unknown else count(made_up), "–" if unknown else f"{made_up / len(outcomes):.2f}"),
        "–" if unknown or not found + made_up else percent(found / (found + made_up)),
    ]


def _by_truth(one: PictureSet, survey: Survey) -> Iterator[tuple[str, list[Outcome]]]:
    """Each picture is judged by the most exact labels that it has."""
    boxes, noses = _grouped(one, "boxes"), _grouped(one, "noses")
    yield "boxes", [against_boxes(boxes[file], survey.of(one, file).faces) for file in boxes]
    yield "noses", [against_noses(noses[file], survey.of(one, file).faces) for file in noses]
    counted = [row for row in one.rows("counts") if row["file"] not in boxes and row["file"] not in noses]
    for kind, column, empty in (
        ("no face", "faces", True),
        ("counts", "faces", False),
        ("at least", "min_faces", False),
    ):
        rows = [row for row in counted if row.get(column) and (int(row[column]) == 0) is empty]
        yield kind, [_counted(int(row[column]), len(survey.of(one, row["file"]).faces)) for row in rows]


def _grouped(one: PictureSet, table: str) -> dict[str, list[dict[str, str]]]:
    files: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in one.rows(table):
        files[row["file"]].append(row)
    return files


def against_boxes(rows: Sequence[dict[str, str]], faces: Sequence[Face]) -> Outcome:
    truth = [box for row in rows if (box := box_of(row))]
    pairs = one_to_one(_fit([[_same(box, face.box) for face in faces] for box in truth], len(faces)), 1e-6)
    sizes = tuple((sqrt(box.area), at in pairs) for at, box in enumerate(truth))
    return Outcome(len(truth), len(pairs), len(faces) - len(pairs), sizes)


def against_noses(rows: Sequence[dict[str, str]], faces: Sequence[Face]) -> Outcome:
    points = [(float(row["x"]), float(row["y"])) for row in rows]
    fit = _fit([[_middle(face.box, *point) for face in faces] for point in points], len(faces))
    pairs = one_to_one(fit, 1e-6)
    return Outcome(len(points), len(pairs), len(faces) - len(pairs))


def _counted(faces: int, found: int) -> Outcome:
    return Outcome(faces, min(faces, found), max(found - faces, 0))


def _fit(rows: list[list[float]], columns: int) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(len(rows), columns)


def _same(box: Box, other: Box) -> float:
    return overlap(box, other) if _holds(box, *_centre(other)) and _holds(other, *_centre(box)) else 0.0


def _centre(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.left + box.width and box.top <= y <= box.top + box.height


def _middle(box: Box, x: float, y: float) -> float:
    """1 where the point is the box's centre, 0 outside."""
    across, down = _centre(box)
    return max(1 - max(abs(x - across) / box.width, abs(y - down) / box.height) * 2, 0.0)


def _sized(found: Sequence[tuple[PictureSet, str, list[Outcome]]]) -> Iterator[list[str]]:
    every = [own for _, _, outcomes in found for outcome in outcomes for own in outcome.sizes]
    for low, high in itertools.pairwise(SIZES):
        hits = [hit for size, hit in every if low <= size < high]
        if hits:
            name = f"{low} and more" if high == SIZES[-1] else f"{low} to {high}"
            yield [name, count(len(hits)), count(sum(hits)), share(sum(hits), len(hits))]


def _acquired(sets: Sequence[PictureSet], survey: Survey) -> Iterator[list[str]]:
    total, failed = 0, 0
    for one in sets:
        shown = dict.fromkeys([*one.persons, *(row["file"] for row in one.rows("attributes") if not box_of(row))])
        missed = sum(not survey.of(one, file).faces for file in shown)
        if shown:
            yield [one.name, count(len(shown)), count(missed), share(missed, len(shown))]
        total, failed = total + len(shown), failed + missed
    yield ["all", count(total), count(failed), share(failed, total)]
