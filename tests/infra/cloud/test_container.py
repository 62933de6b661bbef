"""The image holds what a package holds; compose file and manifest name settings, ports and files that there are.

No image is built: that needs a Docker engine."""

import re
from typing import Any

import pytest
import yaml

from infra.local.azurite import ACCOUNT_KEY
from shared.store.work_queue import QUEUE
from tests.infra.cloud.bicep import ROOT
from tests.infra.cloud.test_app_settings import read_by_the_code

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
MANIFEST = {one["kind"]: one for one in yaml.safe_load_all((ROOT / "infra/kubernetes/ownface.yaml").read_text())}
HOST = {"FUNCTIONS_WORKER_RUNTIME", "AzureFunctionsWebHost__hostid"}


def copied() -> set[str]:
    return {name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}


def test_image_holds_what_a_package_holds() -> None:
    assert copied() == {
        *("requirements.txt", "constraints.txt", "host.json", "function_app.py"),
        *("functions", "shared", "models"),
    }
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert set(allowed) == copied()


def test_image_is_the_python_of_a_deployment_and_not_root() -> None:
    default = re.search(r"param pythonVersion string = '(.+)'", (ROOT / "infra/bicep/main.bicep").read_text())
    assert default
    assert f"azure-functions/python:4-python{default[1]}" in DOCKERFILE
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)


def settings(kind: str) -> set[str]:
    if kind == "compose":
        return set(COMPOSE["services"]["ownface"]["environment"])
    return {one["name"] for one in container()["env"]}


def container() -> dict[str, Any]:
    found = MANIFEST["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("kind", ["compose", "kubernetes"])
def test_settings_are_those_that_the_code_reads_and_the_required_ones_are_there(kind: str) -> None:
    assert settings(kind) <= read_by_the_code() | HOST
    assert {"AzureWebJobsStorage", "FACE_KEY1", "FACE_KEY_RING_FILE"} <= settings(kind)


def test_ports_probes_and_the_queue_are_those_of_the_app() -> None:
    assert "ASPNETCORE_URLS=http://+:8080" in DOCKERFILE
    assert COMPOSE["services"]["ownface"]["ports"] == ["127.0.0.1:7071:8080"]
    assert container()["ports"] == [{"containerPort": 8080}]
    assert MANIFEST["Service"]["spec"]["ports"][0]["targetPort"] == 8080
    assert container()["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": 8080}
    assert container()["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": 8080}
    scaled = MANIFEST["ScaledObject"]["spec"]
    assert scaled["triggers"][0]["metadata"]["queueName"] == QUEUE
    assert scaled["minReplicaCount"] >= 1  # the sweep is a timer


def test_key_ring_is_where_the_settings_say() -> None:
    mounted = {one["name"]: one["mountPath"] for one in container()["volumeMounts"]}
    ring = next(one["value"] for one in container()["env"] if one["name"] == "FACE_KEY_RING_FILE")
    assert ring == f"{mounted['keys']}/ring"
    assert COMPOSE["services"]["ownface"]["environment"]["FACE_KEY_RING_FILE"] == "/run/secrets/key_ring"
    assert COMPOSE["services"]["ownface"]["secrets"] == ["key_ring"]


def test_only_the_emulators_published_key_stands_in_a_file() -> None:
    for name in ("compose.yaml", "infra/kubernetes/ownface.yaml", "Dockerfile"):
        found = re.findall(r"AccountKey=([^;\"]+)", (ROOT / name).read_text())
        assert set(found) <= {ACCOUNT_KEY}
