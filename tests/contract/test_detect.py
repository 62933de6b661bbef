"""POST /face/{version}/detect, as operations.md and models.md describe it."""

import io
import re
import socket
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from PIL import Image

from shared.wire.operation import VERSIONS
from tests.contract.conftest import Service
from tests.engine.test_landmarks import NAMES
from tests.faces import ROOT as FACES
from tests.faces import rows

PORTRAIT = FACES / "azure/images/detection1.jpg"
GROUP = FACES / "azure/images/identification1.jpg"
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_a_face_id_and_a_rectangle_by_default(service: Service, version: str) -> None:
    (face,) = service.detect(PORTRAIT, version)
    assert sorted(face) == ["faceId", "faceRectangle"]
    assert str(UUID(face["faceId"])) == face["faceId"]
    assert all(isinstance(face["faceRectangle"][side], int) for side in ("top", "left", "width", "height"))


def test_url_and_bytes_give_the_same_answer(service: Service) -> None:
    body = {"url": f"{service.pictures}/azure/images/identification1.jpg"}
    query = {"returnFaceId": "false", "returnFaceLandmarks": "true"}
    by_url = service.http.post("/face/v1.2/detect", params=query, json=body)
    assert by_url.status_code == 200
    assert by_url.json() == service.detect(GROUP, **query)


def test_without_face_id_nothing_is_stored(service: Service) -> None:
    before = service.stored_faces()
    (face,) = service.detect(PORTRAIT, returnFaceId="false", returnRecognitionModel="true")
    assert sorted(face) == ["faceRectangle"]
    assert service.stored_faces() == before


def test_recognition_model_is_echoed_when_asked_for(service: Service) -> None:
    query = {"recognitionModel": "recognition_03", "returnRecognitionModel": "true"}
    assert service.detect(PORTRAIT, **query)[0]["recognitionModel"] == "recognition_03"


def test_landmarks_are_the_27_named_points_within_the_face(service: Service) -> None:
    for face in service.detect(GROUP, returnFaceLandmarks="true"):
        points, box = face["faceLandmarks"], face["faceRectangle"]
        assert list(points) == NAMES
        for point in points.values():
            assert box["left"] - box["width"] * 0.4 <= point["x"] <= box["left"] + box["width"] * 1.4
            assert box["top"] - box["height"] / 4 <= point["y"] <= box["top"] + box["height"] * 1.25
        assert points["pupilLeft"]["x"] < points["pupilRight"]["x"]
        assert points["mouthLeft"]["x"] < points["mouthRight"]["x"]
        assert points["pupilLeft"]["y"] < points["noseTip"]["y"] < points["underLipBottom"]["y"]


def test_quickstart_portrait_has_the_attributes_that_azure_face_gives_it(service: Service) -> None:
    query = {"detectionModel": "detection_03", "recognitionModel": "recognition_04", "returnFaceId": "false"}
    names = ["headPose", "mask", "qualityForRecognition"]
    (face,) = service.detect(PORTRAIT, **query, returnFaceAttributes=",".join(names))
    assert sorted(face) == ["faceAttributes", "faceRectangle"]
    attributes = face["faceAttributes"]
    assert sorted(attributes) == names
    assert attributes["mask"] == {"type": "noMask", "noseAndMouthCovered": False}
    assert attributes["qualityForRecognition"] == "high"
    assert (attributes["headPose"]["pitch"], attributes["headPose"]["yaw"]) == pytest.approx((-17, 12), abs=2)


@pytest.mark.parametrize(
    ("asked", "query", "given"),
    [
        ("headPose", {}, ["headPose"]),
        ("HEADPOSE, headpose,", {}, ["headPose"]),
        ("Mask", {"detectionModel": "detection_03"}, ["mask"]),
        ("qualityforrecognition", {"recognitionModel": "recognition_03"}, ["qualityForRecognition"]),
        (
            "QualityForRecognition,headPose",
            {"recognitionModel": "recognition_04", "detectionModel": "detection_03"},
            ["headPose", "qualityForRecognition"],
        ),
    ],
)
def test_names_of_attributes_match_in_any_case_and_only_those_asked_for_are_given(
    service: Service, asked: str, query: dict[str, str], given: list[str]
) -> None:
    faces = service.detect(GROUP, returnFaceId="false", returnFaceAttributes=asked, **query)
    assert len(faces) == 4
    assert all(sorted(face["faceAttributes"]) == given for face in faces)


def test_landmarks_change_no_attribute(service: Service) -> None:
    query = {"returnFaceId": "false", "returnFaceAttributes": "headPose"}
    alone = service.detect(GROUP, **query)
    together = service.detect(GROUP, **query, returnFaceLandmarks="true")
    assert [face["faceAttributes"] for face in together] == [face["faceAttributes"] for face in alone]


