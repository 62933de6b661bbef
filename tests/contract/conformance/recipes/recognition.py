"""Find similar, group, identify, verify: every scope that a version declares.

Up to 1.0-preview one operationId stands for all scopes of its URL, so its recipe runs those of the later ones.
"""

from typing import Any

from tests.contract.conformance.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.world import World

SURE = 0.9
"""Two templates of one picture are as alike as can be."""


@recipe("FaceRecognitionOperations_FindSimilar")
def find_similar(call: Call, world: World) -> None:
    dad, dad2, lady = world.faces
    every = call(json={"faceId": dad, "faceIds": [dad, dad2, lady], "mode": "matchFace"})
    assert [one["faceId"] for one in every] == [dad, dad2, lady]
    best = call(json={"faceId": dad, "faceIds": [lady, dad], "maxNumOfCandidatesReturned": 1, "mode": "matchPerson"})
    assert [one["faceId"] for one in best] == [dad]


@recipe("FaceRecognitionOperations_FindSimilarFromFaceList")
def find_similar_in_face_list(call: Call, world: World) -> None:
    find_in(call, world, FACE_LIST)


@recipe("FaceRecognitionOperations_FindSimilarFromLargeFaceList")
def find_similar_in_large_face_list(call: Call, world: World) -> None:
    find_in(call, world, LARGE_FACE_LIST)


def find_in(call: Call, world: World, kind: Kind) -> None:
    body = {"faceId": world.face(), kind.id_field: world.collection(kind), "maxNumOfCandidatesReturned": 1000}
    (found,) = call(json=body | {"mode": "matchPerson"})
    assert found["persistedFaceId"] == world.persisted(kind)
    assert found["confidence"] > SURE


@recipe("Face_FindSimilar")
def find_similar_everywhere(call: Call, world: World) -> None:
    find_similar(call, world)
    find_similar_in_face_list(call, world)
    find_similar_in_large_face_list(call, world)


@recipe("Face_Group", "FaceRecognitionOperations_Group")
def group(call: Call, world: World) -> None:
    dad, dad2, lady = world.faces
    found = call(json={"faceIds": [dad, lady, dad2]})
    assert [sorted(one) for one in found["groups"]] == [sorted([dad, dad2])]
    assert found["messyGroup"] == [lady]


def identify_in(call: Call, world: World, scope: dict[str, Any], person: str) -> None:
    """Dad is found in the scope, the lady is not."""
    dad, _, lady = world.faces
    body = {"faceIds": [dad, lady], "maxNumOfCandidatesReturned": 100, "confidenceThreshold": 0.5}
    one, other = call(json=body | scope)
    assert (one["faceId"], other["faceId"], other["candidates"]) == (dad, lady, [])
    assert [candidate["personId"] for candidate in one["candidates"]][:1] == [person]
    assert one["candidates"][0]["confidence"] > SURE


@recipe("FaceRecognitionOperations_IdentifyFromPersonGroup")
def identify_in_person_group(call: Call, world: World) -> None:
    identify_in(call, world, {"personGroupId": world.collection(PERSON_GROUP)}, world.owner(PERSON_GROUP))


@recipe("FaceRecognitionOperations_IdentifyFromLargePersonGroup")
def identify_in_large_person_group(call: Call, world: World) -> None:
    kind = LARGE_PERSON_GROUP
    identify_in(call, world, {"largePersonGroupId": world.collection(kind)}, world.owner(kind))


@recipe("FaceRecognitionOperations_IdentifyFromPersonDirectory")
def identify_in_directory(call: Call, world: World) -> None:
    identify_in(call, world, {"personIds": [world.directory_person()]}, world.directory_person())


@recipe("FaceRecognitionOperations_IdentifyFromDynamicPersonGroup")
def identify_in_dynamic_group(call: Call, world: World) -> None:
    identify_in(call, world, {"dynamicPersonGroupId": world.dynamic_group()}, world.directory_person())


@recipe("Face_Identify")
def identify_everywhere(call: Call, world: World) -> None:
    identify_in_person_group(call, world)
    identify_in_large_person_group(call, world)
    if world.version != "v1.0":  # the first with a Person Directory
        identify_in_directory(call, world)
        identify_in_dynamic_group(call, world)


@recipe("Face_VerifyFaceToFace", "FaceRecognitionOperations_VerifyFaceToFace")
def verify_faces(call: Call, world: World) -> None:
    dad, dad2, lady = world.faces
    assert call(json={"faceId1": dad, "faceId2": dad2})["isIdentical"] is True
    assert call(json={"faceId1": dad, "faceId2": lady})["isIdentical"] is False


def verify_against(call: Call, world: World, person: dict[str, str]) -> None:
    dad, _, lady = world.faces
    assert call(json=person | {"faceId": dad})["isIdentical"] is True
    assert call(json=person | {"faceId": lady})["isIdentical"] is False


@recipe("FaceRecognitionOperations_VerifyFromPersonGroup")
def verify_in_person_group(call: Call, world: World) -> None:
    kind = PERSON_GROUP
    verify_against(call, world, {kind.id_field: world.collection(kind), "personId": world.owner(kind)})


@recipe("FaceRecognitionOperations_VerifyFromLargePersonGroup")
def verify_in_large_person_group(call: Call, world: World) -> None:
    kind = LARGE_PERSON_GROUP
    verify_against(call, world, {kind.id_field: world.collection(kind), "personId": world.owner(kind)})


@recipe("FaceRecognitionOperations_VerifyFromPersonDirectory")
def verify_in_directory(call: Call, world: World) -> None:
    verify_against(call, world, {"personId": world.directory_person()})


@recipe("Face_VerifyFaceToPerson")
def verify_in_every_scope(call: Call, world: World) -> None:
    verify_in_person_group(call, world)
    verify_in_large_person_group(call, world)
    if world.version != "v1.0":
        verify_in_directory(call, world)
