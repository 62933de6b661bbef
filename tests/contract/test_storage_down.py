"""Storage goes away and comes back: calls are told so, soon, and nothing that was acknowledged is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from infra.local.azurite import Azurite
from tests.contract.process import ServiceProcess, service_process
from tests.faces import ROOT as FACES

PICTURE = (FACES / "azure/images/Family1-Daughter3.jpg").read_bytes()
BYTES = {"Content-Type": "application/octet-stream"}
GROUP = "/face/v1.2/largepersongroups/group"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def azurite(tmp_path: Path) -> Iterator[Azurite]:
    """One that a test may stop."""
    with Azurite(tmp_path / "azurite") as running:
        yield running


@pytest.fixture
def service(azurite: Azurite, key_ring_file: Path, tmp_path: Path) -> Iterator[ServiceProcess]:
    cache = str(tmp_path / "cache")
    with service_process(azurite.connection_string, key_ring_file, FACE_CACHE_DIR=cache) as running:
        yield running


def make_group(http: httpx.Client) -> str:
    """The person in it, who has a face."""
    body = {"name": "group", "recognitionModel": "recognition_04"}
    assert http.put(GROUP, json=body).status_code == 200
    person = http.post(f"{GROUP}/persons", json={"name": "one"}).json()["personId"]
    added = http.post(f"{GROUP}/persons/{person}/persistedfaces", content=PICTURE, headers=BYTES)
    assert added.status_code == 200
    return str(person)


def calls(person: str) -> list[httpx.Request]:
    """One of each sort: reading, writing, enrolling, searching, and what goes to a queue."""
    at = "http://service"
    return [
        httpx.Request("GET", f"{at}{GROUP}"),
        httpx.Request("GET", f"{at}/face/v1.2/largepersongroups"),
        httpx.Request("PUT", f"{at}/face/v1.2/facelists/new", json={"name": "new"}),
        httpx.Request("PATCH", f"{at}{GROUP}", json={"name": "new"}),
        httpx.Request("DELETE", f"{at}{GROUP}"),
        httpx.Request("POST", f"{at}{GROUP}/train"),
        httpx.Request("POST", f"{at}{GROUP}/persons", json={"name": "new"}),
        httpx.Request("POST", f"{at}{GROUP}/persons/{person}/persistedfaces", content=PICTURE, headers=BYTES),
        httpx.Request("DELETE", f"{at}{GROUP}/persons/{person}"),
        httpx.Request("POST", f"{at}/face/v1.2/detect?returnFaceId=true", content=PICTURE, headers=BYTES),
        httpx.Request("POST", f"{at}/face/v1.2/identify", json={"faceIds": [NOBODY], "largePersonGroupId": "group"}),
        httpx.Request("POST", f"{at}/face/v1.2/findsimilars", json={"faceId": NOBODY, "faceListId": "new"}),
        httpx.Request("POST", f"{at}/face/v1.0-preview/persons", json={"name": "new"}),
        httpx.Request("PUT", f"{at}/face/v1.0-preview/dynamicpersongroups/new", json={"name": "new"}),
        httpx.Request("GET", f"{at}/face/v1.0-preview/operations/{NOBODY}"),
    ]


def test_every_call_is_told_that_storage_is_away_and_when_to_come_again(
    service: ServiceProcess, azurite: Azurite
) -> None:
    http = service.http
    person = make_group(http)
    azurite.stop()

    def send(call: httpx.Request) -> httpx.Response:
        return http.request(call.method, call.url.raw_path.decode(), content=call.content, headers=call.headers)

    with ThreadPoolExecutor(5) as senders:
        answers = list(senders.map(send, calls(person)))
    for answer in answers:
        assert answer.status_code == 503, answer.request.url
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["error"]["code"] == "ServiceUnavailable"
    azurite.start()
    azurite.wait()
    found = http.get(f"{GROUP}/persons/{person}").json()
    assert len(found["persistedFaceIds"]) == 1
    assert http.get(GROUP).json()["name"] == "group"
    assert http.get("/face/v1.2/facelists").json() == []
