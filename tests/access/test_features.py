"""What an owner has not approved is refused with the contract's message; nothing is undivided by accident."""

import re
from itertools import combinations

import azure.functions as func
import pytest

import function_app  # noqa: F401 fills the table of operations
from shared.access.actions import PUBLIC, SESSION
from shared.access.features import FACE_IDS, NEEDS, Approvals, Feature, needed
from shared.errors import UnsupportedFeature
from shared.settings import FEATURES
from shared.wire.call import Call
from shared.wire.operation import TABLE, operation
from tests.access.test_access_matrix import SESSIONS

MISSING = "Feature is not supported, missing approval for one or more of the following features: "
OPEN = {"Detect", "GetSettings", "PatchSettings", "GetClientAssetsAccessToken", "GetOperationResult"}
"""Served without any approval, beside what deletes and what is refused in any case."""


def lacking(approved: tuple[str, ...], action: str) -> str:
    """The features that the refusal names."""
    try:
        Approvals(frozenset(approved)).check(needed(action))
    except UnsupportedFeature as refused:
        told = re.fullmatch(re.escape(MISSING) + r"([\w, ]+)\. FACE_APPROVED_FEATURES .*", refused.message)
        return told[1] if told else refused.message
    return ""


def test_features_are_those_that_the_setting_takes() -> None:
    assert tuple(Feature) == FEATURES


def test_with_all_approved_everything_is_served() -> None:
    assert [name for name in TABLE if TABLE[name].action != PUBLIC and lacking(FEATURES, TABLE[name].action)] == []


def test_without_any_approval_only_what_is_open_and_what_deletes_is_served() -> None:
    served = {name for name in TABLE if TABLE[name].action != PUBLIC and not lacking((), TABLE[name].action)}
    removing = {name for name in TABLE if TABLE[name].method == "DELETE"}
    privacy = {name for name in TABLE if TABLE[name].action.startswith("privacy/")}
    snapshots = {name for name in TABLE if name.endswith("Snapshot")}
    assert served == OPEN | removing | privacy | snapshots


@pytest.mark.parametrize(
    ("action", "approved", "names"),
    [
        ("identify/action", ("verification", "liveness"), "Identification"),
        ("findsimilars/action", ("verification",), "Identification"),
        ("group/action", ("verification",), "Identification"),
        ("verify/action", ("identification", "liveness"), "Verification"),
        ("persongroups/write", ("liveness",), "Identification, Verification"),
        ("persons/recognitionmodels/persistedfaces/write", (), "Identification, Verification"),
        ("facelists/read", (), "Identification, Verification"),
        ("detectliveness/singlemodal/sessions/action", ("identification", "verification"), "Liveness"),
        ("detectlivenesswithverify/singlemodal/action", ("liveness",), "Verification"),
        ("detectlivenesswithverify/singlemodal/action", ("verification",), "Liveness"),
        ("detectlivenesswithverify/singlemodal/sessions/read", ("identification",), "Verification, Liveness"),
        ("session/sessionimages/read", (), "Liveness"),
        (SESSION, ("identification", "verification"), "Liveness"),
    ],
)
def test_refusal_names_what_is_lacking(action: str, approved: tuple[str, ...], names: str) -> None:
    assert lacking(approved, action) == names


@pytest.mark.parametrize("one", ["identification", "verification"])
def test_either_recognition_serves_face_ids_and_collections(one: str) -> None:
    assert lacking((one,), "largepersongroups/persons/persistedfaces/write") == ""
    Approvals(frozenset({one})).check(FACE_IDS)
    with pytest.raises(UnsupportedFeature, match="Identification, Verification"):
        Approvals(frozenset({"liveness"})).check(FACE_IDS)


def test_liveness_sessions_need_no_identification() -> None:
    for name in SESSIONS:
        assert lacking(("liveness", "verification"), TABLE[name].action) == ""


@pytest.mark.parametrize("action", ["", "detect", "nothing/read", "detect/", "/read", "*", PUBLIC])
def test_operation_without_a_known_data_action_cannot_be_declared(action: str) -> None:
    with pytest.raises(ValueError, match="no such data action"):
        needed(action)


def test_declaring_one_fails_and_leaves_nothing_in_the_table() -> None:
    def handler(call: Call[None, None]) -> None: ...

    for action in ("", "nothing/read"):
        with pytest.raises(ValueError, match="no such data action"):
            operation(func.Blueprint(), "Undeclared", "GET", "face/{version}/undeclared", action=action)(handler)
    assert "Undeclared" not in TABLE


def test_no_resource_is_classified_that_is_not_there() -> None:
    used = {TABLE[name].action.partition("/")[0] for name in TABLE}
    assert set(NEEDS) - {"privacy"} <= used


def test_more_approval_never_refuses_more() -> None:
    for name in TABLE:
        if TABLE[name].action == PUBLIC:
            continue
        for size in range(len(FEATURES)):
            for some in combinations(FEATURES, size):
                if not lacking(some, TABLE[name].action):
                    assert not any(lacking((*some, more), TABLE[name].action) for more in FEATURES)
