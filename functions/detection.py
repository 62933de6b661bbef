"""Detect: faces of a picture, their landmarks, and a faceId for each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import azure.functions as func
from msgspec import Meta

from shared.access.features import FACE_IDS
from shared.errors import BadArgument
from shared.wire.attributes import attributes_object, requested
from shared.wire.call import Call
from shared.wire.faces import landmarks_object, rectangle
from shared.wire.fields import DetectionModel, RecognitionModel
from shared.wire.objects import DetectSource, FaceDetectionResult, ImageUrl, WireObject
from shared.wire.operation import operation
from shared.wire.parsing import lacking

blueprint = func.Blueprint()


class DetectQuery(WireObject):
    """`returnFaceAttributes`: comma-separated. `faceIdTimeToLive`: seconds. `returnRecognitionModel` has
    an effect only with `returnFaceId`."""

    detection_model: DetectionModel = "detection_01"
    recognition_model: RecognitionModel = "recognition_01"
    return_face_id: bool = True
    return_face_landmarks: bool = False
    return_face_attributes: str = ""
    return_recognition_model: bool = False
    face_id_time_to_live: Annotated[int, Meta(ge=60, le=86400)] = 86400


NO_SESSION_IMAGES = ("v1.0", "v1.0-preview", "v1.1-preview.1")


def source(call: Call[DetectQuery, bytes | DetectSource]) -> bytes | ImageUrl:
    """What to look for faces in. A version takes no notice of what it does not have. Raises SessionImageNotFound."""
    if isinstance(call.body, bytes):
        return call.body
    if call.body.url is not None:
        return ImageUrl(url=call.body.url)
    if call.body.session_image_id is None or call.version in NO_SESSION_IMAGES:
        raise lacking("url")
    return call.services.liveness_sessions.image(call.body.session_image_id)


@operation(
    blueprint,
    "Detect",
    "POST",
    "face/{version}/detect",
    action="detect/action",
    covers=("Detect", "DetectFromUrl", "DetectFromSessionImageId", "Face_DetectWithStream", "Face_DetectWithUrl"),
)
def detect(call: Call[DetectQuery, bytes | DetectSource]) -> list[FaceDetectionResult]:
    """Faces of a picture, largest first, at most 100. Without returnFaceId nothing is embedded and nothing kept."""
    query, services = call.query, call.services
    if query.return_face_id:
        services.access.approvals.check(FACE_IDS)
    names = requested(
        query.return_face_attributes,
        query.detection_model,
        query.recognition_model,
        call.version,
        services.settings.sensitive_attributes,
        services.engine.unavailable,
    )
    if query.return_face_landmarks and query.detection_model == "detection_02":
        raise BadArgument("'returnLandmarks' is not supported by detection_02.")
    with services.images.taken(source(call)) as picture:
        faces = services.engine.detect(picture, query.detection_model)
        meshes = services.engine.landmarks(picture, faces) if query.return_face_landmarks else None
        attributes = services.engine.attributes(picture, faces, names, meshes)
        ids: Sequence[str | None] = [None] * len(faces)
        if query.return_face_id:  # last: whatever fails before leaves nothing stored
            life = timedelta(seconds=query.face_id_time_to_live)
            ids = services.transient_faces.enrol(picture, faces, query.recognition_model, life)
    return [
        FaceDetectionResult(
            face_id=face_id,
            recognition_model=query.recognition_model if face_id and query.return_recognition_model else None,
            face_rectangle=rectangle(face.box, picture),
            face_landmarks=None if meshes is None else landmarks_object(meshes[index]),
            face_attributes=attributes_object(attributes[index]) if names else None,
        )
        for index, (face, face_id) in enumerate(zip(faces, ids, strict=True))
    ]
