"""Section 3: find similar, group."""

from collections.abc import Iterator
from typing import Any

from tests.contract.conformance.errors.triggers import BAD_ID, OTHER_MODEL, UNKNOWN, Refusal, Scene, new_id, raises
from tests.contract.conformance.kinds import FACE_LIST, LARGE_FACE_LIST, LISTS

LENGTH = "The length of faceIds is not in a valid range."


def find(scene: Scene, **body: Any) -> Refusal:
    return Refusal(scene.post("findsimilars", **({"faceId": scene.world.face()} | body)))


def places(scene: Scene) -> list[dict[str, Any]]:
    """Everywhere to find similar faces in, by the field that names it."""
    return [{"faceIds": [scene.world.face()]}, *({kind.id_field: scene.world.collection(kind)} for kind in LISTS)]


@raises("Find similar", 400, "'recognitionModel' is incompatible.")
def find_other_model(scene: Scene) -> Iterator[Refusal]:
    for place in places(scene):
        yield find(scene, faceId=scene.world.face(model=OTHER_MODEL), **place)


@raises("Find similar", 400, "Mode is invalid.")
def find_mode(scene: Scene) -> Iterator[Refusal]:
    for place in places(scene):
        yield find(scene, mode="matchEverything", **place)


@raises("Find similar", 400, "Face list ID is invalid.")
def find_bad_list(scene: Scene) -> Iterator[Refusal]:
    yield find(scene, faceListId=BAD_ID)


@raises("Find similar", 400, "Large face list ID is invalid.")
def find_bad_large_list(scene: Scene) -> Iterator[Refusal]:
    yield find(scene, largeFaceListId=BAD_ID)


@raises("Find similar", 400, "LargeFaceListId, faceListId and faceIds are all null.")
def find_nowhere(scene: Scene) -> Iterator[Refusal]:
    yield find(scene)
    yield find(scene, faceListId=None, largeFaceListId=None, faceIds=None)


@raises("Find similar", 400, "2 or more of largeFaceListId, faceListId and faceIds are not null.")
def find_in_several(scene: Scene) -> Iterator[Refusal]:
    faces, small, large = places(scene)
    for place in (faces | small, faces | large, small | large, faces | small | large):
        yield find(scene, **place)


@raises("Find similar", 400, "The argument maxNumOfCandidatesReturned is not valid.")
def find_candidates(scene: Scene) -> Iterator[Refusal]:
    for place in places(scene):
        for number in (0, 1001):
            yield find(scene, maxNumOfCandidatesReturned=number, **place)


@raises("Find similar", 400, LENGTH)
def find_length(scene: Scene) -> Iterator[Refusal]:
    yield find(scene, faceIds=[])
    yield find(scene, faceIds=[UNKNOWN] * 1001)


@raises("Find similar", 400, "... is not found.")
def find_unknown(scene: Scene) -> Iterator[Refusal]:
    for place in places(scene):
        yield find(scene, faceId=UNKNOWN, **place).says("FaceNotFound", "Face is not found.")
    yield find(scene, faceIds=[UNKNOWN]).says("FaceNotFound", "Face is not found.")
    for kind in LISTS:
        refused = find(scene, **{kind.id_field: new_id()})
        yield refused.says(f"{kind.name}NotFound", f"{kind.label} is not found.")


@raises("Find similar", 400, "Large face list is not trained.")
def find_untrained(scene: Scene) -> Iterator[Refusal]:
    yield find(scene, **scene.untrained(LARGE_FACE_LIST))


@raises("Find similar", 400, "Face list is empty.")
def find_in_nothing(scene: Scene) -> Iterator[Refusal]:
    yield find(scene, **scene.untrained(FACE_LIST))


@raises("Find similar", 409, "Large face list is under training.")
def find_while_trained(scene: Scene) -> Iterator[Refusal]:
    yield find(scene, **scene.in_first_training(LARGE_FACE_LIST))
    scene.world.work.run()


# group


@raises("Group", 400, "'recognitionModel' is incompatible.")
def group_other_model(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.post("group", faceIds=[scene.world.face(), scene.world.face(model=OTHER_MODEL)]))


@raises("Group", 400, LENGTH)
def group_length(scene: Scene) -> Iterator[Refusal]:
    for faces in ([], [scene.world.face()], [UNKNOWN] * 1001):
        yield Refusal(scene.post("group", faceIds=faces))
