"""Person Directory: persons and their faces."""

from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.world import World, picture


def person(world: World) -> dict[str, str]:
    return {"personId": world.directory_person()}


def model(world: World) -> dict[str, str]:
    return person(world) | {"recognitionModel": world.model}


def faces_url(world: World) -> str:
    return f"persons/{world.directory_person()}/recognitionModels/{world.model}"


@recipe("PersonDirectory_CreatePerson", "PersonDirectoryOperations_CreatePerson")
def create_person(call: Call, world: World) -> None:
    made = call(json={"name": "N" * 128, "userData": "U" * 16_384})["personId"]
    world.work.run()
    assert world.request("GET", f"persons/{made}")["name"] == "N" * 128
    world.request("DELETE", f"persons/{made}")
    world.work.run()


@recipe("PersonDirectory_GetPerson", "PersonDirectoryOperations_GetPerson")
def get_person(call: Call, world: World) -> None:
    assert call(person(world))["personId"] == world.directory_person()


@recipe("PersonDirectory_GetPersons", "PersonDirectoryOperations_GetPersons")
def list_persons(call: Call, world: World) -> None:
    known = world.directory_person()
    assert known in [one["personId"] for one in call()]
    assert known not in [one["personId"] for one in call(query={"start": known, "top": 1000})]


@recipe("PersonDirectory_UpdatePerson", "PersonDirectoryOperations_UpdatePerson")
def update_person(call: Call, world: World) -> None:
    call(person(world), json={"name": "new name", "userData": "new data"})
    found = world.request("GET", f"persons/{world.directory_person()}")
    assert (found["name"], found["userData"]) == ("new name", "new data")


@recipe("PersonDirectory_DeletePerson", "PersonDirectoryOperations_DeletePerson")
def delete_person(call: Call, world: World) -> None:
    call({"personId": world.new_directory_person()})
    world.work.run()


@recipe(
    "PersonDirectory_ListDynamicPersonGroupPersonReferences",
    "PersonDirectoryOperations_GetDynamicPersonGroupReferences",
)
def references(call: Call, world: World) -> None:
    group = world.dynamic_group()
    assert group in call(person(world))["dynamicPersonGroupIds"]
    assert group not in call(person(world), {"start": group, "top": 1000})["dynamicPersonGroupIds"]


@recipe("PersonDirectory_AddPersonFaceFromStream", "PersonDirectoryOperations_AddPersonFace")
def add_bytes(call: Call, world: World) -> None:
    query = {"targetFace": [0, 0, 203, 241], "detectionModel": "detection_03", "userData": "ümlaut, & more"}
    added = call(model(world), query, content=picture("Family1-Dad1"))["persistedFaceId"]
    world.work.run()
    assert world.request("GET", f"{faces_url(world)}/persistedfaces/{added}")["userData"] == query["userData"]
    world.request("DELETE", f"{faces_url(world)}/persistedfaces/{added}")
    world.work.run()


@recipe("PersonDirectory_AddPersonFaceFromUrl", "PersonDirectoryOperations_AddPersonFaceFromUrl")
def add_from_url(call: Call, world: World) -> None:
    body = {"url": f"{world.service.pictures}/azure/images/Family1-Dad2.jpg"}
    added = call(model(world), {"userData": "from a URL"}, json=body)["persistedFaceId"]
    world.work.run()
    world.request("DELETE", f"{faces_url(world)}/persistedfaces/{added}")
    world.work.run()


@recipe("PersonDirectory_GetPersonFaces", "PersonDirectoryOperations_GetPersonFaces")
def list_faces(call: Call, world: World) -> None:
    found = call(model(world))
    assert (found["personId"], found["persistedFaceIds"]) == (world.directory_person(), [world.directory_face()])


@recipe("PersonDirectory_GetPersonFace", "PersonDirectoryOperations_GetPersonFace")
def get_face(call: Call, world: World) -> None:
    found = call(model(world) | {"persistedFaceId": world.directory_face()})
    assert found["persistedFaceId"] == world.directory_face()


@recipe("PersonDirectory_UpdatePersonFace", "PersonDirectoryOperations_UpdatePersonFace")
def update_face(call: Call, world: World) -> None:
    call(model(world) | {"persistedFaceId": world.directory_face()}, json={"userData": "U" * 1024})
    found = world.request("GET", f"{faces_url(world)}/persistedfaces/{world.directory_face()}")
    assert found["userData"] == "U" * 1024


@recipe("PersonDirectory_DeletePersonFace", "PersonDirectoryOperations_DeletePersonFace")
def delete_face(call: Call, world: World) -> None:
    added = world.add(faces_url(world))
    world.work.run()
    call(model(world) | {"persistedFaceId": added})
    world.work.run()
