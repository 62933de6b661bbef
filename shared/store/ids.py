"""The kinds of ids that the stores hold: GUIDs in lower case with dashes, told apart by their types."""

import uuid
from typing import NewType

GalleryId = NewType("GalleryId", str)
"""One incarnation of a collection: a collection that is deleted and made again gets another."""

PersonId = NewType("PersonId", str)
PersistedFaceId = NewType("PersistedFaceId", str)


def packed(guid: str) -> bytes:
    """The 16 bytes of a GUID; of the empty id, zeros."""
    return uuid.UUID(guid).bytes if guid else bytes(16)


def unpacked(raw: bytes) -> str:
    return str(uuid.UUID(bytes=raw))
