"""Every malformed parameter of detect and verify gives the contract's status, code and message, and stores nothing."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.errors import AccessDenied
from shared.wire.attributes import RULES
from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

PORTRAIT = (FACES / "azure/images/detection1.jpg").read_bytes
OCTETS = {"Content-Type": "application/octet-stream"}
LIFE = "'faceIdTimeToLive' is invalid. Valid range is between 60 and 86400 inclusive."
ATTRIBUTES = "Invalid argument returnFaceAttributes. "
SERVED = ATTRIBUTES + f"This service serves {', '.join(name for name in RULES if not RULES[name].sensitive)}."
NEEDS_DETECTION_03 = ATTRIBUTES + "mask needs detection_03."
NEEDS_RECOGNITION = ATTRIBUTES + "qualityForRecognition needs recognition_03 or recognition_04."
WITHDRAWN = (
    "Return Attributes (emotion, gender, age, smile, facial hair, hair and makeup) have been deprecated and are no "
    "longer supported."
)
DOWNLOAD = "Invalid image URL or error downloading from target server. Remote server error returned: "
NOT_PUBLIC = DOWNLOAD + '"the host does not lead to public addresses"'


@pytest.fixture(autouse=True)
def nothing_is_stored(service: Service) -> Iterator[None]:
    before = service.stored_faces()
    yield
    assert service.stored_faces() == before


def refused(answer: httpx.Response, status: int, code: str, message: str) -> None:
    assert answer.headers["content-type"].startswith("application/json")
    assert (answer.status_code, answer.json()) == (status, {"error": {"code": code, "message": message}})
    assert answer.headers["x-ms-error-code"] == code
    assert answer.headers["apim-request-id"]


@pytest.mark.parametrize(
    ("query", "status", "code", "message"),
    [
        ("detectionModel=detection_04", 400, "BadArgument", "'detectionModel' is invalid."),
        ("recognitionModel=recognition_00", 400, "BadArgument", "'recognitionModel' is invalid."),
        (
            "recognitionModel=recognition_01&recognitionModel=recognition_01",
            400,
            "BadArgument",
            "'recognitionModel' is invalid.",
        ),
        ("returnFaceId=maybe", 400, "BadArgument", "Invalid argument returnFaceId."),
        ("returnFaceLandmarks=2", 400, "BadArgument", "Invalid argument returnFaceLandmarks."),
        ("returnRecognitionModel=yes", 400, "BadArgument", "Invalid argument returnRecognitionModel."),
        *(
            (
                f"faceIdTimeToLive={value}",
                400,
                "BadArgument",
                LIFE,
            )
            for value in ("59", "86401", "-60", "6O", "60.5", "NaN", "1e99")
        ),
        ("returnFaceAttributes=nonsense", 400, "BadArgument", SERVED),
        ("returnFaceAttributes=headPose,nonsense", 400, "BadArgument", SERVED),
        ("returnFaceAttributes=head_pose", 400, "BadArgument", SERVED),
        ("returnFaceAttributes=mask", 400, "BadArgument", NEEDS_DETECTION_03),
        ("returnFaceAttributes=headPose,MASK&detectionModel=detection_01", 400, "BadArgument", NEEDS_DETECTION_03),
        ("returnFaceAttributes=qualityForRecognition", 400, "BadArgument", NEEDS_RECOGNITION),
        (
            "returnFaceAttributes=qualityForRecognition&recognitionModel=recognition_02&detectionModel=detection_03",
            400,
            "BadArgument",
            NEEDS_RECOGNITION,
        ),
        (
            "returnFaceAttributes=headPose,age",
            403,
            "UnsupportedFeature",
            WITHDRAWN,
        ),
        (
            "returnFaceAttributes=headPose&detectionModel=detection_02",
            400,
            "BadArgument",
            "'returnFaceAttributes' is not supported by detection_02.",
        ),
        (
            "returnFaceLandmarks=true&detectionModel=detection_02",
            400,
            "BadArgument",
            "'returnLandmarks' is not supported by detection_02.",
        ),
    ],
)
def test_detect_refuses_a_malformed_query(service: Service, query: str, status: int, code: str, message: str) -> None:
    answer = service.http.post(f"/face/v1.2/detect?{query}", content=PORTRAIT(), headers=OCTETS)
    refused(answer, status, code, message)


def test_empty_parameters_count_as_absent(service: Service) -> None:
    query = "detectionModel=&recognitionModel=&returnFaceId=false&returnFaceAttributes=&faceIdTimeToLive="
    assert service.http.post(f"/face/v1.2/detect?{query}", content=PORTRAIT(), headers=OCTETS).status_code == 200


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"", "BadArgument", "JSON parsing error."),
        (b"{", "BadArgument", "JSON parsing error."),
        (b"[]", "BadArgument", "Request body is invalid."),
        (b"{}", "BadArgument", "Request body is invalid. 'url' is missing."),
        (b'{"url": 7}', "BadArgument", "Invalid argument url."),
        (b'{"url": ""}', "InvalidURL", "Invalid image URL."),
        (b'{"url": "no url"}', "InvalidURL", "Invalid image URL."),
        (b'{"url": "file:///etc/passwd"}', "InvalidURL", "Invalid image URL."),
        (b'{"url": "http://127.0.0.1/a.jpg"}', "InvalidURL", NOT_PUBLIC),
        (b'{"url": "http://169.254.169.254/metadata"}', "InvalidURL", NOT_PUBLIC),
        (b'{"url": "http://[::1]/a.jpg"}', "InvalidURL", NOT_PUBLIC),
        (b'{"url": "https://nowhere.invalid/a.jpg"}', "InvalidURL", NOT_PUBLIC),
    ],
)
def test_detect_refuses_a_malformed_url_body(service: Service, body: bytes, code: str, message: str) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    refused(service.http.post("/face/v1.2/detect", content=body, headers=headers), 400, code, message)


@pytest.mark.parametrize("version", ["v1.0", "v1.1-preview.1"])
def test_versions_without_session_images_want_a_url(service: Service, version: str) -> None:
    answer = service.http.post(f"/face/{version}/detect", json={"sessionImageId": "x"})
    refused(answer, 400, "BadArgument", "Request body is invalid. 'url' is missing.")


def test_detect_tells_what_the_pictures_server_said(service: Service) -> None:
    body = {"url": f"{service.pictures}/nothing-here.jpg"}
    message = DOWNLOAD + '"404 Not Found"'
    refused(service.http.post("/face/v1.2/detect", json=body), 400, "InvalidURL", message)


def test_url_of_something_that_is_no_picture_is_an_invalid_image(service: Service) -> None:
    body = {"url": f"{service.pictures}/lfw/pairs.csv"}
    message = "Decoding error, image format unsupported."
    refused(service.http.post("/face/v1.2/detect", json=body), 400, "InvalidImage", message)


@pytest.mark.parametrize(
    ("size", "code", "message"),
    [
        (0, "InvalidImageSize", "Image size is too small."),
        (1023, "InvalidImageSize", "Image size is too small."),
        (1024, "InvalidImage", "Decoding error, image format unsupported."),
        (6 * 1024 * 1024, "InvalidImage", "Decoding error, image format unsupported."),
        (6 * 1024 * 1024 + 1, "InvalidImageSize", "Image size is too big."),
    ],
)
def test_picture_size_limits_are_the_contracts(service: Service, size: int, code: str, message: str) -> None:
    answer = service.http.post("/face/v1.2/detect", content=bytes(size), headers=OCTETS)
    refused(answer, 400, code, message)


@pytest.mark.parametrize("path", ["detect", "verify"])
@pytest.mark.parametrize("content_type", ["text/plain", "image/jpeg", "multipart/form-data; boundary=x", ""])
def test_other_content_types_are_refused(service: Service, path: str, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = service.http.post(f"/face/v1.2/{path}", content=b"{}", headers=headers)
    refused(answer, 415, "BadArgument", "Invalid Media Type.")


@pytest.mark.parametrize("path", ["detect", "verify"])
@pytest.mark.parametrize("key", [None, "", "wrong", "contract-tests-key-0123456789 x"])
def test_without_a_valid_key_nothing_is_done(service: Service, path: str, key: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"Ocp-Apim-Subscription-Key": key})
    answer = httpx.post(f"{service.url}/face/v1.2/{path}", content=b"{", headers=headers)
    refused(answer, 401, "401", AccessDenied.message)


@pytest.mark.parametrize("version", ["v1.4", "v2.0", "1.0", "v1.0-preview.1", "%20"])
def test_unknown_version_is_not_found(service: Service, version: str) -> None:
    answer = service.http.post(f"/face/{version}/verify", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "404")
    assert "v1.3-preview.1" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/face/v1.2/detect"), ("POST", "/face/v1.2/nonsense")])
def test_unknown_path_is_named(service: Service, method: str, path: str) -> None:
    answer = service.http.request(method, path)
    message = f"Resource not found. There is no {method} {path}"
    assert (answer.status_code, answer.json()) == (404, {"error": {"code": "404", "message": message}})


def faces(one: Any, other: Any) -> dict[str, Any]:
    return {"faceId1": one, "faceId2": other}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "Request body is invalid."),
        ({}, "Request body is invalid. 'faceId1' is missing."),
        ({"faceId1": str(uuid4())}, "Request body is invalid. 'faceId2' is missing."),
        (faces("", str(uuid4())), "Face ID is invalid."),
        (faces("no-guid", str(uuid4())), "Face ID is invalid."),
        (faces(str(uuid4()), str(uuid4()) + "0"), "Face ID is invalid."),
        (faces(str(uuid4()), None), "Request body is invalid. 'faceId2' is missing."),
        (faces(str(uuid4()), [str(uuid4())]), "Face ID is invalid."),
        ({"faceId": str(uuid4())}, "Request body is invalid. 'personId' is missing."),
        ({"personId": str(uuid4())}, "Request body is invalid. 'faceId' is missing."),
    ],
)
def test_verify_refuses_a_malformed_body(service: Service, body: Any, message: str) -> None:
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    refused(service.http.post("/face/v1.2/verify", content=content, headers=headers), 400, "BadArgument", message)


def test_verify_of_an_unknown_face_is_404(service: Service) -> None:
    answer = service.http.post("/face/v1.2/verify", json=faces(str(uuid4()), str(uuid4())))
    refused(answer, 404, "FaceNotFound", "Face is not found.")
