"""docs/privacy.md is whole: no operation, no place where something is stored, no kind of expiry is missing."""

import re
from pathlib import Path

import function_app  # noqa: F401 fills the table of operations
from shared.people.retention_report import POLICIES
from shared.store.work_queue import POISON, QUEUE
from shared.wire.operation import TABLE
from tests.privacy_page import operation_rows, stored_rows

ROOT = Path(__file__).parents[1]


def stores() -> set[str]:
    """The tables, containers and queues that the code names, and the container of models, which a setting names."""
    sources = "".join(path.read_text() for path in (ROOT / "shared/store").glob("*.py"))
    tables = re.findall(r'\.table\("(\w+)"\)', sources)
    containers = re.findall(r'^CONTAINER = "([\w-]+)"', sources, re.MULTILINE)
    return {*tables, *containers, QUEUE, POISON, "models"}


def test_every_operation_stands_in_the_table_once() -> None:
    told = [name for row in operation_rows() for name in row.operations]
    assert sorted(told) == sorted(TABLE)


def test_every_row_of_the_table_names_a_test_and_what_it_changes_is_a_place_that_there_is() -> None:
    for row in operation_rows():
        assert row.tests, row.operations
        assert all(name.startswith(("test_", "tests/")) for name in row.tests), row.tests
        assert row.changes | row.sometimes <= stores(), row.operations


def test_every_place_and_every_kind_of_expiry_stands_in_the_table_of_what_is_stored() -> None:
    """That the sweep knows the same kinds: test_every_kind_that_the_sweep_knows_is_in_the_report."""
    rows = stored_rows()
    assert {name for places, _, _ in rows for name in places} == stores()
    assert {kind for _, kinds, _ in rows for kind in kinds} == set(POLICIES)
    assert all(tests for _, _, tests in rows)
