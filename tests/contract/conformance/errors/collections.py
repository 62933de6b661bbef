"""Section 3: FaceList, LargeFaceList, PersonGroup, LargePersonGroup."""

from collections.abc import Iterator

from tests.contract.conformance.errors.triggers import BAD_ID, UNKNOWN, Refusal, Scene, new_id, raises
from tests.contract.conformance.kinds import (
    FACE_LIST,
    GROUPS,
    LARGE_FACE_LIST,
    LARGE_PERSON_GROUP,
    PERSON_GROUP,
    TRAINED,
    Kind,
)

GROUP = "PersonGroup, LargePersonGroup"


def refused_by(scene: Scene, kind: Kind, collection: str) -> Iterator[Refusal]:
    """Every call about a collection, or about what is in it."""
    path = f"{kind.path}/{collection}"
    yield Refusal(scene.get(path))
    yield Refusal(scene.patch(path, name="n"))
    yield Refusal(scene.delete(path))
    if kind.trains:
        yield Refusal(scene.ask("POST", f"{path}/train"))
        yield Refusal(scene.get(f"{path}/training"))
    if kind.persons:
        yield Refusal(scene.post(f"{path}/persons", name="n"))
        yield Refusal(scene.get(f"{path}/persons"))
        yield from refused_by_person(scene, kind, collection, UNKNOWN)
    else:
        yield Refusal(scene.add(f"{path}/persistedfaces"))
        yield from refused_by_face(scene, kind, path, UNKNOWN)
    if kind is LARGE_FACE_LIST:
        yield Refusal(scene.get(f"{path}/persistedfaces"))


def refused_by_person(scene: Scene, kind: Kind, collection: str, person: str) -> Iterator[Refusal]:
    path = f"{kind.path}/{collection}/persons/{person}"
    yield Refusal(scene.get(path))
    yield Refusal(scene.patch(path, name="n"))
    yield Refusal(scene.delete(path))
    yield Refusal(scene.add(f"{path}/persistedfaces"))
    yield from refused_by_face(scene, kind, path, UNKNOWN)


def refused_by_face(scene: Scene, kind: Kind, owner: str, face: str) -> Iterator[Refusal]:
    path = f"{owner}/persistedfaces/{face}"
    yield Refusal(scene.delete(path))
    if kind is not FACE_LIST:  # it has no other operation for one face
        yield Refusal(scene.get(path))
        yield Refusal(scene.patch(path, userData="u"))


def says(refusals: Iterator[Refusal], code: str, message: str) -> Iterator[Refusal]:
    return (refusal.says(code, message) for refusal in refusals)


# ids of collections


@raises(GROUP, 400, "Person group ID is invalid.")
def bad_group(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.put(f"persongroups/{BAD_ID}", name="n"))


@raises(GROUP, 400, "Large person group ID is invalid.")
def bad_large_group(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.put(f"largepersongroups/{BAD_ID}", name="n"))


@raises("FaceList", 400, "Face list ID is invalid.")
def bad_list(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.put(f"facelists/{BAD_ID}", name="n"))


@raises("LargeFaceList", 400, "Large face list ID is invalid.")
def bad_large_list(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.put(f"largefacelists/{BAD_ID}", name="n"))


