"""/openapi.json describes what is served."""

from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from shared.wire.operation import TABLE
from tests.contract.conftest import Service
from tests.faces import ROOT as FACES


@pytest.fixture
def document(service: Service) -> Any:
    answer = service.http.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_document_is_valid_openapi(document: Any) -> None:
    validate(document)


def test_document_lists_every_operation_with_its_versions_and_its_guard(document: Any) -> None:
    listed = {item["operationId"]: item for path in document["paths"].values() for item in path.values()}
    assert set(listed) == set(TABLE)
    assert listed["Detect"]["x-data-action"] == "detect/action"
    assert listed["Detect"]["security"] == [{"key": []}, {"token": []}]
    assert "security" not in listed["Healthz"]
    names = {parameter["name"] for parameter in listed["Detect"]["parameters"]}
    assert {"version", "detectionModel", "returnFaceId", "faceIdTimeToLive"} <= names
    assert set(listed["Detect"]["requestBody"]["content"]) == {"application/json", "application/octet-stream"}


def test_answers_fit_the_document(document: Any, service: Service) -> None:
    faces = service.detect(FACES / "azure/images/identification1.jpg", returnFaceLandmarks="true")
    verdict = service.http.post(
        "/face/v1.2/verify", json={"faceId1": faces[0]["faceId"], "faceId2": faces[1]["faceId"]}
    ).json()
    error = service.http.post("/face/v1.2/verify", json={}).json()
    for path, status, answer in (("detect", "200", faces), ("verify", "200", verdict), ("verify", "400", error)):
        responses = document["paths"][f"/face/{{version}}/{path}"]["post"]["responses"]
        schema = responses[status]["content"]["application/json"]["schema"]
        jsonschema.validate(answer, {**schema, "components": document["components"]})
