"""The keys that seal what is stored: a ring of named keys, of which one seals and all open."""

import base64
import binascii
import json
import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from shared.clock import from_text, system_clock, to_text

KEY_BYTES = 32
MAX_ID_BYTES = 64


class KeyRingError(Exception):
    """The key ring is missing or malformed, or may not be changed so. The text says where it is, never a key."""


class KeyRingAway(KeyRingError):
    """What keeps it does not answer now; it may the next time."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`keys`: key id -> 32 bytes, from which the keys for each purpose are derived. `active`: the id under which is
    sealed now. `activated`: since when, where that is known."""

    active: str
    keys: dict[str, bytes] = field(repr=False)
    activated: datetime | None = None

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Raises KeyRingError."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise KeyRingError(f"the key ring {path} cannot be read: {reason}") from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, where: str) -> "KeyRing":
        """{"active": id, "activated": moment, "keys": {id: base64}}. Raises KeyRingError."""
        try:
            document = json.loads(text)
            keys = {name: base64.b64decode(key, validate=True) for name, key in document["keys"].items()}
            active, since = str(document["active"]), document.get("activated")
            activated = from_text(since) if since else None
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise KeyRingError(f"the key ring {where} is malformed") from None
        if activated and activated.tzinfo is None:
            raise KeyRingError(f"the key ring {where} says since when without a time zone")
        if active not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyRingError(f"the key ring {where} needs its active key, and keys of {KEY_BYTES} bytes")
        if not all(1 <= len(name.encode()) <= MAX_ID_BYTES for name in keys):
            raise KeyRingError(f"the key ring {where} needs key ids of 1 to {MAX_ID_BYTES} bytes")
        return cls(active, keys, activated)

    @classmethod
    def new(cls, now: datetime) -> "KeyRing":
        """With one random key."""
        return cls("", {}).with_new_key(now)

    def with_new_key(self, now: datetime) -> "KeyRing":
        """One more, random, which is the active one."""
        name = f"k{secrets.token_hex(4)}"
        return KeyRing(name, {**self.keys, name: secrets.token_bytes(KEY_BYTES)}, now)

    def without(self, name: str) -> "KeyRing":
        """Raises KeyRingError where it is the active key or none of the ring."""
        if name not in self.keys:
            raise KeyRingError(f"the key ring has no key {name}")
        if name == self.active:
            raise KeyRingError(f"{name} is the active key: add another one first")
        return replace(self, keys={other: key for other, key in self.keys.items() if other != name})

    def text(self) -> str:
        """What `parse` reads."""
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        since = {"activated": to_text(self.activated)} if self.activated else {}
        return json.dumps({"active": self.active, **since, "keys": keys}, indent=2)


def create_key_ring(path: Path) -> bool:
    """Make a ring with one random key, readable by its owner only; whether it did. Does nothing where the file exists:
    a lost key makes every template sealed under it unreadable, so none is ever overwritten."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _written(path, KeyRing.new(system_clock()))
    try:
        path.hardlink_to(draft)  # unlike a rename, this refuses to replace a ring that another process just made
    except FileExistsError:
        return False
    else:
        return True
    finally:
        draft.unlink()


def replace_key_ring(path: Path, ring: KeyRing) -> None:
    """As a whole: who reads it meanwhile reads the earlier one or this one."""
    _written(path, ring).replace(path)


def _written(path: Path, ring: KeyRing) -> Path:
    """In a file beside it."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(ring.text())
        file.flush()
        os.fsync(file.fileno())
    return draft
