"""Calls of FaceClient."""

from azure.ai.vision.face.models import FaceRecognitionModel, FindSimilarMatchMode
from azure.core.rest import HttpRequest

from tests.sdk.calls import Calls
from tests.sdk.new_client.world import DETECTION, RECOGNITION, World, picture

calls = Calls()


@calls("detect")
def detect(world: World, _: str) -> None:
    (face,) = world.faces.detect(
        picture("detection1"),
        detection_model=DETECTION,
        recognition_model=RECOGNITION,
        return_face_id=True,
        return_face_landmarks=True,
        return_recognition_model=True,
        face_id_time_to_live=60,
    )
    assert face.face_id
    assert face.recognition_model is FaceRecognitionModel.RECOGNITION04
    assert face.face_landmarks.nose_tip.x > 0


@calls("detect_from_url")
def detect_from_url(world: World, _: str) -> None:
    faces = world.faces.detect_from_url(
        url=world.url("identification1"),
        detection_model=DETECTION,
        recognition_model=RECOGNITION,
        return_face_id=False,
    )
    assert len(faces) >= 4
    assert all(face.face_id is None for face in faces)


@calls("find_similar")
def find_similar(world: World, _: str) -> None:
    dad1, dad2, mom = world.face_ids
    (found,) = world.faces.find_similar(face_id=dad2, face_ids=[dad1, mom])
    assert (found.face_id, found.persisted_face_id) == (dad1, None)
    assert found.confidence > 0.5


@calls("find_similar_from_large_face_list")
def find_similar_from_large_face_list(world: World, _: str) -> None:
    scope = {"face_id": world.face_ids[1], "large_face_list_id": world.list.id}
    (found,) = world.faces.find_similar_from_large_face_list(**scope)
    assert (found.face_id, found.persisted_face_id) == (None, world.list.faces[0])
    both = world.faces.find_similar_from_large_face_list(
        **scope, max_num_of_candidates_returned=2, mode=FindSimilarMatchMode.MATCH_FACE
    )
    assert tuple(face.persisted_face_id for face in both) == world.list.faces
    assert both[0].confidence > 0.5 > both[1].confidence


@calls("group")
def group(world: World, _: str) -> None:
    dad1, dad2, mom = world.face_ids
    grouping = world.faces.group(face_ids=[dad1, mom, dad2])
    assert [set(together) for together in grouping.groups] == [{dad1, dad2}]
    assert grouping.messy_group == [mom]


@calls("identify_from_large_person_group")
def identify_from_large_person_group(world: World, _: str) -> None:
    scope = {"face_ids": world.face_ids, "large_person_group_id": world.group.id}
    found = world.faces.identify_from_large_person_group(**scope)
    dad, mom = world.group.persons
    assert [face.face_id for face in found] == world.face_ids
    assert [[one.person_id for one in face.candidates] for face in found] == [[dad], [dad], [mom]]
    lax = world.faces.identify_from_large_person_group(
        **scope, max_num_of_candidates_returned=1, confidence_threshold=0.0
    )
    assert [[one.person_id for one in face.candidates] for face in lax] == [[dad], [dad], [mom]]


@calls("verify_face_to_face")
def verify_face_to_face(world: World, _: str) -> None:
    dad1, dad2, mom = world.face_ids
    assert world.faces.verify_face_to_face(face_id1=dad1, face_id2=dad2).is_identical is True
    assert world.faces.verify_face_to_face(face_id1=dad1, face_id2=mom).is_identical is False


@calls("verify_from_large_person_group")
def verify_from_large_person_group(world: World, _: str) -> None:
    scope = {"face_id": world.face_ids[1], "large_person_group_id": world.group.id}
    dad, mom = (world.faces.verify_from_large_person_group(**scope, person_id=person) for person in world.group.persons)
    assert (dad.is_identical, mom.is_identical) == (True, False)
    assert dad.confidence > 0.5 > mom.confidence


@calls("send_request")
def send_request(world: World, _: str) -> None:
    """The way to operations for which the clients have no method."""
    for client in (world.faces, world.admin):
        answer = client.send_request(HttpRequest("GET", "/facelists"))
        assert (answer.status_code, answer.json()) == (200, [])
