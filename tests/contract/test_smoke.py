"""`python dev.py smoke` against the running service, and against one that is broken in each way that it looks for."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from infra.smoke import checks
from infra.smoke.__main__ import attempt, credentials, main
from infra.smoke.checks import CHECKS, TIME_TO_LIVE
from infra.smoke.client import Client
from infra.smoke.pictures import DEFAULT, Pictures
from infra.smoke.scene import Scene
from tests.contract.breaking import Fault, Forward, Reply, Request, broken
from tests.contract.conformance.work import Work
from tests.contract.conftest import KEY, Service
from tests.contract.process import ROOT
from tests.infra.checkout import Checkout

FOUR_MEGABYTES = 4 * 1024 * 1024


def scene(service: Service, storage: str, url: str = "", *, works: bool = True) -> Scene:
    """A scene whose waiting moves the service's clock and, where it `works`, works on its queue."""

    def wait(seconds: float) -> None:
        service.clock.advance(seconds)
        if works:
            Work(service, storage).run()

    client = Client(url or service.url, {"Ocp-Apim-Subscription-Key": KEY})
    return Scene(client, Pictures.read(DEFAULT), wait)


def test_service_that_works_passes_every_check_and_nothing_is_left(service: Service, storage: str) -> None:
    said: list[str] = []
    tried = scene(service, storage)
    assert attempt(tried, say=said.append) == []
    assert [line.split()[1].rstrip(":") for line in said[:-1]] == list(CHECKS)
    assert said[-1] == f"{len(CHECKS)} passed, 0 failed"
    assert service.http.get(f"/face/v1.2/largepersongroups/{tried.group}").status_code == 404


def fails(request: Request, forward: Forward) -> Reply:
    """The models or the storage are not in place."""
    return Reply(503, b'{"status":"no"}') if request.path == "/readyz" else forward(request)


def lets_anybody_in(request: Request, forward: Forward) -> Reply:
    return forward(request.with_key(KEY))


def loses_landmarks(request: Request, forward: Forward) -> Reply:
    return forward(
        Request(
            request.method, request.path.replace("Landmarks=true", "Landmarks=false"), request.headers, request.body
        )
    )


def finds_no_face(request: Request, forward: Forward) -> Reply:
    return Reply(200, b"[]") if "detect" in request.path else forward(request)


def falls_over_bad_pictures(request: Request, forward: Forward) -> Reply:
    answer = forward(request)
    return Reply(500) if answer.status == 400 else answer


def says(name: str, value: bool) -> Fault:
    def fault(request: Request, forward: Forward) -> Reply:
        answer = forward(request)
        return Reply(200, json.dumps({name: value, "confidence": 0.6}).encode()) if "verify" in request.path else answer

    return fault


def refuses_writes(request: Request, forward: Forward) -> Reply:
    """The identity lacks a role on the tables."""
    return Reply(503) if request.method == "PUT" else forward(request)


def identifies_nobody(request: Request, forward: Forward) -> Reply:
    return Reply(200, b'[{"faceId":"x","candidates":[]}]') if "identify" in request.path else forward(request)


def cuts_at_four_megabytes(request: Request, forward: Forward) -> Reply:
    return Reply(413) if len(request.body) > FOUR_MEGABYTES else forward(request)


def drops_chunked_bodies(request: Request, forward: Forward) -> Reply:
    return forward(replace(request, body=b"") if request.chunked else request)


def deletes_nothing(request: Request, forward: Forward) -> Reply:
    return Reply(200) if request.method == "DELETE" else forward(request)


def forgets_the_time_to_live(request: Request, forward: Forward) -> Reply:
    path = request.path.replace(f"faceIdTimeToLive={TIME_TO_LIVE}&", "").replace(
        f"&faceIdTimeToLive={TIME_TO_LIVE}", ""
    )
    return forward(Request(request.method, path, request.headers, request.body))


def answers_another_shape(request: Request, forward: Forward) -> Reply:
    return Reply(200, b"<html>Your function app is up</html>") if "detect" in request.path else forward(request)


