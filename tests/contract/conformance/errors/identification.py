"""Section 3: identify."""

from collections.abc import Iterator
from typing import Any

from tests.contract.conformance.errors.triggers import BAD_ID, OTHER_MODEL, UNKNOWN, Refusal, Scene, new_id, raises
from tests.contract.conformance.kinds import GROUPS, LARGE_PERSON_GROUP, PERSON_GROUP


def identify(scene: Scene, version: str = "v1.2-preview.1", **body: Any) -> Refusal:
    return Refusal(scene.post("identify", version, **({"faceIds": [scene.world.face()]} | body)))


def scopes(scene: Scene) -> list[dict[str, Any]]:
    """Every scope to identify in, by the field that names it."""
    return [
        *({kind.id_field: scene.world.collection(kind)} for kind in GROUPS),
        {"personIds": [scene.world.directory_person()]},
        {"dynamicPersonGroupId": scene.world.dynamic_group()},
    ]


@raises("Identify", 400, "'recognitionModel' is incompatible.")
def identify_other_model(scene: Scene) -> Iterator[Refusal]:
    other = scene.world.face(model=OTHER_MODEL)
    for scope in scopes(scene):
        yield identify(scene, faceIds=[scene.world.face(), other], **scope)
    for kind in GROUPS:
        yield identify(scene, faceIds=[other], **{kind.id_field: scene.world.collection(kind)})


@raises("Identify", 400, "Person group ID is invalid.")
def identify_bad_group(scene: Scene) -> Iterator[Refusal]:
    yield identify(scene, personGroupId=BAD_ID)


@raises("Identify", 400, "Large person group ID is invalid.")
def identify_bad_large_group(scene: Scene) -> Iterator[Refusal]:
    yield identify(scene, largePersonGroupId=BAD_ID)


@raises("Identify", 400, "Dynamic person group ID is invalid.")
def identify_bad_dynamic_group(scene: Scene) -> Iterator[Refusal]:
    yield identify(scene, dynamicPersonGroupId=BAD_ID)


@raises("Identify", 400, "The argument maxNumOfCandidatesReturned is not valid.")
def identify_candidates(scene: Scene) -> Iterator[Refusal]:
    for scope in scopes(scene):
        for number in (0, 101, -1):
            yield identify(scene, maxNumOfCandidatesReturned=number, **scope)


@raises("Identify", 400, "The argument confidenceThreshold is not valid.")
def identify_threshold(scene: Scene) -> Iterator[Refusal]:
    for scope in scopes(scene):
        for threshold in (-0.01, 1.01):
            yield identify(scene, confidenceThreshold=threshold, **scope)


@raises("Identify", 400, "The length of faceIds is not in a valid range.")
def identify_length(scene: Scene) -> Iterator[Refusal]:
    for scope in scopes(scene):
        for faces in ([], [UNKNOWN] * 11):
            yield identify(scene, faceIds=faces, **scope)


@raises("Identify", 400, "Face is not found.")
def identify_unknown_face(scene: Scene) -> Iterator[Refusal]:
    for scope in scopes(scene):
        yield identify(scene, faceIds=[UNKNOWN], **scope)


@raises("Identify", 400, "... is not found.")
def identify_unknown_group(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        refused = identify(scene, **{kind.id_field: new_id()})
        yield refused.says(f"{kind.name}NotFound", f"{kind.label} is not found.")
    refused = identify(scene, dynamicPersonGroupId=new_id())
    yield refused.says("DynamicPersonGroupNotFound", "Dynamic person group is not found.")


@raises("Identify", 400, "Person group not trained.")
def identify_untrained(scene: Scene) -> Iterator[Refusal]:
    refused = identify(scene, **scene.untrained(PERSON_GROUP))
    yield refused.says("PersonGroupNotTrained", "Person group not trained.")


@raises("Identify", 400, "Large person group not trained.")
def identify_large_untrained(scene: Scene) -> Iterator[Refusal]:
    refused = identify(scene, **scene.untrained(LARGE_PERSON_GROUP))
    yield refused.says("LargePersonGroupNotTrained", "Large person group not trained.")


@raises("Identify", 400, "Large person group ID and person group ID are both not null.")
def identify_in_both(scene: Scene) -> Iterator[Refusal]:
    both = {kind.id_field: scene.world.collection(kind) for kind in GROUPS}
    for version in ("v1.0", "v1.2"):
        yield identify(scene, version, **both)


@raises("Identify", 400, "Large person group ID and person group ID are both null.")
def identify_in_neither(scene: Scene) -> Iterator[Refusal]:
    """In the version that has no other scope."""
    yield identify(scene, "v1.0")
    yield identify(scene, "v1.0", personGroupId=None, largePersonGroupId=None)


@raises("Identify", 400, "No identification scope parameter is present in the request.")
def identify_nowhere(scene: Scene) -> Iterator[Refusal]:
    for version in ("v1.0-preview", "v1.2-preview.1", "v1.2"):
        yield identify(scene, version)


@raises("Identify", 400, "Incompatible identification scope parameters are present in the request.")
def identify_in_several(scene: Scene) -> Iterator[Refusal]:
    group, large, persons, dynamic = scopes(scene)
    for scope in (group | persons, large | dynamic, persons | dynamic, group | large | persons):
        yield identify(scene, **scope)


@raises("Identify", 409, "... is under training.")
def identify_while_trained(scene: Scene) -> Iterator[Refusal]:
    for kind in GROUPS:
        refused = identify(scene, **scene.in_first_training(kind))
        yield refused.says(f"{kind.name}TrainingNotFinished", f"{kind.label} is under training.")
    scene.world.work.run()
