"""The OpenAPI 3.1 document of what this deployment serves, made from the table of operations."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from shared import __version__
from shared.wire.authentication import KEY_HEADER, PUBLIC
from shared.wire.objects import ErrorResponse
from shared.wire.operation import TABLE, Operation
from shared.wire.parsing import JSON

COMPONENTS = "#/components/schemas/{name}"
ERROR_STATUSES = {
    "400": "A parameter, the body or the picture does not fit.",
    "401": "No valid key.",
    "403": "Something that the service does not do, or not any more.",
    "404": "Not found.",
    "408": "The picture's server took too long.",
    "415": "The content type is not one that the operation takes.",
}
"""What a guarded operation may answer beside success."""

FAULT_STATUSES = {
    "500": "A defect; report it with the request id.",
    "503": "Something that the service needs is away; Retry-After says when to come back.",
}
"""What any operation may answer."""


@cache
def document() -> dict[str, Any]:
    """Plain data, ready to be written as JSON. Made once: anybody may ask for it, and the table no longer changes."""
    operations = list(TABLE.values())
    schemas, components = _schemas(operations)
    paths: dict[str, Any] = {}
    for declared in operations:
        paths.setdefault(f"/{declared.route}", {})[declared.method.lower()] = _path_item(declared, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ownface",
            "version": __version__,
            "description": "The Azure AI Face API, self-hosted.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": KEY_HEADER}},
        },
    }


def _path_item(declared: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "operationId": declared.name,
        "summary": declared.summary,
        "parameters": [*_version_parameter(declared), *_query_parameters(declared)],
        "responses": {"200": _content("Success.", {JSON: schemas[declared.answer]})},
    }
    if declared.bodies:
        content = {media: {"schema": schemas[shape]} for media, shape in declared.bodies.items()}
        item["requestBody"] = {"required": True, "content": content}
    statuses = dict(FAULT_STATUSES)
    if declared.action != PUBLIC:
        item["security"] = [{"key": []}]
        item["x-data-action"] = declared.action
        statuses |= ERROR_STATUSES
    error = {JSON: schemas[ErrorResponse]}
    item["responses"] |= {status: _content(text, error) for status, text in sorted(statuses.items())}
    return item


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """A schema for every answer and body type, and the named objects that these refer to."""
    shapes: list[Any] = [ErrorResponse]
    for declared in operations:
        shapes += [declared.answer, *declared.bodies.values()]
    objects = [shape for shape in dict.fromkeys(shapes) if shape is not bytes]
    schemas, components = msgspec.json.schema_components(objects, ref_template=COMPONENTS)
    return {**dict(zip(objects, schemas, strict=True)), bytes: {"type": "string", "format": "binary"}}, components


def _version_parameter(declared: Operation) -> list[dict[str, Any]]:
    if "{version}" not in declared.route:
        return []
    schema = {"type": "string", "enum": list(declared.versions)}
    return [{"name": "version", "in": "path", "required": True, "schema": schema}]


def _query_parameters(declared: Operation) -> list[dict[str, Any]]:
    if declared.query is type(None):
        return []
    schema = msgspec.json.schema(declared.query)
    properties = schema["$defs"][declared.query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": kind} for name, kind in properties.items()]


def _content(description: str, media: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "content": {name: {"schema": schema} for name, schema in media.items()},
    }
