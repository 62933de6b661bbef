"""Seals what is stored: AES-256-GCM, bound to the row that holds it. Templates are turned first (turning.py).

Envelope: 1 byte version (2) | 1 byte length of the key id | key id | 12 byte nonce | ciphertext and 16 byte tag.
The identity of the row (and whatever else must not change, such as its expiry) is authenticated with it:
an envelope that was copied to another row, moved or altered does not open. Of templates the plain text is
2 bytes d, little endian | n x d float32.
"""

import logging
import secrets
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from shared.store.derived import derived
from shared.store.key_ring import MAX_ID_BYTES
from shared.store.live_ring import LiveRing
from shared.store.tables import StoreUnavailable
from shared.store.turning import Turning

log = logging.getLogger("ownface.store")

VERSION = 2
NONCE_BYTES = 12
SIZE_BYTES = 2
ENVELOPE_HEAD_BYTES = 2 + MAX_ID_BYTES + NONCE_BYTES + 1
SEALING = b"ownface sealing, AES-256-GCM"
TURNING = b"ownface turning of templates"


class SealBroken(Exception):
    """The envelope does not open: its row, its key or its bytes are not those it was sealed with."""


class KeyUnknown(StoreUnavailable):
    """Sealed under a key that the ring does not hold. What was sealed is there: to go on without it would be a wrong
    answer, or in a compaction the end of it."""


class Cipher:
    """Seals under the ring's active key, opens under any key of the ring."""

    def __init__(self, ring: LiveRing) -> None:
        self._ring = ring

    @property
    def active(self) -> str:
        """The id of the key under which is sealed now."""
        return self._ring.now().active

    @property
    def is_current(self) -> bool:
        """Whether the ring could be read when it was last looked at: else an unknown key is no sign of damage."""
        return self._ring.is_seen

    def has(self, name: str) -> bool:
        """Whether the ring has a key of that id."""
        return self._ring.has(name)

    def seal(self, plain: bytes, identity: str) -> bytes:
        return _sealed(plain, identity, *self._sealing())

    def open(self, envelope: bytes, identity: str) -> bytes:
        """Raises SealBroken, and as everything that opens KeyUnknown."""
        return self._opened(envelope, identity)[0]

    def seal_templates(self, templates: NDArray[np.float32], identity: str) -> bytes:
        """[n,d], rows of unit length."""
        name, key = self._sealing()
        return _sealed(_plain(_turning(key).turn(templates)), identity, name, key)

    def open_templates(self, envelope: bytes, identity: str) -> tuple[NDArray[np.float32], Turning]:
        """[n,d] as they are turned, and by what. Raises SealBroken."""
        plain, key = self._opened(envelope, identity)
        return _read(plain), _turning(key)

    def seal_template(self, template: NDArray[np.float32], identity: str) -> bytes:
        """[d]."""
        return self.seal_templates(template[np.newaxis], identity)

    def seal_each(self, templates: Iterable[tuple[NDArray[np.float32], str]]) -> list[bytes]:
        """Many, [d], each with its identity: as `open_each`."""
        some = list(templates)
        sealed: dict[int, bytes] = {}
        name, key = self._sealing()
        for size in {template.size for template, _ in some}:
            alike = [number for number, (template, _) in enumerate(some) if template.size == size]
            stored = _turning(key).turn(np.stack([some[number][0] for number in alike]))
            for number, row in zip(alike, stored, strict=True):
                sealed[number] = _sealed(_plain(row[np.newaxis]), some[number][1], name, key)
        return [sealed[number] for number in range(len(some))]

    def open_template(self, envelope: bytes, identity: str) -> NDArray[np.float32]:
        """[d]. Raises SealBroken."""
        stored, turning = self.open_templates(envelope, identity)
        template: NDArray[np.float32] = turning.back(stored)[0]
        return template

    def open_each(self, sealed: Iterable[tuple[bytes, str]]) -> list[NDArray[np.float32] | SealBroken | KeyUnknown]:
        """For each envelope with its identity the template, [d], or why it does not open. Many are turned back as one:
        that takes a tenth of the time."""
        found: dict[int, NDArray[np.float32] | SealBroken | KeyUnknown] = {}
        alike: dict[tuple[bytes, int], dict[int, NDArray[np.float32]]] = {}
        for number, (envelope, identity) in enumerate(sealed):
            try:
                plain, key = self._opened(envelope, identity)
            except (SealBroken, KeyUnknown) as broken:
                found[number] = broken
            else:
                (stored,) = _read(plain)
                alike.setdefault((key, stored.size), {})[number] = stored
        for (key, _), some in alike.items():
            templates = _turning(key).back(np.stack(list(some.values())))
            found |= zip(some, templates, strict=True)
        return [found[number] for number in range(len(found))]

    def _sealing(self) -> tuple[str, bytes]:
        """The active key's id, and the key. Raises StoreUnavailable where it may not be that any more."""
        ring = self._ring.now()
        if not self._ring.may_seal:
            raise StoreUnavailable("the key ring could not be read for so long that nothing is sealed any more")
        return ring.active, ring.keys[ring.active]

    def _opened(self, envelope: bytes, identity: str) -> tuple[bytes, bytes]:
        """With the key of the ring under which it was sealed."""
        name, nonce, sealed = _split(envelope)
        try:
            key = self._ring.key(name)
        except KeyError:
            log.error(
                "sealed under the key %a, which the ring does not have: %s", name, "|".join(identity.split("|")[:4])
            )
            raise KeyUnknown("sealed under a key that the ring does not hold") from None
        try:
            return _sealer(key).decrypt(nonce, sealed, identity.encode()), key
        except InvalidTag:
            raise SealBroken("the envelope or its row was altered") from None


def _plain(stored: NDArray[np.float32]) -> bytes:
    """[n,d], as turned."""
    size: int = stored.shape[1]
    return size.to_bytes(SIZE_BYTES, "little") + stored.astype("<f4", copy=False).tobytes()


def _read(plain: bytes) -> NDArray[np.float32]:
    """[n,d], as turned."""
    size = int.from_bytes(plain[:SIZE_BYTES], "little")
    return np.frombuffer(plain, "<f4", offset=SIZE_BYTES).reshape(-1, size)


def sealed_under(envelope: bytes) -> str:
    """The id of the key. Raises SealBroken."""
    return _split(envelope)[0]


def _sealed(plain: bytes, identity: str, name: str, key: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    head = bytes((VERSION, len(name.encode()))) + name.encode() + nonce
    return head + _sealer(key).encrypt(nonce, plain, identity.encode())


def _split(envelope: bytes) -> tuple[str, bytes, bytes]:
    if not isinstance(envelope, bytes) or len(envelope) < 2 or envelope[0] != VERSION:
        raise SealBroken("not an envelope of a known version")
    name_end = 2 + envelope[1]
    nonce_end = name_end + NONCE_BYTES
    if len(envelope) <= nonce_end:
        raise SealBroken("the envelope is cut short")
    return envelope[2:name_end].decode(errors="replace"), envelope[name_end:nonce_end], envelope[nonce_end:]


def _turning(key: bytes) -> Turning:
    return Turning(derived(key, TURNING))


@lru_cache(maxsize=64)
def _sealer(key: bytes) -> AESGCM:
    return AESGCM(derived(key, SEALING))
