"""Persisted faces of lists and of persons in groups."""

from tests.contract.conformance.kinds import GROUPS, LARGE_FACE_LIST, LISTS, Kind
from tests.contract.conformance.recipes.registry import Call, recipe_of
from tests.contract.conformance.world import World, picture

ENROLLED = (LARGE_FACE_LIST,)
WHOLE = [0, 0, 203, 241]
"""left, top, width, height of all of Family1-Dad1.jpg."""


def owner(world: World, kind: Kind) -> dict[str, str]:
    """The path values of where faces are added."""
    collection = {kind.id_field: world.collection(kind)}
    return collection | ({"personId": world.owner(kind)} if kind.persons else {})


def url(world: World, kind: Kind, face: str = "") -> str:
    values = owner(world, kind)
    person = f"/persons/{values['personId']}" if kind.persons else ""
    return f"{kind.path}/{values[kind.id_field]}{person}" + (f"/persistedfaces/{face}" if face else "")


@recipe_of(LISTS, "{kind}_AddFaceFromStream", "{group}_Add{kind}Face")
@recipe_of(GROUPS, "{kind}Person_AddFaceFromStream", "{group}_Add{kind}PersonFace")
def add_bytes(call: Call, world: World, kind: Kind) -> None:
    query = {"targetFace": WHOLE, "detectionModel": "detection_03", "userData": "ümlaut, & more"}
    added = call(owner(world, kind), query, content=picture("Family1-Dad1"))["persistedFaceId"]
    if kind in (*GROUPS, *ENROLLED):
        assert world.request("GET", url(world, kind, added))["userData"] == query["userData"]
    world.request("DELETE", url(world, kind, added))


@recipe_of(LISTS, "{kind}_AddFaceFromUrl", "{group}_Add{kind}FaceFromUrl")
@recipe_of(GROUPS, "{kind}Person_AddFaceFromUrl", "{group}_Add{kind}PersonFaceFromUrl")
def add_from_url(call: Call, world: World, kind: Kind) -> None:
    body = {"url": f"{world.service.pictures}/azure/images/Family1-Dad2.jpg"}
    added = call(owner(world, kind), {"userData": "from a URL"}, json=body)["persistedFaceId"]
    world.request("DELETE", url(world, kind, added))


@recipe_of(LISTS, "{kind}_DeleteFace", "{group}_Delete{kind}Face")
@recipe_of(GROUPS, "{kind}Person_DeleteFace", "{group}_Delete{kind}PersonFace")
def delete(call: Call, world: World, kind: Kind) -> None:
    call(owner(world, kind) | {"persistedFaceId": world.add(url(world, kind))})


@recipe_of(ENROLLED, "{kind}_GetFace", "{group}_Get{kind}Face")
@recipe_of(GROUPS, "{kind}Person_GetFace", "{group}_Get{kind}PersonFace")
def get(call: Call, world: World, kind: Kind) -> None:
    face = world.persisted(kind)
    assert call(owner(world, kind) | {"persistedFaceId": face})["persistedFaceId"] == face


@recipe_of(ENROLLED, "{kind}_UpdateFace", "{group}_Update{kind}Face")
@recipe_of(GROUPS, "{kind}Person_UpdateFace", "{group}_Update{kind}PersonFace")
def update(call: Call, world: World, kind: Kind) -> None:
    face = world.persisted(kind)
    call(owner(world, kind) | {"persistedFaceId": face}, json={"userData": "U" * 1024})
    assert world.request("GET", url(world, kind, face))["userData"] == "U" * 1024


@recipe_of(ENROLLED, "{kind}_ListFaces", "{group}_Get{kind}Faces")
def list_them(call: Call, world: World, kind: Kind) -> None:
    face = world.persisted(kind)
    assert [one["persistedFaceId"] for one in call(owner(world, kind))] == [face]
    assert call(owner(world, kind), {"start": face, "top": 1}) == []
