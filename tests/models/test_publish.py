"""Models reach a deployment through a Blob container or in the package, and are checked again where they load."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.models import publish
from infra.models.__main__ import main
from shared.engine import ModelCorrupt, ModelsMissing
from shared.engine.manifest import load
from shared.services import Services
from shared.settings import Settings
from shared.store.models import ModelFiles
from shared.store.tables import StoreUnavailable
from tests.contract.process import service_process
from tests.engine.conftest import MODELS
from tests.faces import ROOT as FACES
from tests.store.entra import identity, keyless_storage, token

YUNET = load().models["yunet-2026may"]
PICTURE = FACES / "azure" / "images" / "detection1.jpg"
NOWHERE = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;"


@pytest.fixture
def container() -> str:
    return f"models-{uuid4().hex}"


@pytest.fixture
def published(container: str, storage: str, monkeypatch: pytest.MonkeyPatch) -> ModelFiles:
    """The container with every model in it."""
    monkeypatch.setenv("AzureWebJobsStorage", storage)
    assert main(["publish", "--container", container]) == 0
    return ModelFiles(storage, container)


def built(storage: str, container: str, key_ring_file: Path, empty: Path) -> Services:
    """A service that has no model on its disk."""
    return Services.build(
        Settings(
            keys=("k" * 16,),
            storage=storage,
            key_ring_file=key_ring_file,
            models_dir=empty,
            models_container=container,
        )
    )


def test_published_models_are_what_a_service_without_any_loads(
    published: ModelFiles, container: str, storage: str, key_ring_file: Path, tmp_path: Path
) -> None:
    built(storage, container, key_ring_file, tmp_path).readiness.check()
    for model in load().models.values():
        assert published.get(model.sha256, model.file) == (MODELS / model.file).read_bytes()


def test_publishing_again_sends_nothing_and_mends_what_was_altered(
    published: ModelFiles, container: str, capsys: pytest.CaptureFixture[str]
) -> None:
    published.put(YUNET.sha256, YUNET.file, b"something else")
    capsys.readouterr()
    assert main(["publish", "--container", container]) == 0
    said = capsys.readouterr().out
    assert f"published: {YUNET.file}" in said
    assert said.count("there already: ") == len(load().models) - 1


def test_altered_model_in_the_container_is_refused_before_it_is_parsed(
    published: ModelFiles, container: str, storage: str, key_ring_file: Path, tmp_path: Path
) -> None:
    content = bytearray((MODELS / YUNET.file).read_bytes())
    content[len(content) // 2] ^= 1
    published.put(YUNET.sha256, YUNET.file, bytes(content))
    with pytest.raises(ModelCorrupt, match=f"{YUNET.file} in the container is not the pinned model"):
        built(storage, container, key_ring_file, tmp_path).readiness.check()


def test_empty_container_is_said_and_storage_that_is_away_is_not_a_missing_model(
    container: str, storage: str, key_ring_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelsMissing, match="publish the models"):
        built(storage, container, key_ring_file, tmp_path).readiness.check()
    with pytest.raises(StoreUnavailable):
        built(NOWHERE, container, key_ring_file, tmp_path).engine.warm()


def test_models_that_are_not_all_here_are_not_published(
    storage: str, container: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", storage)
    monkeypatch.setenv("FACE_MODELS_DIR", str(tmp_path))
    assert main(["publish", "--container", container]) == 1
    assert YUNET.file in capsys.readouterr().err
    shutil.copytree(MODELS, tmp_path, dirs_exist_ok=True)
    (tmp_path / YUNET.file).write_bytes(b"altered")
    assert main(["publish", "--container", container]) == 1
    assert ModelFiles(storage, container).get(YUNET.sha256, YUNET.file) is None


def test_packaged_models_are_found_beside_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "PACKAGED", tmp_path / "models")
    assert main(["package"]) == 0
    assert {path.name for path in (tmp_path / "models").iterdir()} == {one.file for one in load().models.values()}


@pytest.mark.slow
def test_service_without_a_single_key_serves_with_models_from_the_container(
    tmp_path: Path, key_ring_file: Path
) -> None:
    """Published by whoever is logged in to the Azure CLI, loaded by the managed identity."""
    (tmp_path / "az").write_text(f'#!/bin/sh\necho \'{{"accessToken": "{token()}", "expires_on": 4102444800}}\'\n')
    (tmp_path / "az").chmod(0o755)
    (tmp_path / "empty").mkdir()
    with keyless_storage(tmp_path) as keyless, identity() as endpoint:
        trust = {"REQUESTS_CA_BUNDLE": str(keyless.certificate)}
        command = [sys.executable, "-m", "infra.models", "publish", "--account", keyless.endpoints["blob"]]
        environment = {**os.environ, **trust, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        subprocess.run(command, env=environment, check=True, timeout=120)
        more = {"FACE_MODELS_DIR": str(tmp_path / "empty"), "FACE_MODELS_CONTAINER": "models"}
        settings: dict[str, Any] = {**keyless.settings(), **endpoint.settings(), **trust, **more}
        with service_process("", key_ring_file, **settings) as service:
            answer = service.http.get("/readyz")
            assert answer.status_code == 200, answer.text
            headers = {"Content-Type": "application/octet-stream"}
            found = service.http.post("/face/v1.2/detect", content=PICTURE.read_bytes(), headers=headers)
            assert isinstance(found, httpx.Response)
            assert found.json()[0]["faceId"]
    assert endpoint.asked