def test_worn_mask_is_told(service: Service) -> None:
    query = {"detectionModel": "detection_03", "returnFaceId": "false", "returnFaceAttributes": "mask"}
    face, *_ = service.detect(FACES / "mask/images/mask_001.jpg", **query)
    assert face["faceAttributes"] == {"mask": {"type": "faceMask", "noseAndMouthCovered": True}}


def test_attributes_of_a_picture_without_faces_are_an_empty_list(service: Service) -> None:
    blank = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(blank, "PNG")
    query = {"detectionModel": "detection_03", "recognitionModel": "recognition_04"}
    assert service.detect(blank.getvalue(), **query, returnFaceAttributes="headPose,mask,qualityForRecognition") == []


def test_faces_come_largest_first(service: Service) -> None:
    areas = [face["faceRectangle"]["width"] * face["faceRectangle"]["height"] for face in service.detect(GROUP)]
    assert len(areas) >= 4
    assert areas == sorted(areas, reverse=True)


def test_picture_without_a_face_gives_an_empty_list(service: Service) -> None:
    blank = io.BytesIO()
    Image.effect_noise((400, 300), 60).save(blank, "PNG")
    assert service.detect(blank.getvalue()) == []


def test_at_most_100_faces_are_returned_and_all_are_stored(service: Service) -> None:
    face = Image.open(GROUP).resize((320, 213))
    sheet = Image.new("RGB", (320 * 7, 213 * 8))
    for column in range(7):
        for row in range(8):
            sheet.paste(face, (column * 320, row * 213))
    data = io.BytesIO()
    sheet.save(data, "JPEG", quality=92)
    faces = service.detect(data.getvalue())
    assert len(faces) == 100
    ids = [face["faceId"] for face in faces]
    assert len({face_id[:4] for face_id in ids}) == 1
    assert all(service.tables.table("faceids").get(face_id[:4], face_id) for face_id in ids)


def test_exif_orientation_is_applied_before_detection(service: Service) -> None:
    upright: list[dict[str, int]] | None = None
    for row in rows("exif", "exif"):
        if not row["file"].startswith("images/identification1_o"):
            continue
        found = [face["faceRectangle"] for face in service.detect(FACES / "exif" / row["file"], returnFaceId="false")]
        upright = upright or found
        assert len(found) == len(upright) >= int(row["min_faces"])
        for one, other in zip(upright, found, strict=True):
            assert all(abs(one[side] - other[side]) <= 4 for side in one)
    assert upright


def test_time_to_live_is_what_the_caller_asked_for(service: Service) -> None:
    face_id = service.face_id(PORTRAIT, faceIdTimeToLive="61")
    assert service.http.post("/face/v1.2/verify", json={"faceId1": face_id, "faceId2": face_id}).status_code == 200
    service.clock.advance(61)
    assert service.http.post("/face/v1.2/verify", json={"faceId1": face_id, "faceId2": face_id}).status_code == 404


def test_old_sdks_chunked_upload_with_every_default_spelled_out(service: Service) -> None:
    query = (
        "returnFaceId=true&returnFaceLandmarks=false&recognitionModel=recognition_01&returnRecognitionModel=false"
        "&detectionModel=detection_01&faceIdTimeToLive=86400"
    )
    data = PORTRAIT.read_bytes()
    chunks = (data[start : start + 5000] for start in range(0, len(data), 5000))
    answer = service.http.post(f"/face/v1.0/detect?{query}", content=chunks, headers=OCTETS)
    assert answer.status_code == 200
    assert len(answer.json()) == 1


def test_chunked_body_lost_on_the_way_gets_an_error_that_names_content_length(service: Service) -> None:
    target = urlsplit(service.url)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(
            b"POST /face/v1.0/detect HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
            b"Content-Type: application/octet-stream\r\n"
            + f"Ocp-Apim-Subscription-Key: {service.key}\r\n\r\n0\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"BadArgument" in answer
    assert b"Content-Length" in answer


@pytest.mark.parametrize("path", ["/FACE/V1.2/DETECT", "//face/v1.2/detect", "/face/v1.2/Detect/"])
def test_path_is_matched_in_any_case_and_locally_with_doubled_slashes(service: Service, path: str) -> None:
    answer = service.http.post(
        service.url + path, content=PORTRAIT.read_bytes(), headers=OCTETS, params={"returnFaceId": "false"}
    )
    assert answer.status_code == 200


def test_answer_carries_its_ids_and_no_sniffing(service: Service) -> None:
    sent = {"x-ms-client-request-id": "my-own-id", **OCTETS}
    answer = service.http.post("/face/v1.2/detect", content=PORTRAIT.read_bytes(), headers=sent)
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["apim-request-id"])
    assert answer.headers["x-ms-client-request-id"] == "my-own-id"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"].startswith("application/json")


def test_picture_of_two_detection_models_gives_the_same_faces(service: Service) -> None:
    answers = [
        service.detect(GROUP, detectionModel=model, returnFaceId="false")
        for model in ("detection_01", "detection_02", "detection_03")
    ]
    assert answers[0] == answers[1] == answers[2]
