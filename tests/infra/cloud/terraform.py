"""What infra/terraform describes, as python-hcl2 reads it: strings keep their quotes, expressions stand in ${ }."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import hcl2

from tests.infra.cloud.bicep import ROOT, Resource

FOLDER = ROOT / "infra" / "terraform"
FILES = tuple(sorted(FOLDER.glob("*.tf")))


@cache
def documents() -> dict[str, dict[str, Any]]:
    """By file name without the suffix."""
    return {path.stem: hcl2.loads(path.read_text()) for path in FILES}


@cache
def resources() -> dict[str, Resource]:
    """By kind and name: azurerm_key_vault.vault."""
    found = {}
    for file, document in documents().items():
        for block in document.get("resource", []):
            for kind, named in block.items():
                for name, body in named.items():
                    if not name.startswith("__"):
                        one = _resource(kind.strip('"'), name.strip('"'), file, body)
                        found[f"{one.kind}.{one.name}"] = one
    return found


def _resource(kind: str, name: str, file: str, body: dict[str, Any]) -> Resource:
    values = dict(_values(body, ""))
    count = values.pop("count", "").removesuffix(" ? 1 : 0")
    return Resource(name, kind, file, count, "for_each" in values, values)


def _values(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.startswith("__"):
                yield from _values(inner, f"{path}.{key.strip(chr(34))}".lstrip("."))
    elif isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], dict):
            yield from _values(value[0], path)
        else:
            for number, inner in enumerate(value):
                yield from _values(inner, f"{path}.{number}")
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    """As it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text[2:-1] if text.startswith("${") and text.endswith("}") and not text.startswith('"') else text


@cache
def variables() -> dict[str, dict[str, Any]]:
    return {
        name.strip('"'): body
        for block in documents()["variables"]["variable"]
        for name, body in block.items()
        if not name.startswith("__")
    }
