"""Section 3: verify."""

from collections.abc import Iterator
from typing import Any

from tests.contract.conformance.errors.triggers import BAD_ID, OTHER_MODEL, UNKNOWN, Refusal, Scene, new_id, raises
from tests.contract.conformance.kinds import GROUPS


def verify(scene: Scene, **body: Any) -> Refusal:
    return Refusal(scene.post("verify", **({"faceId": scene.world.face()} | body)))


def persons(scene: Scene) -> list[dict[str, str]]:
    """A person of each kind of owner."""
    in_groups = [{kind.id_field: scene.world.collection(kind), "personId": scene.world.owner(kind)} for kind in GROUPS]
    return [*in_groups, {"personId": scene.world.directory_person()}]


@raises("Verify", 400, "'recognitionModel' is incompatible.")
def verify_other_model(scene: Scene) -> Iterator[Refusal]:
    other = scene.world.face(model=OTHER_MODEL)
    yield Refusal(scene.post("verify", faceId1=scene.world.face(), faceId2=other))
    for person in persons(scene)[:2]:  # a person of the directory may have faces of every model
        yield verify(scene, faceId=other, **person)


@raises("Verify", 400, "Face ID is invalid.")
def verify_bad_face(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.post("verify", faceId1=BAD_ID, faceId2=scene.world.face()))
    yield Refusal(scene.post("verify", faceId1=scene.world.face(), faceId2=BAD_ID))
    for person in persons(scene):
        yield verify(scene, faceId=BAD_ID, **person)


@raises("Verify", 400, "Person ID is invalid.")
def verify_bad_person(scene: Scene) -> Iterator[Refusal]:
    for person in persons(scene):
        yield verify(scene, **(person | {"personId": BAD_ID}))


@raises("Verify", 400, "Person group ID is invalid.")
def verify_bad_group(scene: Scene) -> Iterator[Refusal]:
    yield verify(scene, personId=UNKNOWN, personGroupId=BAD_ID)


@raises("Verify", 400, "Large person group ID is invalid.")
def verify_bad_large_group(scene: Scene) -> Iterator[Refusal]:
    yield verify(scene, personId=UNKNOWN, largePersonGroupId=BAD_ID)


@raises("Verify", 400, "... is not found.")
def verify_unknown_group(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        group = verify(scene, **{kind.id_field: new_id(), "personId": scene.world.owner(kind)})
        yield group.says(f"{kind.name}NotFound", f"{kind.label} is not found.")


@raises("Verify", 404, "Face is not found.")
def verify_unknown_face(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.post("verify", faceId1=UNKNOWN, faceId2=scene.world.face()))
    yield Refusal(scene.post("verify", faceId1=scene.world.face(), faceId2=UNKNOWN))
    for person in persons(scene):
        yield verify(scene, faceId=UNKNOWN, **person)


@raises("Verify", 404, "Person is not found.")
def verify_unknown_person(scene: Scene) -> Iterator[Refusal]:
    for person in persons(scene):
        yield verify(scene, **(person | {"personId": UNKNOWN}))


@raises("Verify", 404, "No persisted face of the person is found.")
def verify_faceless(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        group = scene.world.collection(kind)
        yield verify(scene, **{kind.id_field: group, "personId": scene.world.new_person(kind, group)})
    yield verify(scene, personId=scene.world.new_directory_person())
