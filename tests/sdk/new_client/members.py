"""Calls of FaceAdministrationClient on the faces of a list, the persons of a group and their faces."""

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.sdk.calls import Calls
from tests.sdk.new_client.errors import refused
from tests.sdk.new_client.world import DETECTION, GROUP, LIST, World

BOTH = (LIST, GROUP)

calls = Calls()


def owner(world: World, group: str) -> tuple[str, ...]:
    """The ids of something fresh that faces can be added to: a list, or a group and a person in it."""
    made = world.new(group)
    return (made, world.new_person(made)) if group == GROUP else (made,)


@calls("add_face", *BOTH)
def add_face(world: World, group: str) -> None:
    ids = owner(world, group)
    face = world.add(group, *ids, name="Family1-Mom1")
    assert world.operations(group).get_face(*ids, face).user_data == "Family1-Mom1"


@calls("add_face_from_url", *BOTH)
def add_face_from_url(world: World, group: str) -> None:
    ids, url = owner(world, group), world.url("identification1")
    options = {"detection_model": DETECTION, "return_face_id": False, "recognition_model": "recognition_04"}
    box = world.faces.detect_from_url(url=url, **options)[1].face_rectangle
    target = [box.left, box.top, box.width, box.height]
    add = world.operations(group).add_face_from_url
    face = add(*ids, url=url, target_face=target, detection_model=DETECTION, user_data="ü d").persisted_face_id
    assert world.operations(group).get_face(*ids, face).user_data == "ü d"
    refused(HttpResponseError, "InvalidImage", lambda: add(*ids, url=url, detection_model=DETECTION))


@calls("get_face", *BOTH)
def get_face(world: World, group: str) -> None:
    ids = owner(world, group)
    face = world.add(group, *ids)
    got = world.operations(group).get_face(*ids, face)
    assert (got.persisted_face_id, got.user_data) == (face, "Family1-Dad1")


@calls("update_face", *BOTH)
def update_face(world: World, group: str) -> None:
    ids = owner(world, group)
    face = world.add(group, *ids)
    world.operations(group).update_face(*ids, face, user_data="changed")
    assert world.operations(group).get_face(*ids, face).user_data == "changed"


@calls("delete_face", *BOTH)
def delete_face(world: World, group: str) -> None:
    ids = owner(world, group)
    face = world.add(group, *ids)
    world.operations(group).delete_face(*ids, face)
    refused(ResourceNotFoundError, "PersistedFaceNotFound", lambda: world.operations(group).get_face(*ids, face))


@calls("get_faces", LIST)
def get_faces(world: World, group: str) -> None:
    made = world.new(group)
    faces = sorted(world.add(group, made) for _ in range(3))
    assert [face.persisted_face_id for face in world.operations(group).get_faces(made)] == faces
    listed = world.operations(group).get_faces(made, start=faces[0], top=1)
    assert [face.persisted_face_id for face in listed] == faces[1:2]


@calls("create_person", GROUP)
def create_person(world: World, group: str) -> None:
    made = world.new(group)
    person = world.operations(group).create_person(made, name="Bill").person_id
    got = world.operations(group).get_person(made, person)
    assert (got.person_id, got.name, got.user_data, got.persisted_face_ids) == (person, "Bill", None, [])


@calls("get_person", GROUP)
def get_person(world: World, group: str) -> None:
    made, person = owner(world, group)
    faces = {world.add(group, made, person, name=name) for name in ("Family1-Dad1", "Family1-Dad2")}
    got = world.operations(group).get_person(made, person)
    assert (got.name, got.user_data, set(got.persisted_face_ids)) == ("somebody", "who is made up", faces)


@calls("get_persons", GROUP)
def get_persons(world: World, group: str) -> None:
    made, first = owner(world, group)
    persons = sorted([first, *(world.new_person(made) for _ in range(2))])
    assert [one.person_id for one in world.operations(group).get_persons(made)] == persons
    listed = world.operations(group).get_persons(made, start=persons[0], top=1)
    assert [one.person_id for one in listed] == persons[1:2]


@calls("update_person", GROUP)
def update_person(world: World, group: str) -> None:
    made, person = owner(world, group)
    world.operations(group).update_person(made, person, name="renamed")
    got = world.operations(group).get_person(made, person)
    assert (got.name, got.user_data) == ("renamed", "who is made up")


@calls("delete_person", GROUP)
def delete_person(world: World, group: str) -> None:
    made, person = owner(world, group)
    world.operations(group).delete_person(made, person)
    refused(ResourceNotFoundError, "PersonNotFound", lambda: world.operations(group).get_person(made, person))
