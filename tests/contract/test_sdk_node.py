"""Microsoft's JavaScript client (API version v1.2) against the service, under Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

NODE = Path(__file__).parent / "node"
FAMILY = FACES / "azure/images"


@pytest.fixture(scope="module")
def answers(running: Service) -> Any:
    """What detect_and_verify.mjs was answered, call by call."""
    node = shutil.which("node")
    assert node, "node is not on the PATH; python dev.py test brings it"
    assert (NODE / "node_modules").is_dir(), "the client is not installed; python dev.py test does it"
    other = f"{running.pictures}/azure/images/Family1-Mom1.jpg"
    pictures = [str(FAMILY / "Family1-Dad1.jpg"), str(FAMILY / "Family1-Dad2.jpg")]
    ended = subprocess.run(
        [node, "detect_and_verify.mjs", running.url, running.key, *pictures, other],
        cwd=NODE,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("call", ["first", "second", "third"])
def test_detect_of_bytes_and_of_a_url_succeeds(answers: Any, call: str) -> None:
    assert (answers[call]["status"], answers[call]["unexpected"]) == ("200", False)
    (face,) = answers[call]["body"]
    assert face["recognitionModel"] == "recognition_04"
    assert len(face["faceLandmarks"]) == 27
    assert face["faceRectangle"]["width"] > 0


def test_verify_tells_one_person_from_two(answers: Any) -> None:
    assert answers["same"]["body"]["isIdentical"] is True
    assert answers["different"]["body"]["isIdentical"] is False


def test_errors_are_unexpected_answers_with_the_contracts_code(answers: Any) -> None:
    for call, status, code in (("unknown", "404", "FaceNotFound"), ("denied", "401", "401")):
        assert (answers[call]["status"], answers[call]["unexpected"]) == (status, True)
        assert answers[call]["body"]["error"]["code"] == code
