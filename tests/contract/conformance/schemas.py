"""Swagger 2 schemas as JSON Schema, and values against them: stricter than the contract where it is silent.

An object may hold only declared properties, ids are lower-case GUIDs, and times are RFC 3339 with milliseconds and Z
(operations.md section 2).
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from tests.contract.conformance.specification import resolved

CARRIED = (
    "type",
    "enum",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
FORMATS = FormatChecker(formats=())


@FORMATS.checks("uuid", raises=ValueError)
def is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@FORMATS.checks("date-time")
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value))


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@FORMATS.checks("int32")
def is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def misfits(value: Any, schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """What of `value` does not fit a schema of `document`; empty where all does."""
    validator = Draft202012Validator(_converted(schema, document), format_checker=FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _converted(schema: Mapping[str, Any], document: Mapping[str, Any], part: bool = False) -> dict[str, Any]:
    """References resolved in place; `part`: of an allOf, whose whole and not whose parts is closed."""
    nullable = bool(schema.get("x-nullable"))
    schema = resolved(schema, document)
    converted: dict[str, Any] = {key: schema[key] for key in CARRIED if key in schema}
    if isinstance(schema.get("required"), list):  # a parameter says true or false here
        converted["required"] = schema["required"]
    if "properties" in schema:
        converted["properties"] = {name: _converted(value, document) for name, value in schema["properties"].items()}
    if "additionalProperties" in schema:
        converted["additionalProperties"] = _converted(schema["additionalProperties"], document)
    if "items" in schema:
        converted["items"] = _converted(schema["items"], document)
    if "allOf" in schema:
        converted["allOf"] = [_converted(one, document, part=True) for one in schema["allOf"]]
    if not part and "additionalProperties" not in schema and ("properties" in schema or "allOf" in schema):
        converted["unevaluatedProperties"] = False
    return {"anyOf": [converted, {"type": "null"}]} if nullable or schema.get("x-nullable") else converted
