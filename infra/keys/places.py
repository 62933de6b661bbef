"""Where a key ring is kept: a file, or a secret of a deployment's Key Vault."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.secrets.vault import Secret, Vault
from shared.clock import system_clock
from shared.store.key_ring import KeyRing, KeyRingError, create_key_ring, replace_key_ring

KEY_RING = "ownface-key-ring"
"""The secret's name."""

Change = Callable[[KeyRing], KeyRing]


class Place(Protocol):
    """Its text says where it is. All of it raises KeyRingError, and one in a vault VaultError and
    ClientAuthenticationError."""

    def create(self) -> bool:
        """A ring with one key where there is none; whether it did. One that is there is never replaced."""

    def read(self) -> KeyRing: ...

    def change(self, change: Change) -> KeyRing:
        """What `change` makes of it; nothing is written where somebody else changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class RingFile:
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def create(self) -> bool:
        return create_key_ring(self.path)

    def read(self) -> KeyRing:
        return KeyRing.load(self.path)

    def change(self, change: Change) -> KeyRing:
        before = self.read()
        after = change(before)
        if self.read() != before:
            raise changed_meanwhile(self)
        replace_key_ring(self.path, after)
        return after


@dataclass(frozen=True, slots=True)
class RingSecret:
    """A vault cannot be told to write on a condition. So it is looked at again right before it is written: a change in
    the moment between is lost, and is a version of the secret that the vault still has."""

    vault: Vault

    def __str__(self) -> str:
        return f"{self.vault.url}/secrets/{KEY_RING}"

    def create(self) -> bool:
        if self.vault.get(KEY_RING):
            return False
        self.vault.put(KEY_RING, KeyRing.new(system_clock()).text())
        return True

    def read(self) -> KeyRing:
        return KeyRing.parse(self._secret().value, str(self))

    def change(self, change: Change) -> KeyRing:
        before = self._secret()
        after = change(KeyRing.parse(before.value, str(self)))
        if self._secret().version != before.version:
            raise changed_meanwhile(self)
        self.vault.put(KEY_RING, after.text())
        return after

    def _secret(self) -> Secret:
        found = self.vault.get(KEY_RING)
        if found is None:
            raise KeyRingError(f"there is no key ring {self}")
        return found


def changed_meanwhile(place: Place) -> KeyRingError:
    return KeyRingError(f"the key ring {place} was changed meanwhile, so nothing was written: look at it and try again")
