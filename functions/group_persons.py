"""Persons of PersonGroups and LargePersonGroups, which are alike."""

import azure.functions as func

from shared.people.kinds import LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.store.members import Person
from shared.wire.call import Call
from shared.wire.collection import NamedChanges, NewNamed, Page
from shared.wire.operation import operation
from shared.wire.person import GroupPerson, PersonCreated

blueprint = func.Blueprint()


def declare_person_list(kind: Kind) -> None:
    """Persons of a group: create and list."""
    holder, action = f"{kind.name}Person", f"{kind.path}/persons"
    every = f"face/{{version}}/{kind.path}/{{{kind.id_field}}}/persons"

    @operation(
        blueprint,
        f"Create{holder}",
        "POST",
        every,
        action=f"{action}/action",
        covers=(f"Create{holder}", f"{holder}_Create"),
    )
    def create(call: Call[None, NewNamed]) -> PersonCreated:
        """A new person, without faces."""
        body, persons = call.body, call.services.persons
        return PersonCreated(persons.create(kind, call.path[kind.id_field], body.name, body.user_data, call.terms))

    @operation(
        blueprint,
        f"Get{holder}s",
        "GET",
        every,
        action=f"{action}/read",
        covers=(f"Get{holder}s", f"{holder}_List"),
    )
    def page(call: Call[Page, None]) -> list[GroupPerson]:
        """Those after `start`, ascending by id, at most `top`."""
        key, query = call.path[kind.id_field], call.query
        return [group_person(one) for one in call.services.persons.list(kind, key, query.start, query.top)]


def declare_person(kind: Kind) -> None:
    """One person of a group: get, update and delete."""
    holder, action = f"{kind.name}Person", f"{kind.path}/persons"
    one = f"face/{{version}}/{kind.path}/{{{kind.id_field}}}/persons/{{personId}}"

    @operation(
        blueprint,
        f"Get{holder}",
        "GET",
        one,
        action=f"{action}/read",
        covers=(f"Get{holder}", f"{holder}_Get"),
    )
    def get(call: Call[None, None]) -> GroupPerson:
        """The name, the userData and the ids of the faces."""
        return group_person(call.services.persons.get(kind, call.path[kind.id_field], call.path["personId"]))

    @operation(
        blueprint,
        f"Update{holder}",
        "PATCH",
        one,
        action=f"{action}/write",
        covers=(f"Update{holder}", f"{holder}_Update"),
    )
    def update(call: Call[None, NamedChanges]) -> None:
        """Change the name, the userData or both."""
        key, person, body = call.path[kind.id_field], call.path["personId"], call.body
        call.services.persons.update(kind, key, person, body.name, body.user_data)

    @operation(
        blueprint,
        f"Delete{holder}",
        "DELETE",
        one,
        action=f"{action}/delete",
        covers=(f"Delete{holder}", f"{holder}_Delete"),
    )
    def delete(call: Call[None, None]) -> None:
        """Delete the person with all faces; nothing finds them from then on."""
        call.services.persons.delete(kind, call.path[kind.id_field], call.path["personId"])


def group_person(person: Person) -> GroupPerson:
    return GroupPerson(
        person_id=person.person_id,
        name=person.name,
        user_data=person.user_data,
        persisted_face_ids=list(person.face_ids),
    )


for group_kind in (PERSON_GROUP, LARGE_PERSON_GROUP):
    declare_person_list(group_kind)
    declare_person(group_kind)
