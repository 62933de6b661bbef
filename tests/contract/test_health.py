"""Liveness and readiness, and the contract's 503 while something the service needs is away."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from shared import services
from shared.services import Services
from shared.settings import Settings
from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0LXNlY3JldA==;"
    "TableEndpoint=http://127.0.0.1:1/devstoreaccount1;"
)
PORTRAIT = FACES / "azure/images/detection1.jpg"


def unavailable(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ServiceUnavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in answer.text
    return str(answer.json()["error"]["message"])


def test_health_needs_no_key(service: Service) -> None:
    for path, status in (("healthz", "ok"), ("readyz", "ready")):
        answer = httpx.get(f"{service.url}/{path}", timeout=60)
        assert (answer.status_code, answer.json()) == (200, {"status": status})


def test_storage_that_is_away_is_503_with_retry_after(service: Service) -> None:
    before = services.current()
    without = replace(before.settings, storage=NOWHERE)
    services.use(Services.build(without))
    try:
        face = {"faceId1": "00000000-0000-4000-8000-000000000000", "faceId2": "00000000-0000-4000-8000-000000000000"}
        headers = {"Content-Type": "application/octet-stream"}
        for answer in (
            service.http.get("/readyz"),
            service.http.post("/face/v1.2/verify", json=face),
            service.http.post("/face/v1.2/detect", content=PORTRAIT.read_bytes(), headers=headers),
        ):
            assert unavailable(answer).endswith("Storage does not answer.")
        alone = service.http.post(
            "/face/v1.2/detect?returnFaceId=false", content=PORTRAIT.read_bytes(), headers=headers
        )
        assert alone.status_code == 200  # a detect that keeps nothing needs no storage
    finally:
        services.use(before)


@pytest.fixture
def environment(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A complete environment for services that are built anew by the next call; undone afterwards."""
    before = services.current()
    configured = {
        "FACE_KEY1": service.key,
        "FACE_KEY_RING_FILE": str(before.settings.key_ring_file),
        "AzureWebJobsStorage": before.settings.storage,
        "FACE_APPROVED_FEATURES": "identification,verification,liveness",
    }
    monkeypatch.delenv("FACE_KEY2", raising=False)
    for name, value in configured.items():
        monkeypatch.setenv(name, value)
    services.use(None)
    yield configured
    services.use(before)


@pytest.mark.parametrize("missing", ["FACE_KEY1", "FACE_KEY_RING_FILE", "AzureWebJobsStorage"])
def test_unconfigured_service_is_alive_and_serves_nothing(
    service: Service, missing: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    assert service.http.get("/healthz").status_code == 200
    for answer in (service.http.get("/readyz"), service.http.post("/face/v1.2/verify", json={})):
        told = unavailable(answer)
        assert not any(value in told for value in environment.values())


def test_malformed_connection_string_is_told_as_such_in_the_log_alone(
    service: Service, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "AccountName=x;nonsense;AccountKey=hidden")
    with caplog.at_level(logging.ERROR):
        unavailable(service.http.get("/readyz"))
    assert "AzureWebJobsStorage" in caplog.text
    assert "hidden" not in caplog.text
    assert environment["AzureWebJobsStorage"] not in caplog.text


def test_many_who_ask_for_readiness_cost_one_look_and_block_nobody(service: Service) -> None:
    """Storage that takes a connection and never answers; readiness needs no key, so anybody can ask at any rate."""
    before = services.current()
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(12) as callers:
        storage = NOWHERE.replace("127.0.0.1:1/", f"127.0.0.1:{silent.getsockname()[1]}/")
        services.use(Services.build(Settings((service.key,), storage, before.settings.key_ring_file)))
        try:
            asked = [callers.submit(httpx.get, f"{service.url}/readyz", timeout=30) for _ in range(12)]
            assert {unavailable(one.result()) for one in asked}
            silent.settimeout(0)
            looks = 0
            with suppress(BlockingIOError):
                while True:
                    silent.accept()[0].close()
                    looks += 1
            assert 1 <= looks <= 2
        finally:
            services.use(before)


def test_altered_model_is_never_loaded(
    service: Service, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for model in (FACES.parent / "models").glob("*.onnx"):
        (tmp_path / model.name).symlink_to(model)
    detector = tmp_path / "face_detection_yunet_2026may.onnx"
    detector.unlink()
    detector.write_bytes(b"not what the manifest pins")
    monkeypatch.setenv("FACE_MODELS_DIR", str(tmp_path))
    headers = {"Content-Type": "application/octet-stream"}
    for answer in (
        service.http.get("/readyz"),
        service.http.post("/face/v1.2/detect", content=PORTRAIT.read_bytes(), headers=headers),
    ):
        assert str(tmp_path) not in unavailable(answer)
    assert "FACE_MODELS_DIR" not in environment
