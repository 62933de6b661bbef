"""The table of operations against the contract's own OpenAPI files."""

import json
import re
import runpy
from pathlib import Path

import pytest

import function_app  # noqa: F401 fills the table
from shared.wire.authentication import PUBLIC
from shared.wire.operation import TABLE, VERSIONS, Operation

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT.parent / "shared" / "api" / "openapi"
FACE_OPERATIONS = [declared for declared in TABLE.values() if declared.route.startswith("face/")]


def contract_paths(version: str) -> set[tuple[str, str]]:
    """(method, path) pairs of one version, path parameters without their names, overload notation removed."""
    document = json.loads((CONTRACT / f"face-{version}.json").read_text(encoding="utf-8"))
    paths = {**document["paths"], **document.get("x-ms-paths", {})}
    return {(method.upper(), anonymous(path)) for path, item in paths.items() for method in item}


def anonymous(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path.split("?")[0]).lower()


@pytest.mark.parametrize("declared", FACE_OPERATIONS, ids=lambda declared: declared.name)
def test_every_operation_stands_in_the_contract_of_each_version_it_serves(declared: Operation) -> None:
    path = anonymous(declared.route.removeprefix("face/{version}"))
    for version in declared.versions:
        assert (declared.method, path) in contract_paths(version)


@pytest.mark.parametrize("declared", FACE_OPERATIONS, ids=lambda declared: declared.name)
def test_every_operation_names_the_contracts_operations_that_it_covers(declared: Operation) -> None:
    document = (CONTRACT / "face-v1.2.json").read_text(encoding="utf-8")
    assert declared.covers
    assert all(f'Operations_{name}"' in document for name in declared.covers)


def test_every_face_operation_is_guarded_by_a_data_action() -> None:
    assert [declared.name for declared in FACE_OPERATIONS if declared.action == PUBLIC] == []


def test_public_operations_are_exactly_those_about_the_service_itself() -> None:
    public = {declared.route for declared in TABLE.values() if declared.action == PUBLIC}
    assert public == {"healthz", "readyz", "openapi.json"}


def test_every_http_function_is_an_operation_or_the_last_resort() -> None:
    app = runpy.run_path(str(ROOT / "function_app.py"))["app"]  # afresh: an app can be indexed only once
    names = [function.get_function_name() for function in app.get_functions() if function.is_http_function()]
    assert sorted(names) == sorted([*TABLE, "ZUnknownPath"])
    assert max(names) == "ZUnknownPath"  # the host matches in this order


def test_all_six_versions_are_served() -> None:
    assert set(VERSIONS) == {path.stem.removeprefix("face-") for path in CONTRACT.glob("face-*.json")}
