"""`bench accuracy` in small, on the real engine and the test pictures: all sections are there, the figures are good."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.engine import Attributes, Box, Face
from shared.engine.attributes import MEASURES
from tests import faces, own_models
from tests.benchmarks.accuracy import attributes, detection, labels, report
from tests.benchmarks.accuracy.document import Section, Table, markdown

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sections() -> dict[str, Section]:
    return {section.title: section for section in report.sections(report.Options(small=True))}


def _table(section: Section, number: int = 0) -> list[dict[str, str]]:
    """Rows by column; of two columns with one name the later."""
    table = section.tables[number]
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _percent(cell: str) -> float:
    return float(cell.split("%")[0])


@pytest.mark.timeout(300)
def test_the_report_has_every_section_and_every_table_rows(sections: dict[str, Section]) -> None:
    assert list(sections) == [
        "Test data",
        "Detection",
        "Verification",
        "Identification, 1:N",
        "Grouping",
        "Attributes",
        "Landmarks",
        "Robustness of detection, synthetic",
    ]
    tables = {table.title: table for section in sections.values() for table in section.tables}
    too_small = {"What the confidence scale claims, and what is so"}
    assert {title for title, table in tables.items() if not table.rows} <= too_small
    lines = markdown(sections.values()).splitlines()
    assert sum(line.startswith("## ") for line in lines) == len(sections)
    assert sum(line.startswith("**") for line in lines) == len(tables)


def test_in_small_faces_are_found_and_none_made_up_in_empty_scenes(sections: dict[str, Section]) -> None:
    found = _table(sections["Detection"])
    exact = [row for row in found if row["truth"] in {"boxes", "noses"}]
    assert sum(int(row["found"]) for row in exact) >= 0.95 * sum(int(row["faces"]) for row in exact) > 60
    assert [row["made up"] for row in found if row["truth"] == "no face"].count("0") >= 2
    whole = _table(sections["Detection"], 2)[-1]
    assert int(whole["without a face"]) <= 0.03 * int(whole["pictures"])


def test_in_small_people_are_told_apart_and_rates_without_data_are_not_given(sections: dict[str, Section]) -> None:
    rates, verdicts = (_table(sections["Verification"], number) for number in (0, 1))
    assert max(_percent(row["EER"]) for row in rates) <= 3
    assert {row["at 1e-5"] for row in rates} == {"– (300,000)"}
    assert sum(int(row["called identical"]) for row in verdicts) == 0
    assert sum(int(row["called different"]) for row in verdicts) <= 0.05 * sum(int(row["genuine"]) for row in verdicts)


def test_in_small_people_are_identified_and_grouped(sections: dict[str, Section]) -> None:
    first = _table(sections["Identification, 1:N"])[0]
    assert first["threshold"] == "none: rank 1"
    assert _percent(first["hit rate"]) >= 90
    assert min(float(row["F"]) for row in _table(sections["Grouping"])) >= 0.95


def test_every_attribute_is_in_the_report_with_its_classes_or_as_one_without_labels(
    sections: dict[str, Section],
) -> None:
    section = sections["Attributes"]
    judged = {row["attribute"] for row in _table(section)}
    assert {reading.column for reading in attributes.served()} == judged
    unlabelled = section.notes.rpartition("judge by: ")[2].rstrip(".").split(", ")
    assert sorted([*attributes.fields(), *unlabelled]) == sorted(MEASURES)


def test_landmarks_are_near_their_labels(sections: dict[str, Section]) -> None:
    clear = [row for row in _table(sections["Landmarks"]) if "and more" in row["point"]]
    assert clear
    assert max(float(row["median, %"]) for row in clear) < 12


def test_a_folder_of_an_owner_with_the_same_labels_is_measured(tmp_path: Path) -> None:
    for source, name in (("AJ_Cook_0001", "one"), ("Aaron_Sorkin_0001", "two"), ("Aaron_Sorkin_0002", "three")):
        Image.open(faces.folder("lfw") / "images" / f"{source}.jpg").save(tmp_path / f"{name}.png")
    (tmp_path / "identities.csv").write_text("file,person\none.png,a\ntwo.png,b\nthree.png,b\n", "utf-8")
    (tmp_path / "attributes.csv").write_text("file,smile\none.png,no\ntwo.png,yes\n", "utf-8")
    found = {section.title: section for section in report.sections(report.Options(pictures=tmp_path))}
    (row,) = _table(found["Verification"])
    assert (row["persons"], row["genuine"], row["impostor"]) == ("2", "1", "2")
    assert [row["class"] for row in _table(found["Attributes"])] == ["smiling", "not smiling"]


def test_a_recogniser_of_an_owner_is_measured_by_its_own_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = own_models.calibrate(own_models.make(tmp_path / "own"))
    monkeypatch.setenv("FACE_OWN_MODELS_DIR", str(own))
    chosen = report.Options(pictures=faces.folder("facenet_pytorch"), recogniser="arc", small=True)
    assert "(recogniser `arc`)" in report.sections(chosen)[0].notes


def test_a_folder_without_labels_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no labels: none of identities\.csv"):
        labels.read(tmp_path)


def _face(left: float, top: float, side: float) -> Face:
    return Face(Box(left, top, side, side), np.zeros((5, 2), np.float32), 0.9)


def test_a_box_is_found_once_and_what_is_left_over_was_made_up() -> None:
    rows = [
        {"left": "0", "top": "0", "width": "10", "height": "10"},
        {"left": "50", "top": "0", "width": "30", "height": "30"},
    ]
    seen = [_face(1, 1, 9), _face(2, 2, 9), _face(90, 90, 9)]
    outcome = detection.against_boxes(rows, seen)
    assert (outcome.faces, outcome.found, outcome.made_up) == (2, 1, 2)
    assert outcome.sizes == ((10.0, True), (30.0, False))


def test_a_nose_is_found_by_the_box_that_holds_it_most_centrally() -> None:
    seen = [_face(0, 0, 20), _face(12, 0, 20), _face(60, 60, 5)]
    outcome = detection.against_noses([{"x": "10", "y": "10"}, {"x": "19", "y": "10"}, {"x": "40", "y": "40"}], seen)
    assert (outcome.faces, outcome.found, outcome.made_up) == (3, 2, 1)


@pytest.mark.parametrize(
    ("column", "value", "label", "right"),
    [("smile", 0.5, "yes", True), ("smile", 0.4, "1", False), ("smile", 0.4, "no", True)],
)
def test_an_attribute_is_right_where_value_and_label_mean_one_class(
    column: str, value: float, label: str, right: bool
) -> None:
    reading = next(reading for reading in attributes.READINGS if reading.column == column)
    said = reading.says(getattr(Attributes(smile=value), reading.field))
    assert (said == reading.means[label]) is right


def test_a_table_is_markdown() -> None:
    text = markdown([Section("Title", "- How to read it.", [Table("What", ("a", "b"), [("1", "2"), ("3", "4")])])])
    assert text == "## Title\n\n- How to read it.\n\n**What**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"
