"""The contract's own OpenAPI (Swagger 2) files: what each version declares, with every reference resolved on demand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from shared.wire.operation import VERSIONS

API = Path(__file__).resolve().parents[4] / "shared" / "api"
MISTYPED = {
    **dict.fromkeys(("enabled", "isAbuseMonitoringEnabled", "isAbuseDetected"), "boolean"),
    "numberOfClientAttemptsAllowed": "integer",
}
"""Properties that the files of v1.3-preview.1 type as objects, an artefact of their making (models.md section 7): what
their descriptions and examples have."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One operationId in one version. `path`: the template after /face/{version}, without the overload notation.
    `responses`: by status, "default" is the error. `document`: the whole file, where its references lead."""

    name: str
    version: str
    method: str
    path: str
    consumes: tuple[str, ...]
    parameters: tuple[Mapping[str, Any], ...]
    responses: Mapping[str, Mapping[str, Any]]
    document: Mapping[str, Any] = field(repr=False)

    @property
    def successes(self) -> tuple[int, ...]:
        return tuple(int(status) for status in self.responses if status.startswith("2"))


@cache
def document(version: str) -> dict[str, Any]:
    text = (API / "openapi" / f"face-{version}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    for definition in loaded["definitions"].values():
        for name, kind in MISTYPED.items():
            if definition.get("properties", {}).get(name, {}).get("type") == "object":
                definition["properties"][name]["type"] = kind
    return loaded


@cache
def declared(version: str) -> dict[str, Declared]:
    """Every operation of one version by operationId, as its file orders them."""
    return {operation.name: operation for operation in _operations(version)}


@cache
def in_scope() -> tuple[Declared, ...]:
    """All operations of all versions."""
    return tuple(operation for version in VERSIONS for operation in declared(version).values())


def names_in_scope() -> set[str]:
    return {operation.name for operation in in_scope()}


def resolved(part: Mapping[str, Any], of: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a part of the document `of` refers to, or the part itself. Every reference here stays inside its file."""
    while "$ref" in part:
        found: Any = of
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _operations(version: str) -> Iterator[Declared]:
    whole = document(version)
    for path, item in {**whole["paths"], **whole.get("x-ms-paths", {})}.items():
        for method, operation in item.items():
            yield Declared(
                name=operation["operationId"],
                version=version,
                method=method.upper(),
                path=path.split("?")[0],
                consumes=tuple(operation.get("consumes") or whole.get("consumes") or ["application/json"]),
                parameters=tuple(resolved(parameter, whole) for parameter in operation.get("parameters", ())),
                responses=operation["responses"],
                document=whole,
            )
