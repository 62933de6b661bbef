"""The OpenAPI 3.1 document of what this deployment serves, made from the table of operations."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from shared import __version__
from shared.access.access import SCHEME
from shared.access.actions import PUBLIC, SESSION
from shared.wire.answers import LOCATION, OPERATION, RETRY, TEXT, Success
from shared.wire.authentication import KEY_HEADER
from shared.wire.objects import JSON, ErrorResponse
from shared.wire.operation import TABLE, Operation
from shared.wire.terms import TAKES_TERMS

COMPONENTS = "#/components/schemas/{name}"
ERROR_STATUSES = {
    "400": "A parameter, the body or the picture does not fit.",
    "401": "No valid key or token, or one that does not allow this.",
    "403": "Something that the service does not do, or not any more, or that its owner has not approved.",
    "404": "Not found.",
    "409": "The resource exists already, is being trained, or is being changed by another call.",
}
"""What a guarded operation may answer beside success."""

PICTURE_STATUSES = {"408": "The picture's server took too long."}
"""What an operation may answer that fetches a picture."""

BODY_STATUSES = {"415": "The content type is not one that the operation takes."}
"""What an operation may answer that takes a body."""

PACE_STATUSES = {"429": "More often than the service answers; Retry-After says when to come back."}
"""What an operation may answer that has a caller."""

FAULT_STATUSES = {
    "500": "A defect; report it with the request id.",
    "503": "Something that the service needs is away; Retry-After says when to come back.",
}
"""What any operation may answer."""

SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
    "token": {"type": "http", "scheme": SCHEME, "bearerFormat": "JWT", "description": "An access token of Entra ID."},
    "session": {"type": "http", "scheme": SCHEME, "bearerFormat": "JWT", "description": "The token of a session."},
}

BINARY = {"type": "string", "format": "binary"}

HEADERS: dict[str, dict[str, Any]] = {
    OPERATION: {
        "description": "Where to ask for the state of the work.",
        "schema": {"type": "string", "format": "uri"},
    },
    LOCATION: {"description": "What the work makes.", "schema": {"type": "string", "format": "uri"}},
    RETRY: {"description": "Seconds after which to ask for the state.", "schema": {"type": "integer"}},
}


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
            "securitySchemes": SCHEMES,
        },
    }


def _path_item(declared: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "operationId": declared.name,
        "summary": declared.summary,
        "parameters": [*_path_parameters(declared), *_query_parameters(declared), *_header_parameters(declared)],
        "responses": {str(success.status): _success(success, schemas) for success in declared.successes},
    }
    if declared.bodies:
        content = {media: {"schema": schemas[shape]} for media, shape in declared.bodies.items()}
        item["requestBody"] = {"required": True, "content": content}
    if declared.action == SESSION:
        item["security"] = [{"session": []}]
    elif declared.action != PUBLIC:
        item["security"] = [{"key": []}, {"token": []}]
        item["x-data-action"] = declared.action
    statuses = _error_statuses(declared)
    error = {JSON: schemas[ErrorResponse]}
    item["responses"] |= {status: _content(text, error) for status, text in sorted(statuses.items())}
    return item


def _error_statuses(declared: Operation) -> dict[str, str]:
    statuses = dict(FAULT_STATUSES)
    if declared.action != PUBLIC:
        statuses |= ERROR_STATUSES | PACE_STATUSES
    elif any(success.media == TEXT for success in declared.successes):
        statuses["404"] = ERROR_STATUSES["404"]
    if declared.bodies:
        statuses |= BODY_STATUSES
    if any("url" in getattr(shape, "__struct_fields__", ()) for shape in declared.bodies.values()):
        statuses |= PICTURE_STATUSES
    return statuses


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """A schema for every answer and body type, and the named objects that these refer to."""
    shapes: list[Any] = [ErrorResponse]
    for declared in operations:
        shapes += [*(success.shape for success in declared.successes), *declared.bodies.values()]
    objects = [shape for shape in dict.fromkeys(shapes) if shape not in {bytes, None}]
    schemas, components = msgspec.json.schema_components(objects, ref_template=COMPONENTS)
    for component in components.values():
        _show_bytes(component.get("properties", {}))
    return {**dict(zip(objects, schemas, strict=True)), bytes: BINARY}, components


def _show_bytes(properties: dict[str, Any]) -> None:
    """Only forms hold bytes, as they are; JSON would have to hold them as base64."""
    for name, schema in properties.items():
        if schema.get("contentEncoding") == "base64":
            properties[name] = BINARY


def _path_parameters(declared: Operation) -> list[dict[str, Any]]:
    """Ids are checked by the domain, which knows what is not there from what cannot be."""
    schemas: dict[str, Any] = {"version": {"type": "string", "enum": list(declared.versions)}}
    text = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": schemas.get(name, text)}
        for name in declared.path_parameters
    ]


def _query_parameters(declared: Operation) -> list[dict[str, Any]]:
    if declared.query is type(None):
        return []
    schema = msgspec.json.schema(declared.query)
    properties = schema["$defs"][declared.query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": kind} for name, kind in properties.items()]


def _header_parameters(declared: Operation) -> list[dict[str, Any]]:
    names = TAKES_TERMS.get(declared.name, ())
    return [{"name": name, "in": "header", "schema": {"type": "string"}} for name in names]


def _success(success: Success, schemas: dict[Any, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {"description": "Success."}
    if success.shape is not None:
        item = _content("Success.", {success.media: schemas[success.shape]})
    if success.headers:
        item["headers"] = {name: HEADERS[name] | {"required": True} for name in success.headers}
    return item


def _content(description: str, media: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "content": {name: {"schema": schema} for name, schema in media.items()},
    }
