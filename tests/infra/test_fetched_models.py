"""A clone without models: `python dev.py run` gets them, and the service answers as with the bundle."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.engine.manifest import load
from shared.wire.attributes import RULES
from tests import captures
from tests.contract.performing import Client
from tests.engine.conftest import MODELS
from tests.faces import ROOT as FACES
from tests.infra.checkout import Checkout, Service
from tests.models import publishers
from tests.models.publishers import Publishers

KEY = "0123456789abcdef0123456789abcdef"
NO_MODELS = {"FACE_MODELS_DIR": "", "FACE_SENSITIVE_ATTRIBUTES": "age,gender,smile", "FACE_KEY1": KEY}
NAMES = ("identification1", "detection1", "Family1-Dad1", "Family1-Dad2", "Family2-Lady1")
PICTURES = [f"azure/images/{name}.jpg" for name in NAMES]
LIVE, SCREEN = "azure/images/Family2-Man1.jpg", "liveness/images/sf_spoof_image_F2.jpg"
SESSION = {
    "livenessOperationMode": "Passive",
    "deviceCorrelationId": "11111111-2222-4333-8444-555555555555",
    "numberOfClientAttemptsAllowed": 3,
}


class RealTime:
    def advance(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True)
class Running:
    service: Service
    http: httpx.Client

    @property
    def clock(self) -> RealTime:
        return RealTime()

    @property
    def url(self) -> str:
        return self.service.url


@contextmanager
def running(checkout: Checkout, **settings: str) -> Iterator[Running]:
    headers = {"Ocp-Apim-Subscription-Key": KEY}
    with checkout.start(None, **(NO_MODELS | settings)) as service:
        service.wait_until_up()
        with httpx.Client(base_url=service.url, headers=headers, timeout=60) as http:
            yield Running(service, http)


def answered(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


def detected(running: Running, picture: str, detection: str) -> Any:
    attributes = [name for name, rule in RULES.items() if not rule.detection or detection in rule.detection]
    query = {
        "detectionModel": detection,
        "recognitionModel": "recognition_04",
        "returnFaceLandmarks": "true",
        "returnFaceAttributes": ",".join(attributes),
    }
    headers = {"Content-Type": "application/octet-stream"}
    data = (FACES / picture).read_bytes()
    return answered(running.http.post("/face/v1.0/detect", params=query, content=data, headers=headers))


def everything(running: Running) -> dict[str, Any]:
    """Faces with landmarks and attributes, how alike they are, and who is live."""
    faces = {
        (picture, detection): detected(running, picture, detection)
        for picture in PICTURES
        for detection in ("detection_01", "detection_03")
    }
    ids = [face.pop("faceId") for found in faces.values() for face in found]
    pairs = [
        answered(running.http.post("/face/v1.0/verify", json={"faceId1": ids[0], "faceId2": other})) for other in ids
    ]
    return {"faces": faces, "pairs": pairs, "live": [verdict(running, captures.frames(LIVE)), spoof(running)]}


def spoof(running: Running) -> Any:
    return verdict(running, captures.whole_frames(SCREEN))


def verdict(running: Running, frames: tuple[bytes, ...]) -> Any:
    sessions = "/face/v1.2/detectLiveness-sessions"
    made = answered(running.http.post(sessions, json=SESSION))
    assert Client(running, made["authToken"]).perform(frames)["attemptStatus"] == "Succeeded"
    (attempt,) = answered(running.http.get(f"{sessions}/{made['sessionId']}"))["results"]["attempts"]
    return attempt["result"]["livenessDecision"], attempt["result"]["targets"]


@pytest.fixture
def publisher() -> Iterator[Publishers]:
    with publishers.serving() as serving:
        yield serving


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_clone_without_models_gets_them_and_answers_as_with_the_bundle(tmp_path: Path, publisher: Publishers) -> None:
    for name in ("clone", "shared"):
        (tmp_path / name).mkdir()
    checkout = Checkout.copy(tmp_path / "clone")
    with running(checkout, OWNFACE_MODELS_MIRROR=publisher.url) as fetched:
        assert "docs/models.md says what these words mean" in fetched.service.output
        found = everything(fetched)
    kept = {file.name for file in (checkout.folder / ".local" / "models").glob("*.onnx")}
    assert kept == {model.file for model in load().models.values()}
    asked = len(publisher.asked)
    with running(checkout, OWNFACE_MODELS_MIRROR=publisher.url) as again:
        assert "MB" not in again.service.output
    assert len(publisher.asked) == asked
    with running(checkout, FACE_MODELS_DIR=str(MODELS)) as bundled:
        assert everything(bundled) == found
    assert len(found["faces"]) == 2 * len(PICTURES)
    assert [decision for decision, _ in found["live"]] == ["realface", "spoofface"]
    assert {pair["isIdentical"] for pair in found["pairs"]} == {True, False}


@pytest.mark.slow
def test_a_run_that_gets_no_models_is_one_line(tmp_path: Path, publisher: Publishers) -> None:
    publisher.files.clear()
    checkout = Checkout.copy(tmp_path)
    with checkout.start(None, **NO_MODELS, OWNFACE_MODELS_MIRROR=publisher.url) as service:
        assert service.end() == 1
        assert service.output.splitlines()[-1].startswith("ownface: yunet_s_640_640.onnx was not to be had")
    assert not list((checkout.folder / ".local" / "models").glob("*.onnx"))
