"""Section 3, 403 QuotaExceeded: in a service where there may be one of everything, the second one."""

from collections.abc import Iterator

from tests.contract.conformance.errors.collections import GROUP
from tests.contract.conformance.errors.triggers import Refusal, Scene, new_id, raises
from tests.contract.conformance.kinds import (
    FACE_LIST,
    GROUPS,
    KINDS,
    LARGE_FACE_LIST,
    LARGE_PERSON_GROUP,
    PERSON_GROUP,
    Kind,
)


def second(scene: Scene, kind: Kind) -> Refusal:
    """A collection beside the one that there is."""
    small = scene.small()
    assert small.collection(kind)
    return Refusal(scene.put(f"{kind.path}/{new_id()}", name="n"))


@raises("FaceList", 403, "Face list number reached limit.")
def lists(scene: Scene) -> Iterator[Refusal]:
    yield second(scene, FACE_LIST)


@raises("LargeFaceList", 403, "Large Face List number reached limit.")
def large_lists(scene: Scene) -> Iterator[Refusal]:
    yield second(scene, LARGE_FACE_LIST)


@raises(GROUP, 403, "Person group number ...")
def groups(scene: Scene) -> Iterator[Refusal]:
    refused = second(scene, PERSON_GROUP).answer
    yield Refusal(refused, message="Person group number reached subscription level limit.")


@raises(GROUP, 403, "Large person group number reached subscription level limit.")
def large_groups(scene: Scene) -> Iterator[Refusal]:
    yield second(scene, LARGE_PERSON_GROUP)


def second_person(scene: Scene, kind: Kind) -> Refusal:
    return Refusal(scene.post(f"{kind.path}/{scene.small().collection(kind)}/persons", name="n"))


@raises(GROUP, 403, "Person number reached person group level limit.")
def persons(scene: Scene) -> Iterator[Refusal]:
    yield second_person(scene, PERSON_GROUP)


@raises(GROUP, 403, "... large person group level limit.")
def large_group_persons(scene: Scene) -> Iterator[Refusal]:
    refused = second_person(scene, LARGE_PERSON_GROUP).answer
    yield Refusal(refused, message="Person number reached large person group level limit.")


@raises(GROUP, 403, "... subscription level limit.")
def persons_of_all_groups(scene: Scene) -> Iterator[Refusal]:
    message = "Person number reached subscription level limit."
    for kind in GROUPS:
        group = scene.small().collection(kind)
        scene.small(persons_per_person_group=2, persons_per_large_person_group=2)
        yield Refusal(scene.post(f"{kind.path}/{group}/persons", name="n"), message=message)


@raises("Person Directory", 403, "Person number reached subscription level limit.")
def directory_persons(scene: Scene) -> Iterator[Refusal]:
    assert scene.small().directory_person()
    yield Refusal(scene.post("persons", name="n"))


@raises("all adders", 403, "Persisted face number reached limit.")
def faces(scene: Scene) -> Iterator[Refusal]:
    small = scene.small()
    person = f"persons/{small.directory_person()}/recognitionModels/{small.model}"
    for kind in KINDS:
        owner = f"/persons/{small.owner(kind)}" if kind in GROUPS else ""
        yield Refusal(scene.add(f"{kind.path}/{small.collection(kind)}{owner}/persistedfaces"))
    yield Refusal(scene.add(f"{person}/persistedfaces"))
