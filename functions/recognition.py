"""Verify, Identify, Find Similar, Group: faces against faces and against those who are enrolled."""

import uuid

import azure.functions as func

from shared.people.recognition import Recognition, Verdict
from shared.wire.call import Call
from shared.wire.operation import operation
from shared.wire.parsing import lacking
from shared.wire.recognition import (
    FindSimilarRequest,
    FindSimilarResult,
    GroupingResult,
    GroupRequest,
    IdentificationCandidate,
    IdentificationResult,
    IdentifyRequest,
    VerificationResult,
    VerifyRequest,
)

blueprint = func.Blueprint()


@operation(
    blueprint,
    "Verify",
    "POST",
    "face/{version}/verify",
    action="verify/action",
    covers=(
        "VerifyFaceToFace",
        "VerifyFromPersonGroup",
        "VerifyFromLargePersonGroup",
        "VerifyFromPersonDirectory",
        "Face_VerifyFaceToFace",
        "Face_VerifyFaceToPerson",
    ),
)
def verify(call: Call[None, VerifyRequest]) -> VerificationResult:
    """Whether two faces are of one person, or a face is of a person, with the confidence on the published scale."""
    compare = with_person if call.body.is_about_a_person else with_face
    verdict = compare(call.services.recognition, call.version, call.body)
    return VerificationResult(is_identical=verdict.identical, confidence=verdict.confidence)


def with_face(recognition: Recognition, _: str, asked: VerifyRequest) -> Verdict:
    return recognition.verify_faces(required("faceId1", asked.face_id1), required("faceId2", asked.face_id2))


def with_person(recognition: Recognition, version: str, asked: VerifyRequest) -> Verdict:
    face, person = required("faceId", asked.face_id), required("personId", asked.person_id)
    group = asked.group(version)
    if group is None:
        return recognition.verify_directory_person(face, person)
    return recognition.verify_person(face, group.kind, group.id, person)


def required(field: str, value: uuid.UUID | None) -> str:
    if value is None:
        raise lacking(field)
    return str(value)


@operation(
    blueprint,
    "Identify",
    "POST",
    "face/{version}/identify",
    action="identify/action",
    covers=(
        "IdentifyFromPersonGroup",
        "IdentifyFromLargePersonGroup",
        "IdentifyFromPersonDirectory",
        "IdentifyFromDynamicPersonGroup",
        "Face_Identify",
    ),
)
def identify(call: Call[None, IdentifyRequest]) -> list[IdentificationResult]:
    """For each face the persons of the scope that it may be of, best first."""
    asked, version = call.body, call.version
    faces = [str(face) for face in asked.face_ids]
    found = call.services.recognition.identify(
        faces, asked.scope(version), asked.limit(version), asked.confidence_threshold
    )
    return [
        IdentificationResult(
            one.face_id, [IdentificationCandidate(other.person_id, other.confidence) for other in one.candidates]
        )
        for one in found
    ]


@operation(
    blueprint,
    "FindSimilar",
    "POST",
    "face/{version}/findsimilars",
    action="findsimilars/action",
    covers=("FindSimilar", "FindSimilarFromFaceList", "FindSimilarFromLargeFaceList", "Face_FindSimilar"),
)
def find_similar(call: Call[None, FindSimilarRequest]) -> list[FindSimilarResult]:
    """The faces of the scope that are most like a face, best first."""
    asked = call.body
    limit, mode = asked.max_num_of_candidates_returned or 20, asked.mode or "matchPerson"
    found = call.services.recognition.find_similar(str(asked.face_id), asked.scope(), mode, limit)
    return [FindSimilarResult(one.confidence, one.face_id, one.persisted_face_id) for one in found]


@operation(
    blueprint,
    "Group",
    "POST",
    "face/{version}/group",
    action="group/action",
    covers=("Group", "Face_Group"),
)
def group(call: Call[None, GroupRequest]) -> GroupingResult:
    """Faces sorted by who they are likely to be of."""
    found = call.services.recognition.group([str(face) for face in call.body.face_ids])
    return GroupingResult(groups=found.groups, messy_group=found.messy)
