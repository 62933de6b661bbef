"""Places of eyes, nose and mouth against labelled ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.engine import Face, named_landmarks

from .document import Section, Table, count, percent
from .labels import PictureSet, Row
from .statistics.matching import one_to_one
from .survey import Seen, Survey

FAILED = 0.1
"""Of the distance between the eyes: from here on a point counts as missed, as in the 300-W and AFLW reports."""

CLEAR = 24
"""Pixels between the eyes, from which on a label's rounding is no more than 2 per cent."""

# Column prefix of landmarks.csv -> the named points whose middle is meant.
POINTS: Mapping[str, tuple[str, ...]] = {
    "left_eye": ("pupilLeft",),
    "right_eye": ("pupilRight",),
    "nose": ("noseTip",),
    "mouth_left": ("mouthLeft",),
    "mouth_center": ("upperLipBottom", "underLipTop"),
    "mouth_right": ("mouthRight",),
}

NOTES = f"""\
- Distance from the labelled point divided by the distance between the eyes: of the labels in landmarks.csv, of the
  found pupils in noses.csv. *failed*: more than {FAILED:.0%}. The faces are those found, one to one, where a
  detected box holds the middle of the labelled points.
- Labels in cmu_mit are whole pixels on faces whose eyes are often less than 20 pixels apart: one pixel is 5 per
  cent there. Its nose is a point below the tip, and noses.csv was clicked roughly; so read the rows of the eyes."""
_COLUMNS = ("set", "point", "faces", "eyes apart, px (median)", "median, %", "90th percentile, %", "failed")


@dataclass(frozen=True, slots=True, eq=False)
class Error:
    """One point of one face: how far off, and the distance between the eyes, in pixels."""

    point: str
    off: float
    eyes: float


def section(sets: Sequence[PictureSet], survey: Survey) -> Section:
    rows = []
    for one in sets:
        errors = [*_six(one, survey), *_noses(one, survey)]
        names = dict.fromkeys(error.point for error in errors)
        rows += [_row(one.name, name, [error for error in errors if error.point == name]) for name in names]
        if len(names) > 1:
            rows.append(_row(one.name, "all", errors))
        if clear := [error for error in errors if error.eyes >= CLEAR]:
            rows.append(_row(one.name, f"all, eyes {CLEAR} px apart and more", clear))
    return Section("Landmarks", NOTES, [Table("Error relative to the distance between the eyes", _COLUMNS, rows)])


def _row(name: str, point: str, errors: Sequence[Error]) -> list[str]:
    relative = np.array([error.off / error.eyes for error in errors])
    median, ninth = np.percentile(relative, (50, 90))
    apart = float(np.median([error.eyes for error in errors]))
    return [
        *(name, point.replace("_", " "), count(len(errors)), f"{apart:.0f}"),
        *(f"{100 * median:.1f}", f"{100 * ninth:.1f}", percent(float(np.mean(relative > FAILED)))),
    ]


def _six(one: PictureSet, survey: Survey) -> Iterator[Error]:
    for file in dict.fromkeys(row["file"] for row in one.rows("landmarks")):
        rows = [row for row in one.rows("landmarks") if row["file"] == file]
        truths = [{name: _point(row, name) for name in POINTS} for row in rows]
        seen = survey.of(one, file)
        centres = [np.mean(list(truth.values()), axis=0) for truth in truths]
        for at, face in _pairs(centres, seen.faces).items():
            yield from _errors(truths[at], seen, face)


def _errors(truth: Mapping[str, NDArray[np.float64]], seen: Seen, face: int) -> Iterator[Error]:
    assert seen.meshes is not None
    found = named_landmarks(seen.meshes[face])
    eyes = float(np.linalg.norm(truth["right_eye"] - truth["left_eye"]))
    for name, meant in POINTS.items():
        place = np.mean([found[own] for own in meant], axis=0)
        yield Error(name, float(np.linalg.norm(place - truth[name])), eyes)


def _noses(one: PictureSet, survey: Survey) -> Iterator[Error]:
    for file in dict.fromkeys(row["file"] for row in one.rows("noses")):
        points = [np.array((float(row["x"]), float(row["y"]))) for row in one.rows("noses") if row["file"] == file]
        seen = survey.of(one, file)
        for at, face in _pairs(points, seen.faces).items():
            assert seen.meshes is not None
            found = {name: np.array(place) for name, place in named_landmarks(seen.meshes[face]).items()}
            eyes = float(np.linalg.norm(found["pupilRight"] - found["pupilLeft"]))
            yield Error("nose", float(np.linalg.norm(found["noseTip"] - points[at])), max(eyes, 1e-6))


def _pairs(points: Sequence[NDArray[np.float64]], faces: Sequence[Face]) -> dict[int, int]:
    """Labelled point -> face whose box holds it, the most central first."""
    fit = [[_centrality(point, face) for face in faces] for point in points]
    return one_to_one(np.array(fit, np.float64).reshape(len(points), len(faces)), 1e-6)


def _centrality(point: NDArray[np.float64], face: Face) -> float:
    box = face.box
    off = np.abs(point - (box.left + box.width / 2, box.top + box.height / 2)) / (box.width, box.height)
    return float(max(1 - 2 * off.max(), 0.0))


def _point(row: Row, name: str) -> NDArray[np.float64]:
    return np.array((float(row[f"{name}_x"]), float(row[f"{name}_y"])))
