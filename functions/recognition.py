"""Verify: are two faces of one person?"""

import uuid

import azure.functions as func

from shared.store.face_ids import FaceId
from shared.wire.call import Call
from shared.wire.objects import VerificationResult, WireObject
from shared.wire.operation import operation

blueprint = func.Blueprint()


class VerifyFaces(WireObject):
    """Two faceIds of detect."""

    face_id1: uuid.UUID
    face_id2: uuid.UUID


@operation(blueprint, "Verify", "POST", "face/{version}/verify", action="verify/action", covers=("VerifyFaceToFace",))
def verify(call: Call[None, VerifyFaces]) -> VerificationResult:
    """Whether two faces belong to one person, with the confidence on the published scale."""
    one, other = FaceId(str(call.body.face_id1)), FaceId(str(call.body.face_id2))
    verdict = call.services.transient_faces.verify(one, other)
    return VerificationResult(is_identical=verdict.identical, confidence=verdict.confidence)
