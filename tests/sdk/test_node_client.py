"""Microsoft's JavaScript client, @azure-rest/ai-vision-face 1.0.0-beta.3, through its poller and its isUnexpected."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local import node
from infra.local.azurite import ROOT
from tests.faces import folder
from tests.sdk.conftest import Endpoint

SCRIPTS = ROOT / "tests" / "contract" / "node"
PEOPLE = ("Family1-Dad1", "Family1-Daughter1", "Family1-Mom1", "Family1-Son1")


def run(script: str, *arguments: str) -> Any:
    """The JSON that a script prints."""
    runtime = node.find_node(Path(sys.executable).parent)
    assert runtime, "there is no Node.js; python dev.py test brings it"
    assert (SCRIPTS / "node_modules").is_dir(), "the client is not installed; python dev.py test does it"
    command = [str(runtime), script, *arguments]
    ended = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=False, timeout=240)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def picture(name: str) -> str:
    return str(folder("azure") / "images" / f"{name}.jpg")


@pytest.fixture(scope="module")
def answers(endpoint: Endpoint) -> Any:
    pictures = [picture(name) for name in ("identification1", *PEOPLE)]
    return run("train_and_recognise.mjs", endpoint.url, endpoint.key, *pictures)


@pytest.fixture(scope="module")
def groups(endpoint: Endpoint) -> Any:
    return run("dynamic_person_groups.mjs", endpoint.url, endpoint.key)


@pytest.mark.parametrize("kind", ["group", "list"])
def test_poller_follows_a_training_to_its_end(answers: Any, kind: str) -> None:
    trained = answers["trained"][kind]
    assert (trained["started"]["status"], trained["started"]["unexpected"]) == ("202", False)
    assert (trained["state"], trained["ended"]["status"]) == ("succeeded", "succeeded")
    assert (trained["status"]["unexpected"], trained["status"]["body"]) == (False, trained["ended"])


def test_faces_of_a_group_photo_are_identified(answers: Any) -> None:
    found = answers["identified"]
    assert (found["status"], found["unexpected"]) == ("200", False)
    assert [face["faceId"] for face in found["body"]] == answers["faceIds"]
    best = [face["candidates"][0]["personId"] for face in found["body"] if face["candidates"]]
    assert len(set(best)) == len(best) >= 3  # nobody is two of them
    assert set(best) <= set(answers["persons"])


def test_similar_faces_are_found_in_a_list_and_among_face_ids(answers: Any) -> None:
    (same,) = answers["similar"]["body"]
    assert same["persistedFaceId"] == answers["faces"][0]
    assert same["confidence"] > 0.9  # it is the same picture
    ranked = answers["similarFaces"]["body"]
    assert {face["faceId"] for face in ranked} == set(answers["faceIds"])
    assert [face["confidence"] for face in ranked] == sorted((face["confidence"] for face in ranked), reverse=True)


REFUSALS = {
    "exists": ("409", "LargePersonGroupExists"),
    "gone": ("404", "LargePersonGroupNotFound"),
    "badId": ("400", "BadArgument"),
}
EARLY = {
    "identify": ("400", "LargePersonGroupNotTrained"),
    "findSimilar": ("400", "LargeFaceListNotTrained"),
    "training": ("404", "LargePersonGroupNotTrained"),
}


@pytest.mark.parametrize("call", REFUSALS)
def test_refusals_are_unexpected_answers_with_the_contracts_code(answers: Any, call: str) -> None:
    assert refusal(answers[call]) == REFUSALS[call]


@pytest.mark.parametrize("call", EARLY)
def test_what_needs_training_is_refused_before_it(answers: Any, call: str) -> None:
    assert refusal(answers["early"][call]) == EARLY[call]


def refusal(answer: Any) -> tuple[str, str]:
    assert answer["unexpected"] is True
    return answer["status"], answer["body"]["error"]["code"]


def test_deleting_succeeds_with_an_empty_answer(answers: Any) -> None:
    assert (answers["deleted"]["status"], answers["deleted"]["unexpected"]) == ("200", False)
    assert not answers["deleted"].get("body")


DONE = {"status": "202", "ended": "succeeded"}


@pytest.mark.parametrize(
    ("test", "steps"),
    [
        ("CreateDynamicPersonGroup", {"created": {"status": "200"}, "deleted": DONE}),
        ("UpdateDynamicPersonGroup", {"updated": {"status": "200"}, "deleted": DONE}),
        (
            "CreateDynamicPersonGroupWithPerson",
            {"person": DONE, "changed": DONE, "personDeleted": DONE, "deleted": DONE},
        ),
        (
            "UpdateDynamicPersonGroupWithPersonChange",
            {"person": DONE, "changed": DONE, "personDeleted": DONE, "deleted": DONE},
        ),
    ],
)
def test_microsofts_test_of_dynamic_person_groups_passes(groups: Any, test: str, steps: Any) -> None:
    assert groups[test] == steps
