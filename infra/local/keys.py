"""The keys of the local service, and local.settings.json, where `func start` of the Core Tools finds its settings."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra.local.errors import LocalError

NAMES = ("FACE_KEY1", "FACE_KEY2")


def keys(environment: Mapping[str, str], file: Path) -> dict[str, str]:
    """Both keys by setting name: from the environment, else from the file, else made now and kept there."""
    made = _read(file) if file.exists() else {}
    if any(name not in made for name in NAMES):
        made = {name: made.get(name) or secrets.token_hex(16) for name in NAMES}
        write_private(file, made)
    return {name: environment.get(name, "").strip() or made[name] for name in NAMES}


def write_local_settings(file: Path, values: Mapping[str, str]) -> None:
    """Set these values; what else the file holds stays."""
    document = _read(file) if file.exists() else {}
    kept = document.get("Values")
    merged = {**(kept if isinstance(kept, dict) else {}), "FUNCTIONS_WORKER_RUNTIME": "python", **values}
    write_private(file, {**document, "IsEncrypted": False, "Values": merged})


def write_private(file: Path, document: Mapping[str, object]) -> None:
    """Replace a JSON file as a whole, readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
        json.dump(document, target, indent=2)
    draft.replace(file)


def _read(file: Path) -> dict[str, str]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise LocalError(f"{file} is no JSON object: mend it or remove it")
    return document
