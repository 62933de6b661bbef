"""Persons of groups and of the Person Directory: what is answered."""

from shared.wire.fields import CollectionId, Guid
from shared.wire.objects import WireObject


class PersonCreated(WireObject):
    person_id: Guid


class GroupPerson(WireObject):
    """A person of a PersonGroup or LargePersonGroup."""

    person_id: Guid
    name: str
    persisted_face_ids: list[Guid]
    user_data: str | None = None


class DirectoryPerson(WireObject):
    person_id: Guid
    name: str
    user_data: str | None = None


class PersonFaces(WireObject):
    """A directory person's faces of one recognition model."""

    person_id: Guid
    persisted_face_ids: list[Guid]


class PersonIds(WireObject):
    person_ids: list[Guid]


class GroupReferences(WireObject):
    """Ids of the dynamic groups that hold a person."""

    dynamic_person_group_ids: list[CollectionId]
