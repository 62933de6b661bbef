"""Section 3: Person Directory and DynamicPersonGroup."""

from collections.abc import Iterator

from tests.contract.conformance.errors.collections import says
from tests.contract.conformance.errors.triggers import BAD_ID, UNKNOWN, Refusal, Scene, new_id, raises

DIRECTORY = "Person Directory"


def refused_by_group(scene: Scene, group: str) -> Iterator[Refusal]:
    """Every call about a DynamicPersonGroup that has to be there."""
    path = f"dynamicpersongroups/{group}"
    yield Refusal(scene.get(path))
    yield Refusal(scene.get(f"{path}/persons"))
    yield Refusal(scene.patch(path, name="n"))
    yield Refusal(scene.patch(path, addPersonIds=[scene.world.directory_person()]))
    yield Refusal(scene.delete(path))


def refused_by_person(scene: Scene, person: str) -> Iterator[Refusal]:
    yield Refusal(scene.get(f"persons/{person}"))
    yield Refusal(scene.patch(f"persons/{person}", name="n"))
    yield Refusal(scene.delete(f"persons/{person}"))
    yield Refusal(scene.get(f"persons/{person}/dynamicPersonGroupReferences"))
    path = f"persons/{person}/recognitionModels/recognition_04/persistedfaces"
    yield Refusal(scene.get(path))
    yield Refusal(scene.add(path))
    yield from refused_by_face(scene, f"{path}/{UNKNOWN}")


def refused_by_face(scene: Scene, path: str) -> Iterator[Refusal]:
    yield Refusal(scene.get(path))
    yield Refusal(scene.patch(path, userData="u"))
    yield Refusal(scene.delete(path))


@raises(DIRECTORY, 400, "Recognition model is not supported for this feature.")
def unsupported_model(scene: Scene) -> Iterator[Refusal]:
    path = f"persons/{scene.world.directory_person()}/recognitionModels/recognition_01/persistedfaces"
    yield Refusal(scene.add(path))
    yield Refusal(scene.post(path, url=f"{scene.world.service.pictures}/azure/images/Family1-Dad1.jpg"))
    yield Refusal(scene.get(path))
    yield from refused_by_face(scene, f"{path}/{UNKNOWN}")


@raises(DIRECTORY, 400, "'start' is not valid person ID.")
def bad_start(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.get(f"persons?start={BAD_ID}"))
    yield Refusal(scene.get(f"dynamicpersongroups/{scene.world.dynamic_group()}/persons?start={BAD_ID}"))


@raises(DIRECTORY, 400, "Dynamic person group ID is invalid.")
def malformed_group(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.put(f"dynamicpersongroups/{BAD_ID}", name="n"))
    yield from refused_by_group(scene, BAD_ID)


@raises(DIRECTORY, 404, "Dynamic person group was not found.")
def unknown_group(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_group(scene, new_id())


@raises(DIRECTORY, 404, "Person is not found.")
def unknown_person(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_person(scene, UNKNOWN)


@raises(DIRECTORY, 404, "Person ID is invalid.")
def malformed_person(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_person(scene, BAD_ID)


@raises(DIRECTORY, 404, "Persisted face `<faceId>` is not found.")
def unknown_face(scene: Scene) -> Iterator[Refusal]:
    refusals = refused_by_face(scene, f"{scene.enrolled()}/persistedfaces/{UNKNOWN}")
    yield from says(refusals, "", f"Persisted face {UNKNOWN} is not found.")


@raises(DIRECTORY, 404, "Persisted Face ID is invalid.")
def malformed_face(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_face(scene, f"{scene.enrolled()}/persistedfaces/{BAD_ID}")


@raises(DIRECTORY, 409, "Dynamic person group ID `<groupId>` already exists.")
def group_taken(scene: Scene) -> Iterator[Refusal]:
    group = scene.world.dynamic_group()
    refused = scene.put(f"dynamicpersongroups/{group}", name="n")
    yield Refusal(refused, message=f"Dynamic person group ID {group} already exists.")
