"""The OpenAPI document tells every status, header and parameter of an operation, and none that it does not have."""

from typing import Any

import function_app  # noqa: F401 fills the table
from shared.wire import openapi
from shared.wire.operation import TABLE

DOCUMENT = openapi.document()


def item(name: str) -> dict[str, Any]:
    declared = TABLE[name]
    found: dict[str, Any] = DOCUMENT["paths"][f"/{declared.route}"][declared.method.lower()]
    return found


def names(name: str, place: str) -> list[str]:
    return [parameter["name"] for parameter in item(name)["parameters"] if parameter["in"] == place]


def test_every_parameter_of_the_path_is_declared() -> None:
    for declared in TABLE.values():
        assert names(declared.name, "path") == list(declared.path_parameters)
    assert names("GetLargePersonGroupPersonFace", "path") == [
        "version",
        "largePersonGroupId",
        "personId",
        "persistedFaceId",
    ]


def test_version_is_one_of_those_that_have_the_operation() -> None:
    (version, _) = item("GetPerson")["parameters"]
    assert version["schema"]["enum"] == ["v1.0-preview", "v1.1-preview.1", "v1.2-preview.1"]


def test_empty_answer_has_no_content() -> None:
    assert item("CreatePersonGroup")["responses"]["200"] == {"description": "Success."}


def test_begun_work_tells_where_to_follow_it() -> None:
    responses = item("CreatePerson")["responses"]
    assert "200" not in responses
    assert set(responses["202"]["headers"]) == {"operation-Location", "Location", "Retry-After"}
    assert responses["202"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/PersonCreated"}
    assert set(item("TrainPersonGroup")["responses"]["202"]["headers"]) == {"operation-Location", "Retry-After"}
    assert {"200", "202"} <= set(item("CreateDynamicPersonGroup")["responses"])


def test_refused_operation_has_no_success() -> None:
    assert [status for status in item("TakeSnapshot")["responses"] if status < "400"] == []


def test_kinds_of_one_declaration_answer_with_their_own_objects() -> None:
    for kind in ("LargeFaceList", "PersonGroup", "LargePersonGroup"):
        schema = item(f"Get{kind}")["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{kind}"}


def test_statuses_of_bodies_and_pictures_stand_where_there_are_any() -> None:
    assert {"408", "415"} <= set(item("AddFaceListFace")["responses"])
    assert not {"408", "415"} & set(item("DeleteFaceList")["responses"])
    assert "408" not in item("CreateFaceList")["responses"]
    assert "409" in item("CreateFaceList")["responses"]


def test_form_is_told_with_its_picture_as_bytes() -> None:
    content = item("CreateLivenessWithVerifySession")["requestBody"]["content"]
    assert content == {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/NewVerifySessionForm"}}}
    form = DOCUMENT["components"]["schemas"]["NewVerifySessionForm"]
    assert form["properties"]["verifyImage"] == {"type": "string", "format": "binary"}
    assert set(form["required"]) == {"livenessOperationMode", "verifyImage"}
    previews = item("CreateSingleModalLivenessWithVerifySession")["requestBody"]["content"]
    assert set(previews) == {"application/json", "multipart/form-data"}


def test_success_without_content_is_a_204_alone() -> None:
    responses = item("DeleteLivenessSession")["responses"]
    assert [status for status in responses if status < "300"] == ["204"]
    assert responses["204"] == {"description": "Success."}
