"""DynamicPersonGroup, and the status of the operations that the Person Directory starts."""

from uuid import uuid4

from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.recipes.snapshots import is_withdrawn
from tests.contract.conformance.world import World


def group(name: str) -> dict[str, str]:
    return {"dynamicPersonGroupId": name}


@recipe("PersonDirectoryOperations_CreateDynamicPersonGroup")
def create(call: Call, world: World) -> None:
    made = str(uuid4())
    call(group(made), json={"name": "N" * 128, "userData": "U" * 16_384})
    delete_again(world, made)


@recipe("PersonDirectoryOperations_CreateDynamicPersonGroupWithPerson")
def create_with_persons(call: Call, world: World) -> None:
    made = str(uuid4())
    call(group(made), json={"name": "somebody", "addPersonIds": [world.directory_person()]})
    assert world.request("GET", f"dynamicpersongroups/{made}/persons")["personIds"] == [world.directory_person()]
    delete_again(world, made)


@recipe("PersonDirectory_CreateDynamicPersonGroup")
def create_either_way(call: Call, world: World) -> None:
    create(call, world)
    create_with_persons(call, world)


def delete_again(world: World, made: str) -> None:
    world.request("DELETE", f"dynamicpersongroups/{made}")
    world.work.run()


@recipe("PersonDirectoryOperations_UpdateDynamicPersonGroup")
def update(call: Call, world: World) -> None:
    changed = world.new_dynamic_group()
    call(group(changed), json={"name": "new name", "userData": "new data"})
    world.work.run()
    found = world.request("GET", f"dynamicpersongroups/{changed}")
    assert (found["name"], found["userData"]) == ("new name", "new data")


@recipe("PersonDirectoryOperations_UpdateDynamicPersonGroupWithPersonChanges")
def update_persons(call: Call, world: World) -> None:
    changed, person = world.new_dynamic_group(), world.directory_person()
    for change, persons in (("addPersonIds", [person]), ("removePersonIds", [])):
        call(group(changed), json={"name": "new name", change: [person]})
        world.work.run()
        assert world.request("GET", f"dynamicpersongroups/{changed}/persons")["personIds"] == persons


@recipe("PersonDirectory_UpdateDynamicPersonGroup")
def update_either_way(call: Call, world: World) -> None:
    update(call, world)
    update_persons(call, world)


@recipe("PersonDirectory_GetDynamicPersonGroup", "PersonDirectoryOperations_GetDynamicPersonGroup")
def get(call: Call, world: World) -> None:
    assert call(group(world.dynamic_group()))["dynamicPersonGroupId"] == world.dynamic_group()


@recipe("PersonDirectory_ListDynamicPersonGroups", "PersonDirectoryOperations_GetDynamicPersonGroups")
def list_them(call: Call, world: World) -> None:
    known = world.dynamic_group()
    assert known in [one["dynamicPersonGroupId"] for one in call()]
    assert known not in [one["dynamicPersonGroupId"] for one in call(query={"start": known, "top": 1000})]


@recipe("PersonDirectory_ListDynamicPersonGroupPersons", "PersonDirectoryOperations_GetDynamicPersonGroupPersons")
def list_persons(call: Call, world: World) -> None:
    known = group(world.dynamic_group())
    assert call(known)["personIds"] == [world.directory_person()]
    assert call(known, {"start": world.directory_person(), "top": 1000})["personIds"] == []


@recipe("PersonDirectory_DeleteDynamicPersonGroup", "PersonDirectoryOperations_DeleteDynamicPersonGroup")
def delete(call: Call, world: World) -> None:
    call(group(world.new_dynamic_group()))
    world.work.run()


@recipe("GetOperationResult")
def operation_status(call: Call, world: World) -> None:
    """Of the creation of a person."""
    path = f"/face/{world.directory_version}/persons"
    created = world.service.http.post(path, json={"name": "somebody"})
    operation = {"operationId": created.headers["operation-Location"].rsplit("/", 1)[1]}
    assert call(operation)["status"].lower() in {"notstarted", "running", "succeeded"}
    world.work.run()
    assert call(operation)["status"] == "succeeded"
    world.service.http.delete(f"{path}/{created.json()['personId']}")
    world.work.run()


@recipe("Snapshot_GetOperationStatus")
def old_operation_status(call: Call, world: World) -> None:
    """1.0-preview has no other operation for what its Person Directory starts; in 1.0 only snapshots started any."""
    if is_withdrawn(call.declared):
        call.refused(403, "UnsupportedFeature", {"operationId": str(uuid4())})
    else:
        operation_status(call, world)
