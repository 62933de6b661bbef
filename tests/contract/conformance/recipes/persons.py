"""Persons of PersonGroup and LargePersonGroup."""

from tests.contract.conformance.kinds import GROUPS, Kind
from tests.contract.conformance.recipes.registry import Call, recipe_of
from tests.contract.conformance.world import World


def person(world: World, kind: Kind, person_id: str) -> dict[str, str]:
    return {kind.id_field: world.collection(kind), "personId": person_id}


@recipe_of(GROUPS, "{kind}Person_Create", "{group}_Create{kind}Person")
def create(call: Call, world: World, kind: Kind) -> None:
    group = {kind.id_field: world.collection(kind)}
    made = call(group, json={"name": "N" * 128, "userData": "U" * 16_384})["personId"]
    assert world.request("GET", f"{kind.path}/{group[kind.id_field]}/persons/{made}")["name"] == "N" * 128
    world.request("DELETE", f"{kind.path}/{group[kind.id_field]}/persons/{made}")


@recipe_of(GROUPS, "{kind}Person_Get", "{group}_Get{kind}Person")
def get(call: Call, world: World, kind: Kind) -> None:
    found = call(person(world, kind, world.owner(kind)))
    assert (found["personId"], found["persistedFaceIds"]) == (world.owner(kind), [world.persisted(kind)])


@recipe_of(GROUPS, "{kind}Person_List", "{group}_Get{kind}Persons")
def list_them(call: Call, world: World, kind: Kind) -> None:
    group, owner = {kind.id_field: world.collection(kind)}, world.owner(kind)
    assert [one["persistedFaceIds"] for one in call(group) if one["personId"] == owner] == [[world.persisted(kind)]]
    assert owner not in [one["personId"] for one in call(group, {"start": owner, "top": 1000})]


@recipe_of(GROUPS, "{kind}Person_Update", "{group}_Update{kind}Person")
def update(call: Call, world: World, kind: Kind) -> None:
    changed = person(world, kind, world.owner(kind))
    call(changed, json={"name": "new name", "userData": "new data"})
    found = world.request("GET", f"{kind.path}/{changed[kind.id_field]}/persons/{changed['personId']}")
    assert (found["name"], found["userData"]) == ("new name", "new data")


@recipe_of(GROUPS, "{kind}Person_Delete", "{group}_Delete{kind}Person")
def delete(call: Call, world: World, kind: Kind) -> None:
    call(person(world, kind, world.new_person(kind, world.collection(kind))))
