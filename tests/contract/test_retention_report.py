"""The retention report over HTTP."""

from shared.wire.operation import VERSIONS
from tests.contract.conftest import Service
from tests.faces import ROOT as FACES


def kinds(service: Service, version: str = "v1.2") -> dict[str, dict[str, object]]:
    answer = service.http.get(f"/face/{version}/privacy/retention")
    assert answer.status_code == 200, answer.text
    assert answer.json()["time"].endswith("Z")
    return {line["kind"]: line for line in answer.json()["kinds"]}


def test_report_tells_of_every_kind_its_policy_its_count_and_the_oldest(service: Service) -> None:
    before = kinds(service)["faceIds"]["count"]
    service.detect(FACES / "azure/images/Family1-Dad1.jpg")
    found = kinds(service)
    assert all(line["policy"] for line in found.values())
    assert isinstance(before, int)
    assert found["faceIds"]["count"] == before + 1
    assert found["faceIds"]["oldest"]
    assert all(kinds(service, version).keys() == found.keys() for version in VERSIONS)
