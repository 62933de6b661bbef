"""Pictures of liveness sessions that asked for one: sealed, one blob each, under session-images/{sessionId}/{imageId}.

An image's id names its session: 16 bytes of the session's id, one for its kind, 16 drawn at random; 44 characters of
base64url. So it is found by its id alone, and only as long as its session is there.
"""

import base64
import secrets
from collections.abc import Iterator
from uuid import UUID

from shared.store.blobs import Blobs
from shared.store.cipher import ENVELOPE_HEAD_BYTES, Cipher, SealBroken, sealed_under

CONTAINER = "session-images"
_RANDOM_BYTES = 16
_BYTES = 16 + 1 + _RANDOM_BYTES


class SessionImages:
    """Every method raises StoreUnavailable. What expires is announced by the session: it is written first."""

    def __init__(self, connection_string: str, cipher: Cipher) -> None:
        """Raises ValueError where the connection string is malformed."""
        self._blobs = Blobs(connection_string, CONTAINER)
        self._cipher = cipher

    def put(self, session_id: str, image_id: str, data: bytes) -> None:
        name = f"{session_id}/{image_id}"
        self._blobs.put(name, self._cipher.seal(data, f"session-image|{name}"))

    def get(self, session_id: str, image_id: str) -> bytes | None:
        """None where there is none. Raises SealBroken."""
        name = f"{session_id}/{image_id}"
        blob = self._blobs.get(name)
        return None if blob is None else self._cipher.open(blob, f"session-image|{name}")

    def keys_used(self) -> Iterator[str | None]:
        """The id of the key of every image; None where one does not say."""
        for blob in self._blobs.list(""):
            head = self._blobs.get(blob.name, ENVELOPE_HEAD_BYTES)
            if head is not None:
                try:
                    yield sealed_under(head)
                except SealBroken:
                    yield None

    def delete(self, session_id: str, image_id: str) -> None:
        self._blobs.delete(f"{session_id}/{image_id}")

    def any_of(self, session_id: str) -> bool:
        return any(True for _ in self._blobs.list(f"{session_id}/"))

    def delete_all(self, session_id: str) -> None:
        """Every image of a session, also one that an attempt which died has left behind."""
        for blob in self._blobs.list(f"{session_id}/"):
            self._blobs.delete(blob.name)


def new_image_id(session_id: str, kind: int) -> str:
    raw = UUID(session_id).bytes + bytes((kind,)) + secrets.token_bytes(_RANDOM_BYTES)
    return base64.urlsafe_b64encode(raw).decode()


def session_of(image_id: str) -> tuple[str, int] | None:
    """The session's id and its kind's number; None for what cannot be an image's id."""
    try:
        raw = base64.b64decode(image_id, altchars=b"-_", validate=True)
    except ValueError:
        return None
    return (str(UUID(bytes=raw[:16])), raw[16]) if len(raw) == _BYTES else None
