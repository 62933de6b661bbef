"""Calls of the `face` operation group."""

from azure.cognitiveservices.vision.face.models import FindSimilarMatchMode, RecognitionModel

from tests.sdk.calls import Calls
from tests.sdk.old_client.world import GROUPS, LISTS, World, picture

calls = Calls()


@calls("detect_with_url", "face")
def detect_with_url(world: World, _: str) -> None:
    faces = world.client.face.detect_with_url(
        world.url("identification1"),
        return_face_landmarks=True,
        recognition_model="recognition_04",
        return_recognition_model=True,
        detection_model="detection_03",
        face_id_time_to_live=60,
    )
    assert len(faces) >= 4
    assert all(face.face_id and face.recognition_model == RecognitionModel.recognition_04 for face in faces)
    assert all(face.face_landmarks.nose_tip.x > 0 for face in faces)


@calls("detect_with_stream", "face")
def detect_with_stream(world: World, _: str) -> None:
    with picture("detection1").open("rb") as stream:
        (face,) = world.client.face.detect_with_stream(stream, return_face_id=False)
    assert face.face_id is None
    assert face.face_rectangle.width > 0


@calls("find_similar", "face")
def find_similar(world: World, _: str) -> None:
    dad1, dad2, mom = world.faces
    (found,) = world.client.face.find_similar(dad2, face_ids=[dad1, mom])
    assert (found.face_id, found.persisted_face_id) == (dad1, None)
    for group in LISTS:
        filled = world.filled(group)
        scope = {f"{group}_id": filled.id}
        (same,) = world.client.face.find_similar(dad2, **scope)
        assert (same.face_id, same.persisted_face_id) == (None, filled.faces[0])
        match = FindSimilarMatchMode.match_face
        both = world.client.face.find_similar(dad2, **scope, max_num_of_candidates_returned=2, mode=match)
        assert [face.persisted_face_id for face in both] == list(filled.faces)
        assert both[0].confidence > 0.5 > both[1].confidence


@calls("group", "face")
def group(world: World, _: str) -> None:
    dad1, dad2, mom = world.faces
    grouping = world.client.face.group([dad1, mom, dad2])
    assert [set(together) for together in grouping.groups] == [{dad1, dad2}]
    assert grouping.messy_group == [mom]


@calls("identify", "face")
def identify(world: World, _: str) -> None:
    for group in GROUPS:
        filled = world.filled(group)
        found = world.client.face.identify(world.faces, **{f"{group}_id": filled.id})
        assert [face.face_id for face in found] == world.faces
        dad, mom = filled.persons
        assert [[one.person_id for one in face.candidates] for face in found] == [[dad], [dad], [mom]]
        certain = world.client.face.identify(
            world.faces[1:2],
            **{f"{group}_id": filled.id},
            max_num_of_candidates_returned=5,
            confidence_threshold=0.9999,
        )
        assert certain[0].candidates == []


@calls("verify_face_to_face", "face")
def verify_face_to_face(world: World, _: str) -> None:
    dad1, dad2, mom = world.faces
    assert world.client.face.verify_face_to_face(dad1, dad2).is_identical is True
    assert world.client.face.verify_face_to_face(dad1, mom).is_identical is False


@calls("verify_face_to_person", "face")
def verify_face_to_person(world: World, _: str) -> None:
    for group in GROUPS:
        filled = world.filled(group)
        scope = {f"{group}_id": filled.id}
        dad, mom = (world.client.face.verify_face_to_person(world.faces[1], one, **scope) for one in filled.persons)
        assert (dad.is_identical, mom.is_identical) == (True, False)
        assert dad.confidence > 0.5 > mom.confidence
