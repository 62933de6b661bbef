"""Calls that the operation groups of the persons of both kinds of groups share."""

from tests.sdk.calls import Calls
from tests.sdk.old_client.errors import refused
from tests.sdk.old_client.world import PERSONS, World

calls = Calls()


def new(world: World, group: str) -> tuple[str, str]:
    """A fresh group and a person in it, by their ids."""
    made = world.new(group.removesuffix("_person"))
    return made, world.new_person(group.removesuffix("_person"), made)


@calls("create", *PERSONS)
def create(world: World, group: str) -> None:
    made = world.new(group.removesuffix("_person"))
    person = world.operations(group).create(made, name="Bill").person_id
    got = world.operations(group).get(made, person)
    assert (got.person_id, got.name, got.user_data, got.persisted_face_ids) == (person, "Bill", None, [])


@calls("get", *PERSONS)
def get(world: World, group: str) -> None:
    made, person = new(world, group)
    faces = {world.add(group, made, person, name=name) for name in ("Family1-Dad1", "Family1-Dad2")}
    got = world.operations(group).get(made, person)
    assert (got.name, got.user_data, set(got.persisted_face_ids)) == ("somebody", "who is made up", faces)


@calls("list", *PERSONS)
def list_(world: World, group: str) -> None:
    made, first = new(world, group)
    persons = sorted([first, *(world.new_person(group.removesuffix("_person"), made) for _ in range(2))])
    assert [one.person_id for one in world.operations(group).list(made)] == persons
    assert [one.person_id for one in world.operations(group).list(made, start=persons[0], top=1)] == persons[1:2]


@calls("update", *PERSONS)
def update(world: World, group: str) -> None:
    made, person = new(world, group)
    world.operations(group).update(made, person, user_data="changed")
    got = world.operations(group).get(made, person)
    assert (got.name, got.user_data) == ("somebody", "changed")


@calls("delete", *PERSONS)
def delete(world: World, group: str) -> None:
    made, person = new(world, group)
    world.operations(group).delete(made, person)
    refused("PersonNotFound", lambda: world.operations(group).get(made, person))


@calls("add_face_from_url", *PERSONS)
def add_face_from_url(world: World, group: str) -> None:
    made, person = new(world, group)
    url = world.url("Family1-Dad1")
    face = world.operations(group).add_face_from_url(made, person, url, user_data="by URL").persisted_face_id
    assert world.operations(group).get_face(made, person, face).user_data == "by URL"


@calls("add_face_from_stream", *PERSONS)
def add_face_from_stream(world: World, group: str) -> None:
    made, person = new(world, group)
    face = world.add(group, made, person)
    assert world.operations(group).get(made, person).persisted_face_ids == [face]


@calls("get_face", *PERSONS)
def get_face(world: World, group: str) -> None:
    made, person = new(world, group)
    face = world.add(group, made, person)
    got = world.operations(group).get_face(made, person, face)
    assert (got.persisted_face_id, got.user_data) == (face, "Family1-Dad1")


@calls("update_face", *PERSONS)
def update_face(world: World, group: str) -> None:
    made, person = new(world, group)
    face = world.add(group, made, person)
    world.operations(group).update_face(made, person, face, user_data="changed")
    assert world.operations(group).get_face(made, person, face).user_data == "changed"


@calls("delete_face", *PERSONS)
def delete_face(world: World, group: str) -> None:
    made, person = new(world, group)
    face = world.add(group, made, person)
    world.operations(group).delete_face(made, person, face)
    refused("PersistedFaceNotFound", lambda: world.operations(group).get_face(made, person, face))