@raises(GROUP, 404, "Person group is not found.")
def unknown_group(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        yield from says(refused_by(scene, kind, new_id()), f"{kind.name}NotFound", f"{kind.label} is not found.")


@raises(GROUP, 404, "Person group ID is invalid.")
def malformed_group(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        yield from says(refused_by(scene, kind, BAD_ID), f"{kind.name}NotFound", f"{kind.label} ID is invalid.")


@raises("FaceList", 404, "Face list is not found.")
def unknown_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by(scene, FACE_LIST, new_id())


@raises("FaceList", 404, "Face list ID is invalid.")
def malformed_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by(scene, FACE_LIST, BAD_ID)


@raises("LargeFaceList", 404, "Large face list is not found.")
def unknown_large_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by(scene, LARGE_FACE_LIST, new_id())


@raises("LargeFaceList", 404, "Large face list ID is invalid.")
def malformed_large_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by(scene, LARGE_FACE_LIST, BAD_ID)


@raises("LargePersonGroup, LargeFaceList, Person Directory", 400, "Both 'name' and 'userData' are empty.")
def nothing_to_update(scene: Scene) -> Iterator[Refusal]:
    person = f"persons/{scene.world.directory_person()}"
    for path in (scene.collection(LARGE_PERSON_GROUP), scene.collection(LARGE_FACE_LIST), person):
        yield Refusal(scene.patch(path))
        yield Refusal(scene.patch(path, name=None, userData=None))


# persons and faces


@raises(GROUP, 404, "Person `<personId>` is not found.")
def unknown_person(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        refusals = refused_by_person(scene, kind, scene.world.collection(kind), UNKNOWN)
        yield from says(refusals, "PersonNotFound", f"Person {UNKNOWN} is not found.")


@raises(GROUP, 404, "Person ID is invalid.")
def malformed_person(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        yield from refused_by_person(scene, kind, scene.world.collection(kind), BAD_ID)


@raises(GROUP, 404, "Persisted face `<faceId>` is not found.")
def unknown_face(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        refusals = refused_by_face(scene, kind, scene.place(kind), UNKNOWN)
        yield from says(refusals, "PersistedFaceNotFound", f"Persisted face {UNKNOWN} is not found.")


@raises(GROUP, 404, "Persisted face ID is invalid.")
def malformed_face(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        yield from refused_by_face(scene, kind, scene.place(kind), BAD_ID)


@raises("FaceList", 404, "Persisted face is not found.")
def unknown_face_in_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_face(scene, FACE_LIST, scene.place(FACE_LIST), UNKNOWN)


@raises("FaceList", 404, "Persisted face ID is invalid.")
def malformed_face_in_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_face(scene, FACE_LIST, scene.place(FACE_LIST), BAD_ID)


@raises("LargeFaceList", 404, "Large Face List Face `<faceId>` is not found.")
def unknown_face_in_large_list(scene: Scene) -> Iterator[Refusal]:
    refusals = refused_by_face(scene, LARGE_FACE_LIST, scene.place(LARGE_FACE_LIST), UNKNOWN)
    yield from says(refusals, "PersistedFaceNotFound", f"Large Face List Face {UNKNOWN} is not found.")


@raises("LargeFaceList", 404, "Persisted face ID is invalid.")
def malformed_face_in_large_list(scene: Scene) -> Iterator[Refusal]:
    yield from refused_by_face(scene, LARGE_FACE_LIST, scene.place(LARGE_FACE_LIST), BAD_ID)


# training and ids taken


@raises(GROUP, 404, "... not trained.")
def untrained_group(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        refused = scene.get(f"{kind.path}/{scene.world.new_collection(kind)}/training")
        yield Refusal(refused, f"{kind.name}NotTrained", f"{kind.label} not trained.")


@raises("LargeFaceList", 404, "Large face list not trained.")
def untrained_list(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.get(f"largefacelists/{scene.world.new_collection(LARGE_FACE_LIST)}/training"))


@raises(GROUP, 409, "... already exists.")
def group_taken(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        refused = scene.put(scene.collection(kind), name="n")
        yield Refusal(refused, f"{kind.name}Exists", f"{kind.label} already exists.")


@raises("FaceList", 409, "Face list already exists.")
def list_taken(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.put(scene.collection(FACE_LIST), name="n"))


@raises("LargeFaceList", 409, "Large face list already exists.")
def large_list_taken(scene: Scene) -> Iterator[Refusal]:
    refused = scene.put(scene.collection(LARGE_FACE_LIST), name="n")
    yield Refusal(refused, "LargeFaceListExists")


@raises("LargeFaceList", 409, "Large face list is under training.")
def large_list_in_training(scene: Scene) -> Iterator[Refusal]:
    for refusal in trained_twice(scene, LARGE_FACE_LIST):
        yield Refusal(refusal.answer, "LargeFaceListTrainingNotFinished")


@raises(GROUP, 409, "... is under training.")
def group_in_training(scene: Scene) -> Iterator[Refusal]:
    """Train it again; and for a PersonGroup every other change as well."""
    for kind in GROUPS:
        refusals = trained_twice(scene, kind)
        yield from says(refusals, f"{kind.name}TrainingNotFinished", f"{kind.label} is under training.")


def trained_twice(scene: Scene, kind: Kind) -> Iterator[Refusal]:
    assert kind in TRAINED
    path, place, face = scene.collection(kind), scene.place(kind), scene.world.persisted(kind)
    assert scene.ask("POST", f"{path}/train").status_code == 202
    yield Refusal(scene.ask("POST", f"{path}/train"))
    if kind is PERSON_GROUP:
        yield Refusal(scene.post(f"{path}/persons", name="n"))
        yield Refusal(scene.patch(path, name="n"))
        yield Refusal(scene.patch(place, name="n"))
        yield Refusal(scene.patch(f"{place}/persistedfaces/{face}", userData="u"))
        yield Refusal(scene.add(f"{place}/persistedfaces"))
        for gone in (f"{place}/persistedfaces/{face}", place, path):
            yield Refusal(scene.delete(gone))
    scene.world.work.run()
