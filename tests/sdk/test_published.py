"""Microsoft's published tests of azure-ai-vision-face 1.0.0b2, unmodified, against the service.

TABLE is exact: a published test that it does not list fails, and so does one that ends otherwise than listed, so that
the row of a test that begins to pass is corrected."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.sdk.conftest import Endpoint
from tests.sdk.finished import finished
from tests.sdk.published import Outcome, run_tests


class Expected(NamedTuple):
    """How a published test ends. `says`: what pytest must report of one that does not pass, whose `why` this is."""

    outcome: str
    says: str = ""
    why: str = ""


PASSES = Expected("passed")
CLIENT = Expected("failed", "TypeError: CreateLivenessWithVerifySessionContent", "the client rejects its own model")

SESSIONS = {
    "test_create_session": PASSES,
    "test_list_sessions": PASSES,
    "test_delete_session": PASSES,
    "test_get_session_result": PASSES,  # against a session that was really performed: Microsoft plays a recording
    "test_get_session_audit_entries": PASSES,
}
CLASSES = {
    ("authentication", "TestAuthentication", "TestAuthenticationAsync"): {
        "test_face_client_api_key_authentication": PASSES
    },
    ("find_similar", "TestFindSimilar", "TestFindSimilarAsync"): {"test_find_similar_from_large_face_list": PASSES},
    ("identify", "TestIdentify", "TestIdentify"): {"test_identify_from_large_person_group": PASSES},
    ("liveness_session", "TestLivenessSession", "TestLivenessSessionAsync"): SESSIONS,
    ("liveness_with_verify_session", "TestLivenessWithVerifySession", "TestLivenessWithVerifySessionAsync"): {
        **SESSIONS,
        "test_create_session_with_verify_image": CLIENT,
    },
}
"""Name of the file, classes of its synchronous and its asynchronous twin -> test -> how both end."""

TABLE = {
    f"test_{file}{suffix}.py::{case}::{test}": expected
    for (file, *cases), tests in CLASSES.items()
    for suffix, case in zip(("", "_async"), cases, strict=True)
    for test, expected in tests.items()
}


@pytest.fixture(scope="module")
def outcomes(tree: Path, endpoint: Endpoint) -> Mapping[str, Outcome]:
    live = run_tests(tree, endpoint.variables)
    with finished(endpoint) as sessions:
        return live | run_tests(tree, endpoint.variables, sessions)


@pytest.mark.parametrize("name", TABLE)
def test_published_test_ends_as_listed(name: str, outcomes: Mapping[str, Outcome]) -> None:
    expected, got = TABLE[name], outcomes[name]
    assert got.outcome == expected.outcome, f"listed as {expected}\n{got.text}"
    assert expected.says in got.text


def test_every_published_test_is_listed(outcomes: Mapping[str, Outcome]) -> None:
    assert set(outcomes) == set(TABLE)
