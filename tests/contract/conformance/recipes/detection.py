"""Detect, of bytes and of a URL."""

from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.world import World, picture

EVERYTHING = {
    "detectionModel": "detection_03",
    "recognitionModel": "recognition_04",
    "returnFaceId": True,
    "returnFaceLandmarks": True,
    "returnRecognitionModel": True,
    "faceIdTimeToLive": 60,
}


@recipe("Face_DetectWithStream", "FaceDetectionOperations_Detect")
def detect(call: Call, world: World) -> None:
    del world
    (face,) = call(query=EVERYTHING, content=picture("Family1-Dad1"))
    assert sorted(face) == ["faceId", "faceLandmarks", "faceRectangle", "recognitionModel"]


@recipe("Face_DetectWithUrl", "FaceDetectionOperations_DetectFromUrl")
def detect_from_url(call: Call, world: World) -> None:
    body = {"url": f"{world.service.pictures}/azure/images/Family1-Dad1.jpg"}
    (face,) = call(query=EVERYTHING, json=body)
    assert sorted(face) == ["faceId", "faceLandmarks", "faceRectangle", "recognitionModel"]
