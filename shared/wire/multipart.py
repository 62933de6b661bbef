"""Forms: bodies of multipart/form-data into an object, a part for each field.

Names of parts match in any case; what a part says of itself beside its name (a file name, a type, a charset) is not
asked for, since clients differ in it. A part `Parameters` holds JSON whose members stand for parts of their own.
"""

import typing
from functools import cache
from typing import Any

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from shared.errors import InvalidRequestBody

PARAMETERS = "parameters"
MAX_PARTS = 32
MAX_TEXT_BYTES = 64 * 1024


def form_fields(content_type: str, body: bytes, shape: type[msgspec.Struct]) -> dict[str, Any]:
    """By the names of the shape's fields: bytes for its fields of bytes, a list of them where it has a list, text for
    the others, whatever JSON has for those that came as Parameters. Raises InvalidRequestBody."""
    files, names = _files(shape), {name.lower(): name for name in shape.__struct_encode_fields__}
    parts = _parts(content_type, body, frozenset(name.lower() for name, repeats in files.items() if repeats))
    fields: dict[str, Any] = {
        names[name]: _content(contents, files.get(names[name])) for name, contents in parts.items() if name in names
    }
    if PARAMETERS in parts:
        fields = _members(_text(parts[PARAMETERS][0]), names, frozenset(files)) | fields
    return fields


def _content(contents: list[bytes], repeats: bool | None) -> Any:
    """`repeats`: whether it is a list of files; None where it is a text."""
    if repeats is None:
        return _text(contents[0])
    return contents if repeats else contents[0]


def _parts(content_type: str, body: bytes, repeated: frozenset[str]) -> dict[str, list[bytes]]:
    """By name, in lower case. One that comes twice though it is none of the `repeated` would be read differently by
    others, and is refused."""
    found: dict[str, list[bytes]] = {}
    name, content = "", bytearray()
    try:
        boundary = parse_options_header(content_type)[1].get("boundary", "")
        with PushMultipartParser(boundary, max_segment_count=MAX_PARTS) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    name, content = (event.name or "").lower(), bytearray()
                elif event is not None:
                    content += event
                elif name in found and name not in repeated:
                    raise InvalidRequestBody
                else:
                    found.setdefault(name, []).append(bytes(content))
    except MultipartError:
        raise InvalidRequestBody from None
    return found


def _text(content: bytes) -> str:
    if len(content) > MAX_TEXT_BYTES:
        raise InvalidRequestBody
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InvalidRequestBody from None


def _members(text: str, names: dict[str, str], files: frozenset[str]) -> dict[str, Any]:
    try:
        members = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestBody from None
    known = {names[name.lower()]: value for name, value in members.items() if name.lower() in names}
    return {name: value for name, value in known.items() if name not in files}


@cache
def _files(shape: type[msgspec.Struct]) -> dict[str, bool]:
    """Names of the fields of bytes, and whether there may be several."""
    hints = typing.get_type_hints(shape)
    kinds = {field.encode_name: hints[field.name] for field in msgspec.structs.fields(shape)}
    return {name: kind == list[bytes] for name, kind in kinds.items() if kind in (bytes, bytes | None, list[bytes])}
