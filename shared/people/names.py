"""Ids as callers write them: checked, and brought to the form in which they are stored."""

import re

from shared.errors import BadArgument, PersistedFaceNotFound, PersonNotFound
from shared.store.ids import PersistedFaceId, PersonId

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COLLECTION_ID = re.compile(r"[a-z0-9_-]{1,64}")


def is_collection_id(text: str) -> bool:
    return COLLECTION_ID.fullmatch(text) is not None


def person_id(text: str) -> PersonId:
    """Raises PersonNotFound."""
    if not GUID.fullmatch(text.lower()):
        raise PersonNotFound("Person ID is invalid.")
    return PersonId(text.lower())


def persisted_face_id(text: str, invalid: str = "Persisted face ID is invalid.") -> PersistedFaceId:
    """Raises PersistedFaceNotFound."""
    if not GUID.fullmatch(text.lower()):
        raise PersistedFaceNotFound(invalid)
    return PersistedFaceId(text.lower())


def start_of_persons(text: str) -> str:
    """Where a list of persons goes on. Raises BadArgument where it is no person's id."""
    if text and not GUID.fullmatch(text.lower()):
        raise BadArgument("'start' is not valid person ID.")
    return text.lower()
