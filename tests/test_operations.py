"""The table of operations against the contract's own OpenAPI files."""

import json
import re
import runpy
from itertools import combinations
from pathlib import Path

import pytest

import function_app  # noqa: F401 fills the table
from shared.access.actions import PUBLIC, SESSION
from shared.wire.operation import TABLE, VERSIONS, Operation

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT.parent / "shared" / "api" / "openapi"
FACE_OPERATIONS = [declared for declared in TABLE.values() if declared.route.startswith("face/")]
OURS = {
    "StartLivenessAttempt",
    "GuideLivenessClient",
    "EndLivenessAttempt",
    "CheckLiveness",
    "CheckLivenessWithVerify",
}
"""What performs liveness: Microsoft does not publish how its clients do (docs/liveness-protocol.md)."""
OF_CONTRACT = [
    declared for declared in FACE_OPERATIONS if declared.name not in OURS and "/privacy/" not in declared.route
]
"""But for what is there for those on whom something is held: Microsoft's service has no such operations."""

FIRST_NAMES = {
    "detectliveness-sessions": "detectliveness/singlemodal/sessions",
    "detectlivenesswithverify-sessions": "detectlivenesswithverify/singlemodal/sessions",
    "sessionimages": "session/sessionimages",
}
"""What the later routes of liveness sessions are called in the previews."""
VERBS = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}


def contract(version: str) -> dict[str, tuple[str, str]]:
    """operationId without its "...Operations_" -> method and path, the path without the names of its parameters and
    without the notation of overloads."""
    document = json.loads((CONTRACT / f"face-{version}.json").read_text(encoding="utf-8"))
    paths = {**document["paths"], **document.get("x-ms-paths", {})}
    return {
        re.sub(r"^\w+Operations_", "", operation["operationId"]): (method.upper(), anonymous(path))
        for path, item in paths.items()
        for method, operation in item.items()
    }


def anonymous(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path.split("?")[0]).lower()


def place(declared: Operation) -> tuple[str, str]:
    return declared.method, anonymous(declared.route.removeprefix("face/{version}"))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_operation_of_the_contract_is_covered_by_exactly_one_of_ours_at_its_place(version: str) -> None:
    asked = contract(version)
    served = [
        (name, place(declared))
        for declared in FACE_OPERATIONS
        if version in declared.versions
        for name in declared.covers
        if name in asked
    ]
    assert sorted(served) == sorted(asked.items())


@pytest.mark.parametrize("declared", OF_CONTRACT, ids=lambda declared: declared.name)
def test_no_operation_is_served_beyond_the_contract(declared: Operation) -> None:
    for version in declared.versions:
        assert place(declared) in contract(version).values(), version
    known = {name for version in declared.versions for name in contract(version)}
    assert declared.covers
    assert set(declared.covers) <= known


@pytest.mark.parametrize("declared", OF_CONTRACT, ids=lambda declared: declared.name)
def test_parameters_of_the_path_are_named_as_in_the_contract(declared: Operation) -> None:
    document = json.loads((CONTRACT / f"face-{declared.versions[-1]}.json").read_text(encoding="utf-8"))
    paths = {**document["paths"], **document.get("x-ms-paths", {})}
    route = declared.route.removeprefix("face/{version}")
    assert route.lower() in {path.split("?")[0].lower() for path in paths}


def test_every_face_operation_is_guarded_by_a_data_action() -> None:
    assert [declared.name for declared in FACE_OPERATIONS if declared.action == PUBLIC] == []


def test_session_tokens_open_exactly_the_routes_of_a_sessions_client() -> None:
    opened = {declared.route for declared in TABLE.values() if declared.action == SESSION}
    assert opened == {f"face/{{version}}/session/{path}" for path in ("start", "guide", "attempt/end")}


@pytest.mark.parametrize("declared", FACE_OPERATIONS, ids=lambda declared: declared.name)
def test_data_action_is_the_path_and_what_the_method_does(declared: Operation) -> None:
    """Azure's scheme, so that roles made for it carry over. Its one exception: adding a face is a write. The later
    routes of liveness keep the actions of the first, so that one role is for both."""
    if declared.action == SESSION:
        return
    literals = [segment.lower() for segment in declared.route.split("/")[2:] if not segment.startswith("{")]
    if "session" not in literals:
        literals = [word for segment in literals for word in FIRST_NAMES.get(segment, segment).split("/")]
    verb = "write" if declared.method == "POST" and literals[-1] == "persistedfaces" else VERBS[declared.method]
    assert declared.action == "/".join([*literals, verb])


def test_public_operations_are_exactly_those_about_the_service_itself_and_files_without_a_secret() -> None:
    public = {declared.route for declared in TABLE.values() if declared.action == PUBLIC}
    files = {"liveness", "liveness/page/{file}", "liveness/ui/{file}", "retention", "retention/page/{file}"}
    assert public == {"healthz", "readyz", "openapi.json", *files}


def test_every_http_function_is_an_operation_or_the_last_resort() -> None:
    app = runpy.run_path(str(ROOT / "function_app.py"))["app"]  # afresh: an app can be indexed only once
    names = [function.get_function_name() for function in app.get_functions() if function.is_http_function()]
    assert sorted(names) == sorted([*TABLE, "ZUnknownPath"])
    assert max(names, key=str.upper) == "ZUnknownPath"  # the host matches in this order


def test_no_path_is_matched_by_two_operations() -> None:
    """The host takes the first function by name whose route fits: a second one would never be asked."""

    def overlap(one: Operation, other: Operation) -> bool:
        pairs = list(zip(anonymous(one.route).split("/"), anonymous(other.route).split("/"), strict=False))
        same_length = one.route.count("/") == other.route.count("/")
        return one.method == other.method and same_length and all(a == b or "{}" in (a, b) for a, b in pairs)

    pairs = combinations(TABLE.values(), 2)
    assert [(one.name, other.name) for one, other in pairs if overlap(one, other)] == []


def test_all_six_versions_are_served() -> None:
    assert set(VERSIONS) == {path.stem.removeprefix("face-") for path in CONTRACT.glob("face-*.json")}
