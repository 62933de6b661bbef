"""Calls that both operation groups of FaceAdministrationClient share."""

from azure.ai.vision.face.models import FaceOperationStatus, FaceRecognitionModel
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from tests.sdk.calls import Calls
from tests.sdk.new_client.errors import refused
from tests.sdk.new_client.world import GROUP, LIST, Filled, World, fresh

BOTH = (LIST, GROUP)
NAMES = {LIST: "LargeFaceList", GROUP: "LargePersonGroup"}

calls = Calls()


@calls("create", *BOTH)
def create(world: World, group: str) -> None:
    made = fresh()
    operations = world.operations(group)
    operations.create(made, name="Familie Über", recognition_model=FaceRecognitionModel.RECOGNITION03)
    got = operations.get(made, return_recognition_model=True)
    assert got[id_field(group)] == made
    assert (got.name, got.user_data) == ("Familie Über", None)
    assert got.recognition_model is FaceRecognitionModel.RECOGNITION03
    refused(ResourceExistsError, f"{NAMES[group]}Exists", lambda: operations.create(made, name="again"))


@calls("get", *BOTH)
def get(world: World, group: str) -> None:
    got = world.operations(group).get(filled(world, group).id)
    assert (got.name, got.user_data, got.recognition_model) == ("made for a test", "{}", None)


@calls("update", *BOTH)
def update(world: World, group: str) -> None:
    made = world.new(group)
    world.operations(group).update(made, user_data="changed")
    got = world.operations(group).get(made)
    assert (got.name, got.user_data) == ("made for a test", "changed")


@calls("delete", *BOTH)
def delete(world: World, group: str) -> None:
    made = world.new(group)
    world.operations(group).delete(made)
    refused(ResourceNotFoundError, f"{NAMES[group]}NotFound", lambda: world.operations(group).get(made))


@calls("get_large_face_lists", LIST)
@calls("get_large_person_groups", GROUP)
def get_all(world: World, group: str) -> None:
    first, second = sorted(world.new(group) for _ in range(2))
    list_all = getattr(world.operations(group), f"get_{group}s")
    models = {one[id_field(group)]: one.recognition_model for one in list_all(return_recognition_model=True)}
    assert models[first] is models[second] is FaceRecognitionModel.RECOGNITION04
    assert list(models) == sorted(models)
    (following,) = list_all(start=first, top=1)
    assert first < following[id_field(group)] <= second


@calls("begin_train", *BOTH)
def begin_train(world: World, group: str) -> None:
    made = world.new(group)
    operations = world.operations(group)
    refused(ResourceNotFoundError, f"{NAMES[group]}NotTrained", lambda: operations.get_training_status(made))
    ids = (made, world.new_person(made)) if group == GROUP else (made,)
    world.add(group, *ids)
    world.train(group, made)
    assert operations.get_training_status(made).status is FaceOperationStatus.SUCCEEDED


@calls("get_training_status", *BOTH)
def get_training_status(world: World, group: str) -> None:
    status = world.operations(group).get_training_status(filled(world, group).id)
    assert status.status is FaceOperationStatus.SUCCEEDED
    assert status.created_date_time <= status.last_successful_training_date_time <= status.last_action_date_time
    assert status.message is None


def filled(world: World, group: str) -> Filled:
    return world.list if group == LIST else world.group


def id_field(group: str) -> str:
    """The id's name on the wire."""
    return {LIST: "largeFaceListId", GROUP: "largePersonGroupId"}[group]
