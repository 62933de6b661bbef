"""Microsoft's Python clients against the service, with nothing changed but endpoint and key."""

import asyncio
from collections.abc import Iterator

import pytest
from azure.ai.vision.face import FaceClient
from azure.ai.vision.face.aio import FaceClient as AsyncFaceClient
from azure.ai.vision.face.models import FaceDetectionModel, FaceDetectionResult, FaceRecognitionModel
from azure.cognitiveservices.vision.face import FaceClient as OldFaceClient
from azure.cognitiveservices.vision.face.models import APIErrorException
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from msrest.authentication import CognitiveServicesCredentials

from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

FAMILY = FACES / "azure/images"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def client(service: Service) -> Iterator[FaceClient]:
    with FaceClient(service.url, AzureKeyCredential(service.key)) as client:
        yield client


@pytest.fixture
def old_client(service: Service) -> Iterator[OldFaceClient]:
    client = OldFaceClient(service.url, CognitiveServicesCredentials(service.key))
    with client:
        yield client


def detected(client: FaceClient, name: str) -> FaceDetectionResult:
    (face,) = client.detect(
        (FAMILY / name).read_bytes(),
        detection_model=FaceDetectionModel.DETECTION03,
        recognition_model=FaceRecognitionModel.RECOGNITION04,
        return_face_id=True,
        return_face_landmarks=True,
        return_recognition_model=True,
        face_id_time_to_live=120,
    )
    return face


def test_new_client_detects_bytes_with_landmarks_and_model(client: FaceClient) -> None:
    face = detected(client, "detection1.jpg")
    assert face.face_id
    assert face.recognition_model == FaceRecognitionModel.RECOGNITION04
    assert face.face_rectangle.top > 0
    assert face.face_rectangle.left > 0
    assert face.face_landmarks
    assert face.face_landmarks.pupil_left.x < face.face_landmarks.pupil_right.x


def test_new_client_detects_by_url(client: FaceClient, service: Service) -> None:
    faces = client.detect_from_url(
        url=f"{service.pictures}/azure/images/identification1.jpg",
        detection_model=FaceDetectionModel.DETECTION03,
        recognition_model=FaceRecognitionModel.RECOGNITION04,
        return_face_id=False,
    )
    assert len(faces) >= 4
    assert all(face.face_id is None and face.face_landmarks is None for face in faces)


def test_new_client_verifies(client: FaceClient) -> None:
    ids = [str(detected(client, f"Family1-{name}.jpg").face_id) for name in ("Dad1", "Dad2", "Mom1")]
    same = client.verify_face_to_face(face_id1=ids[0], face_id2=ids[1])
    different = client.verify_face_to_face(face_id1=ids[0], face_id2=ids[2])
    assert same.is_identical
    assert same.confidence > 0.5 > different.confidence
    assert not different.is_identical


def test_new_client_reads_the_contracts_errors(client: FaceClient, service: Service) -> None:
    with pytest.raises(ResourceNotFoundError) as not_found:
        client.verify_face_to_face(face_id1=NOBODY, face_id2=NOBODY)
    assert not_found.value.error.code == "FaceNotFound"  # type: ignore[union-attr]
    with pytest.raises(HttpResponseError) as refused:
        client.detect(
            b"no picture" * 200,
            detection_model=FaceDetectionModel.DETECTION03,
            recognition_model=FaceRecognitionModel.RECOGNITION04,
            return_face_id=False,
        )
    assert refused.value.error.code == "InvalidImage"  # type: ignore[union-attr]
    with (
        FaceClient(service.url, AzureKeyCredential("wrong")) as stranger,
        pytest.raises(ClientAuthenticationError) as denied,
    ):
        stranger.verify_face_to_face(face_id1=NOBODY, face_id2=NOBODY)
    assert denied.value.error.code == "401"  # type: ignore[union-attr]


def test_async_client_detects_and_verifies(service: Service) -> None:
    async def detect_and_verify() -> bool:
        async with AsyncFaceClient(service.url, AzureKeyCredential(service.key)) as client:
            faces = [
                await client.detect(
                    (FAMILY / f"Family1-{name}.jpg").read_bytes(),
                    detection_model=FaceDetectionModel.DETECTION03,
                    recognition_model=FaceRecognitionModel.RECOGNITION04,
                    return_face_id=True,
                )
                for name in ("Dad1", "Dad2")
            ]
            ids = [str(found[0].face_id) for found in faces]
            return (await client.verify_face_to_face(face_id1=ids[0], face_id2=ids[1])).is_identical

    assert asyncio.run(detect_and_verify())


def test_version_override_of_the_new_client_is_served(service: Service) -> None:
    with FaceClient(service.url, AzureKeyCredential(service.key), api_version="v1.1-preview.1") as client:
        assert detected(client, "detection1.jpg").face_id


def test_old_client_detects_chunked_streams_and_urls_and_verifies(old_client: OldFaceClient, service: Service) -> None:
    ids = []
    for name in ("Dad1", "Dad2"):
        with (FAMILY / f"Family1-{name}.jpg").open("rb") as stream:
            (face,) = old_client.face.detect_with_stream(
                stream, return_face_landmarks=True, return_recognition_model=True, face_id_time_to_live=120
            )
        assert face.recognition_model == "recognition_01"
        assert face.face_landmarks.nose_tip.x > 0
        ids.append(face.face_id)
    (mom,) = old_client.face.detect_with_url(f"{service.pictures}/azure/images/Family1-Mom1.jpg")
    assert old_client.face.verify_face_to_face(ids[0], ids[1]).is_identical
    assert not old_client.face.verify_face_to_face(ids[0], mom.face_id).is_identical


def test_old_client_reads_the_contracts_errors(old_client: OldFaceClient) -> None:
    with pytest.raises(APIErrorException) as not_found:
        old_client.face.verify_face_to_face(NOBODY, NOBODY)
    assert not_found.value.error.error.code == "FaceNotFound"  # type: ignore[union-attr]
