"""Seals templates before they are stored: AES-256-GCM, bound to the row that holds them.

Envelope: 1 byte version (1) | 1 byte length of the key id | key id | 12 byte nonce | ciphertext and 16 byte tag.
The identity of the row (and whatever else must not change, such as its expiry) is authenticated with it:
an envelope that was copied to another row, moved or altered does not open.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.store.key_ring import KeyRing

VERSION = 1
NONCE_BYTES = 12


class SealBroken(Exception):
    """The envelope does not open: its row, its key or its bytes are not those it was sealed with."""


class KeyUnknown(SealBroken):
    """Sealed under a key that the ring does not hold: another process may have a newer ring."""


class Cipher:
    """Seals under the ring's active key, opens under any key of the ring."""

    def __init__(self, ring: KeyRing) -> None:
        self._active = ring.active.encode()
        self._keys = {name.encode(): AESGCM(key) for name, key in ring.keys.items()}

    def seal(self, plain: bytes, identity: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._keys[self._active].encrypt(nonce, plain, identity.encode())
        return bytes((VERSION, len(self._active))) + self._active + nonce + sealed

    def open(self, envelope: bytes, identity: str) -> bytes:
        """Raises SealBroken."""
        name, nonce, sealed = _split(envelope)
        key = self._keys.get(name)
        if key is None:
            raise KeyUnknown("sealed under a key that the ring does not hold")
        try:
            return key.decrypt(nonce, sealed, identity.encode())
        except InvalidTag:
            raise SealBroken("the envelope or its row was altered") from None


def _split(envelope: bytes) -> tuple[bytes, bytes, bytes]:
    if len(envelope) < 2 or envelope[0] != VERSION:
        raise SealBroken("not an envelope of a known version")
    name_end = 2 + envelope[1]
    nonce_end = name_end + NONCE_BYTES
    if len(envelope) <= nonce_end:
        raise SealBroken("the envelope is cut short")
    return envelope[2:name_end], envelope[name_end:nonce_end], envelope[nonce_end:]
