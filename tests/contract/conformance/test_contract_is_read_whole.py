"""What the other tests here rest on: that the contract is read whole, and that misfits are seen."""

import re
from typing import Any

import pytest

from shared.wire.operation import VERSIONS
from tests.contract.conformance.errors.rows import ANY, rows
from tests.contract.conformance.schemas import misfits
from tests.contract.conformance.specification import API, declared, document

LIST = {"faceListId": "my-list", "name": "n"}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_as_many_operations_as_the_contract_counts(version: str) -> None:
    text = (API / "operations.md").read_text(encoding="utf-8")
    counted = re.search(rf"^\| [\w.]+ \| `{re.escape(version)}` \| (\d+) ", text, re.MULTILINE)
    assert counted
    assert len(declared(version)) == int(counted[1])


def test_every_line_of_the_tables_of_errors_is_read() -> None:
    text = (API / "errors-and-limits.md").read_text(encoding="utf-8")
    cells = set(re.findall(r"\| \**4\d\d\** \| (\w[^|]*) \|", text))
    written = {code for cell in cells for code in re.split(r" / |, ", cell.strip())}
    assert {code for row in rows() for code in row.codes} == written
    assert {row.group for row in rows()} >= {ANY, "Detect", "Identify", "Verify", "Find similar", "Group", "FaceList"}
    assert all(row.message for row in rows() if row.codes)


@pytest.mark.parametrize(
    ("value", "misfit"),
    [
        (LIST, ""),
        (LIST | {"userData": "u", "recognitionModel": "recognition_04"}, ""),
        (LIST | {"persistedFaces": [{"persistedFaceId": "943b1b24-2014-49b5-a1ed-62ae22ec4b2f"}]}, ""),
        ({"faceListId": "my-list"}, "'name' is a required property"),
        (LIST | {"etag": "7"}, "'etag' was unexpected"),
        (LIST | {"name": None}, "None is not of type 'string'"),
        (LIST | {"recognitionModel": "recognition_05"}, "'recognition_05' is not one of"),
        (LIST | {"faceListId": "My List"}, "does not match"),
        (LIST | {"persistedFaces": [{"persistedFaceId": "943B1B24-2014-49B5-A1ED-62AE22EC4B2F"}]}, "is not a 'uuid'"),
        (LIST | {"persistedFaces": [{}]}, "'persistedFaceId' is a required property"),
    ],
)
def test_misfit_of_an_answer_is_seen(value: dict[str, Any], misfit: str) -> None:
    found = misfits(value, {"$ref": "#/definitions/FaceList"}, document("v1.2"))
    assert len(found) == (1 if misfit else 0)
    assert misfit in "".join(found)


def test_null_fits_only_where_the_contract_says_so() -> None:
    assert misfits(None, {"type": "string", "x-nullable": True}, {}) == []
    assert misfits(None, {"type": "string", "x-nullable": False}, {}) != []


@pytest.mark.parametrize(("text", "fits"), [("2024-03-05T11:11:33.518Z", True), ("2024-03-05T11:11:33+00:00", False)])
def test_times_are_written_as_the_contract_writes_them(text: str, fits: bool) -> None:
    assert (misfits(text, {"type": "string", "format": "date-time"}, {}) == []) is fits
