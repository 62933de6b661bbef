"""The keys that seal templates: a ring of named keys in a local file, of which one seals and all open."""

import base64
import binascii
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

KEY_BYTES = 32
MAX_ID_BYTES = 64


class KeyRingError(Exception):
    """The key ring file is missing or malformed. The text names the file, never a key."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`keys`: key id -> 32 bytes for AES-256. `active`: the id under which new templates are sealed."""

    active: str
    keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Reads {"active": id, "keys": {id: base64}}. Raises KeyRingError."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            keys = {name: base64.b64decode(text, validate=True) for name, text in document["keys"].items()}
            active = str(document["active"])
        except OSError as error:
            raise KeyRingError(f"the key ring {path} cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise KeyRingError(f"the key ring {path} is malformed") from None
        if active not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyRingError(f"the key ring {path} needs its active key, and keys of {KEY_BYTES} bytes")
        if not all(1 <= len(name.encode()) <= MAX_ID_BYTES for name in keys):
            raise KeyRingError(f"the key ring {path} needs key ids of 1 to {MAX_ID_BYTES} bytes")
        return cls(active, keys)


def create_key_ring(path: Path) -> None:
    """Make a ring with one random key, readable by its owner only. Does nothing where the file exists:
    a lost key makes every template sealed under it unreadable, so none is ever overwritten."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f"k{secrets.token_hex(4)}"
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"active": name, "keys": {name: key}}, file)
    try:
        path.hardlink_to(draft)  # unlike a rename, this refuses to replace a ring that another process just made
    except FileExistsError:
        return
    finally:
        draft.unlink()
