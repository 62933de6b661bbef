"""A service without some models refuses what takes them, before anything is done, and serves all else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared import services
from shared.services import Services
from tests import captures
from tests.contract.conftest import Service
from tests.contract.performing import refusal
from tests.contract.test_attributes import ask
from tests.contract.test_liveness_capture import check
from tests.contract.test_liveness_sessions import BODY, image_part, send_form, text_parts

UNSUPPORTED = (403, "UnsupportedFeature")
FRAMES = captures.frames("azure/images/Family2-Man1.jpg")


@pytest.fixture
def without_quality(service: Service) -> Iterator[Service]:
    """The service of an owner who does without the model of qualities."""
    before = services.current()
    settings = replace(before.settings, left_out_models=frozenset({"lightqnet-dm100"}))
    services.use(Services.build(settings, service.clock))
    yield service
    services.use(before)


def test_attributes_that_take_it_are_refused_and_others_are_answered(without_quality: Service) -> None:
    for name in ("qualityForRecognition", "headPose,qualityForRecognition"):
        answer = ask(without_quality, name, "v1.2", "detection_03", "recognition_04")
        assert refusal(answer) == UNSUPPORTED
        assert "without the model" in answer.json()["error"]["message"]
    answer = ask(without_quality, "mask,headPose", "v1.2", "detection_03", "recognition_04")
    assert answer.json()[0]["faceAttributes"].keys() == {"mask", "headPose"}


def test_liveness_sessions_are_not_made_and_frames_not_judged(without_quality: Service) -> None:
    http = without_quality.http
    answers = [
        http.post("/face/v1.2/detectLiveness-sessions", json=BODY),
        http.post("/face/v1.1-preview.1/detectLiveness/singleModal/sessions", json=BODY),
        send_form(without_quality, "v1.2", *text_parts(), image_part()),
        check(without_quality, "detectLiveness", FRAMES),
    ]
    for answer in answers:
        assert refusal(answer) == UNSUPPORTED
        assert "without the models of liveness" in answer.json()["error"]["message"]
