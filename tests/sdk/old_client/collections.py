"""Calls that the operation groups of the four kinds of collections share."""

from azure.cognitiveservices.vision.face.models import RecognitionModel, TrainingStatusType

from tests.sdk.calls import Calls
from tests.sdk.old_client.errors import refused
from tests.sdk.old_client.world import COLLECTIONS, ERRORS, LISTS, TRAINED, World, fresh

calls = Calls()


@calls("create", *COLLECTIONS)
def create(world: World, group: str) -> None:
    made = fresh()
    operations = world.operations(group)
    operations.create(made, name="Familie Über", user_data="{}", recognition_model=RecognitionModel.recognition_03)
    got = operations.get(made, return_recognition_model=True)
    assert getattr(got, f"{group}_id") == made
    assert (got.name, got.user_data) == ("Familie Über", "{}")
    assert got.recognition_model == RecognitionModel.recognition_03
    refused(f"{ERRORS[group].removesuffix('NotFound')}Exists", lambda: operations.create(made, name="again"))


@calls("get", *COLLECTIONS)
def get(world: World, group: str) -> None:
    got = world.operations(group).get(world.filled(group).id)
    assert (got.name, got.user_data, got.recognition_model) == ("made for a test", "and for nothing else", None)


@calls("update", *COLLECTIONS)
def update(world: World, group: str) -> None:
    made = world.new(group)
    world.operations(group).update(made, name="renamed")
    got = world.operations(group).get(made)
    assert (got.name, got.user_data) == ("renamed", "and for nothing else")


@calls("delete", *COLLECTIONS)
def delete(world: World, group: str) -> None:
    made = world.new(group)
    world.operations(group).delete(made)
    refused(ERRORS[group], lambda: world.operations(group).get(made))


@calls("list", *COLLECTIONS)
def list_(world: World, group: str) -> None:
    first, second = sorted(world.new(group) for _ in range(2))
    listed = world.operations(group).list(return_recognition_model=True)
    models = {getattr(one, f"{group}_id"): one.recognition_model for one in listed}
    assert models[first] == models[second] == RecognitionModel.recognition_01
    assert list(models) == sorted(models)
    if group != "face_list":  # which is never paged
        (following,) = world.operations(group).list(start=first, top=1)
        assert first < getattr(following, f"{group}_id") <= second


@calls("train", *TRAINED)
def train(world: World, group: str) -> None:
    made = world.new(group)
    refused(
        f"{ERRORS[group].removesuffix('NotFound')}NotTrained",
        lambda: world.operations(group).get_training_status(made),
    )
    world.fill(group, made)
    world.train(group, made)


@calls("get_training_status", *TRAINED)
def get_training_status(world: World, group: str) -> None:
    status = world.operations(group).get_training_status(world.filled(group).id)
    assert status.status is TrainingStatusType.succeeded
    assert status.created <= status.last_successful_training <= status.last_action
    assert status.message is None


@calls("add_face_from_url", *LISTS)
def add_face_from_url(world: World, group: str) -> None:
    made, url = world.new(group), world.url("identification1")
    faces = world.client.face.detect_with_url(url, return_face_id=False)
    box = faces[1].face_rectangle
    target = [box.left, box.top, box.width, box.height]
    added = world.operations(group).add_face_from_url(made, url, user_data="second", target_face=target)
    assert user_data(world, group, made) == {added.persisted_face_id: "second"}
    refused("InvalidImage", lambda: world.operations(group).add_face_from_url(made, url))


@calls("add_face_from_stream", *LISTS)
def add_face_from_stream(world: World, group: str) -> None:
    made = world.new(group)
    face = world.add(group, made)
    assert user_data(world, group, made) == {face: "Family1-Dad1"}


@calls("delete_face", *LISTS)
def delete_face(world: World, group: str) -> None:
    made = world.new(group)
    kept, gone = world.add(group, made), world.add(group, made)
    world.operations(group).delete_face(made, gone)
    assert list(user_data(world, group, made)) == [kept]
    refused("PersistedFaceNotFound", lambda: world.operations(group).delete_face(made, gone))


@calls("list_faces", "large_face_list")
def list_faces(world: World, group: str) -> None:
    made = world.new(group)
    faces = sorted(world.add(group, made) for _ in range(3))
    listed = world.operations(group).list_faces(made, start=faces[0], top=1)
    assert [face.persisted_face_id for face in listed] == faces[1:2]


@calls("get_face", "large_face_list")
def get_face(world: World, group: str) -> None:
    filled = world.filled(group)
    face = world.operations(group).get_face(filled.id, filled.faces[1])
    assert (face.persisted_face_id, face.user_data) == (filled.faces[1], "Family1-Mom1")


@calls("update_face", "large_face_list")
def update_face(world: World, group: str) -> None:
    made = world.new(group)
    face = world.add(group, made)
    world.operations(group).update_face(made, face, user_data="changed")
    assert user_data(world, group, made) == {face: "changed"}


def user_data(world: World, group: str, collection: str) -> dict[str, str]:
    """persistedFaceId -> userData of what is in a list."""
    operations = world.operations(group)
    faces = operations.get(collection).persisted_faces if group == "face_list" else operations.list_faces(collection)
    return {face.persisted_face_id: face.user_data for face in faces}
