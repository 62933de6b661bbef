"""FaceList, LargeFaceList, PersonGroup, LargePersonGroup: the collections themselves and their training."""

from uuid import uuid4

from tests.contract.conformance.kinds import FACE_LIST, KINDS, TRAINED, Kind
from tests.contract.conformance.recipes.registry import Call, recipe_of
from tests.contract.conformance.world import World


@recipe_of(KINDS, "{kind}_Create", "{group}_Create{kind}")
def create(call: Call, world: World, kind: Kind) -> None:
    made = {kind.id_field: str(uuid4())}
    call(made, json={"name": "N" * 128, "userData": "U" * 16_384, "recognitionModel": world.model})
    world.request("DELETE", f"{kind.path}/{made[kind.id_field]}")


@recipe_of(KINDS, "{kind}_Get", "{group}_Get{kind}")
def get(call: Call, world: World, kind: Kind) -> None:
    wanted = {kind.id_field: world.collection(kind)}
    plain = call(wanted)
    assert plain[kind.id_field] == world.collection(kind)
    assert "recognitionModel" not in plain
    assert call(wanted, {"returnRecognitionModel": True})["recognitionModel"] == world.model
    if kind is FACE_LIST:
        assert [face["persistedFaceId"] for face in plain["persistedFaces"]] == [world.persisted(kind)]


@recipe_of(KINDS, "{kind}_Update", "{group}_Update{kind}")
def update(call: Call, world: World, kind: Kind) -> None:
    changed = world.collection(kind)
    call({kind.id_field: changed}, json={"name": "new name", "userData": "new data"})
    assert world.request("GET", f"{kind.path}/{changed}")["userData"] == "new data"


@recipe_of(KINDS, "{kind}_Delete", "{group}_Delete{kind}")
def delete(call: Call, world: World, kind: Kind) -> None:
    call({kind.id_field: world.new_collection(kind)})


@recipe_of(KINDS, "{kind}_List", "{group}_Get{kind}s")
def list_them(call: Call, world: World, kind: Kind) -> None:
    known = world.collection(kind)
    every = [one[kind.id_field] for one in call(query={"returnRecognitionModel": True})]
    assert known in every
    assert every == sorted(every)
    if kind is not FACE_LIST:
        assert [one[kind.id_field] for one in call(query={"start": every[0], "top": 1})] == every[1:2]


@recipe_of(TRAINED, "{kind}_Train", "{group}_Train{kind}")
def train(call: Call, world: World, kind: Kind) -> None:
    call({kind.id_field: world.collection(kind)})
    world.work.run()


@recipe_of(TRAINED, "{kind}_GetTrainingStatus", "{group}_Get{kind}TrainingStatus")
def training_status(call: Call, world: World, kind: Kind) -> None:
    collection = world.collection(kind)
    assert call({kind.id_field: collection})["status"] == "succeeded"
    world.request("POST", f"{kind.path}/{collection}/train")
    waiting = call({kind.id_field: collection})["status"]
    assert waiting == ("nonstarted" if call.declared.version.startswith("v1.0") else "notStarted")
    world.work.run()
    assert call({kind.id_field: collection})["status"] == "succeeded"
