"""DynamicPersonGroup: a selection of the Person Directory's persons."""

import uuid

import azure.functions as func

from shared.wire.answers import Accepted
from shared.wire.call import Call
from shared.wire.collection import DynamicGroupChanges, DynamicPersonGroup, NewDynamicGroup, Page
from shared.wire.operation import DIRECTORY_VERSIONS, operation
from shared.wire.person import PersonIds

blueprint = func.Blueprint()

GROUPS = "face/{version}/dynamicpersongroups"
GROUP = f"{GROUPS}/{{dynamicPersonGroupId}}"


@operation(
    blueprint,
    "CreateDynamicPersonGroup",
    "PUT",
    GROUP,
    action="dynamicpersongroups/write",
    versions=DIRECTORY_VERSIONS,
    covers=(
        "CreateDynamicPersonGroup",
        "CreateDynamicPersonGroupWithPerson",
        "PersonDirectory_CreateDynamicPersonGroup",
    ),
)
def create_group(call: Call[None, NewDynamicGroup]) -> Accepted[None] | None:
    """Make it, empty or with persons. With persons the lookup from a person to the group follows later."""
    key, body, groups = call.path["dynamicPersonGroupId"], call.body, call.services.dynamic_groups
    return following(groups.create(key, body.name, body.user_data, texts(body.add_person_ids)))


@operation(
    blueprint,
    "UpdateDynamicPersonGroup",
    "PATCH",
    GROUP,
    action="dynamicpersongroups/write",
    versions=DIRECTORY_VERSIONS,
    covers=(
        "UpdateDynamicPersonGroup",
        "UpdateDynamicPersonGroupWithPersonChanges",
        "PersonDirectory_UpdateDynamicPersonGroup",
    ),
)
def update_group(call: Call[None, DynamicGroupChanges]) -> Accepted[None] | None:
    """Change its name, its userData, its persons. v1.0-preview has an operation for every change."""
    key, body = call.path["dynamicPersonGroupId"], call.body
    operation_id = call.services.dynamic_groups.update(
        key,
        body.name,
        body.user_data,
        texts(body.add_person_ids),
        texts(body.remove_person_ids),
        always=call.version == "v1.0-preview",
    )
    return following(operation_id)


@operation(
    blueprint,
    "GetDynamicPersonGroup",
    "GET",
    GROUP,
    action="dynamicpersongroups/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetDynamicPersonGroup", "PersonDirectory_GetDynamicPersonGroup"),
)
def get_group(call: Call[None, None]) -> DynamicPersonGroup:
    """Its name and its userData."""
    found = call.services.dynamic_groups.get(call.path["dynamicPersonGroupId"])
    return DynamicPersonGroup(found.id, found.name, found.user_data)


@operation(
    blueprint,
    "GetDynamicPersonGroups",
    "GET",
    GROUPS,
    action="dynamicpersongroups/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetDynamicPersonGroups", "PersonDirectory_ListDynamicPersonGroups"),
)
def get_groups(call: Call[Page, None]) -> list[DynamicPersonGroup]:
    """Those after `start`, ascending by id, at most `top`."""
    found = call.services.dynamic_groups.list(call.query.start, call.query.top)
    return [DynamicPersonGroup(one.id, one.name, one.user_data) for one in found]


@operation(
    blueprint,
    "GetDynamicPersonGroupPersons",
    "GET",
    f"{GROUP}/persons",
    action="dynamicpersongroups/persons/read",
    versions=DIRECTORY_VERSIONS,
    covers=("GetDynamicPersonGroupPersons", "PersonDirectory_ListDynamicPersonGroupPersons"),
)
def get_group_persons(call: Call[Page, None]) -> PersonIds:
    """Ids of its persons: those after `start`, ascending, at most `top`."""
    key, page = call.path["dynamicPersonGroupId"], call.query
    return PersonIds(list(call.services.dynamic_groups.persons(key, page.start, page.top)))


@operation(
    blueprint,
    "DeleteDynamicPersonGroup",
    "DELETE",
    GROUP,
    action="dynamicpersongroups/delete",
    versions=DIRECTORY_VERSIONS,
    covers=("DeleteDynamicPersonGroup", "PersonDirectory_DeleteDynamicPersonGroup"),
)
def delete_group(call: Call[None, None]) -> Accepted[None]:
    """Delete it; its persons stay in the directory."""
    operation_id = call.services.dynamic_groups.delete(call.path["dynamicPersonGroupId"])
    return Accepted(None, f"operations/{operation_id}")


def texts(persons: list[uuid.UUID] | None) -> tuple[str, ...] | None:
    return None if persons is None else tuple(map(str, persons))


def following(operation_id: str | None) -> Accepted[None] | None:
    """200 where everything is done, 202 where something goes on."""
    return None if operation_id is None else Accepted(None, f"operations/{operation_id}")