@pytest.mark.parametrize(
    ("fault", "name", "before"),
    [
        (fails, "ready", set()),
        (lets_anybody_in, "guarded", set()),
        (finds_no_face, "detects", set()),
        (loses_landmarks, "detects", set()),
        (answers_another_shape, "detects", set()),
        (falls_over_bad_pictures, "refuses", set()),
        (says("isIdentical", False), "verifies", set()),
        (says("isIdentical", True), "verifies", set()),
        (refuses_writes, "enrols", set()),
        (identifies_nobody, "identifies", {"enrols", "trains"}),
        (cuts_at_four_megabytes, "large", set()),
        (drops_chunked_bodies, "chunked", set()),
        (deletes_nothing, "deletes", {"enrols", "trains"}),
        (forgets_the_time_to_live, "expires", set()),
    ],
)
def test_service_that_is_broken_in_one_way_fails_the_check_for_it(
    fault: Fault, name: str, before: set[str], service: Service, storage: str
) -> None:
    said: list[str] = []
    with broken(service.url, fault) as url:
        failed = attempt(scene(service, storage, url), CHECKS.keys() - before - {name}, said.append)
    assert failed == [name], said
    assert any(line.startswith(f"FAILED   {name}: ") for line in said)


def test_queue_that_nobody_works_on_fails_the_training(
    service: Service, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "TRAINING_SECONDS", 3)
    said: list[str] = []
    tried = scene(service, storage, works=False)
    assert attempt(tried, CHECKS.keys() - {"enrols", "trains"}, said.append) == ["trains"]
    assert any("nobody works on the queue" in line for line in said)
    Work(service, storage).run()


def test_every_check_has_a_fault_that_it_finds() -> None:
    marks = test_service_that_is_broken_in_one_way_fails_the_check_for_it.pytestmark  # type: ignore[attr-defined]
    assert {name for _, name, _ in marks[0].args[1]} | {"trains"} == set(CHECKS)


def test_what_does_not_answer_at_all_fails_every_check_in_a_line_each(service: Service, storage: str) -> None:
    said: list[str] = []
    assert attempt(scene(service, storage, "http://127.0.0.1:1"), say=said.append) == [*CHECKS, "tidy"]
    assert KEY not in "".join(said)


def test_key_or_token_is_read_from_the_environment_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert credentials({"FACE_KEY1": "k", "FACE_TOKEN": "t"}) == {"Authorization": "Bearer t"}
    assert credentials({"FACE_KEY1": "k"}) == {"Ocp-Apim-Subscription-Key": "k"}
    for name in ("FACE_KEY1", "FACE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert main(["--endpoint", "http://127.0.0.1:1"]) == 2
    monkeypatch.setenv("FACE_KEY1", KEY)
    assert main(["--endpoint", "http://127.0.0.1:1", "--pictures", "a.jpg", "b.jpg", "c.jpg"]) == 2
    assert "name three with --pictures" in capsys.readouterr().err


@pytest.mark.slow
def test_command_passes_against_a_local_run_with_the_settings_of_a_deployment(tmp_path: Path) -> None:
    """Identity and Key Vault have their local forms: a connection string, a key and a key ring file."""
    production = json.loads((ROOT / "infra/settings.json").read_text())
    production["FACE_APPROVED_FEATURES"] = "identification,verification,liveness"
    with Checkout.copy(tmp_path).start(**production, FACE_KEY1=KEY) as running:
        running.wait_until_up()
        command = [sys.executable, "-m", "infra.smoke", "--endpoint", running.url]
        environment = {**os.environ, "FACE_KEY1": KEY}
        tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
        assert tried.returncode == 0, tried.stdout + tried.stderr
        assert re.search(r"^12 passed, 0 failed$", tried.stdout, re.MULTILINE)
        environment["FACE_KEY1"] = "not-the-key-0123456789"
        refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
        assert refused.returncode == 1
