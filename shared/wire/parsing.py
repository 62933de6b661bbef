"""Query strings and bodies into the declared types, and what does not fit into the contract's errors."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from shared.errors import BadArgument, FaceError, InvalidImageSize, UnsupportedMediaType
from shared.settings import MAX_IMAGE_BYTES
from shared.wire.multipart import form_fields
from shared.wire.objects import FORM, WireObject

MAX_JSON_BYTES = 1024 * 1024

FIELD_MESSAGES = {
    "detectionModel": "'detectionModel' is invalid.",
    "recognitionModel": "'recognitionModel' is invalid.",
    "faceIdTimeToLive": "'faceIdTimeToLive' is invalid. Valid range is between 60 and 86400 inclusive.",
    "start": "'start' is too long.",
    "top": "'top' is invalid.",
    "mode": "Mode is invalid.",
    "maxNumOfCandidatesReturned": "The argument maxNumOfCandidatesReturned is not valid.",
    "confidenceThreshold": "The argument confidenceThreshold is not valid.",
    "faceListId": "Face list ID is invalid.",
    "largeFaceListId": "Large face list ID is invalid.",
    "personGroupId": "Person group ID is invalid.",
    "largePersonGroupId": "Large person group ID is invalid.",
    "dynamicPersonGroupId": "Dynamic person group ID is invalid.",
    **dict.fromkeys(("faceId", "faceId1", "faceId2", "faceIds"), "Face ID is invalid."),
    **dict.fromkeys(("personId", "personIds", "addPersonIds", "removePersonIds"), "Person ID is invalid."),
}
"""The contract's text for a field that does not fit; a field not named here is an "Invalid argument"."""

EMPTY_NAME = "'name' is empty."
"""A name that is missing, null or empty is one to the contract."""


def parse_query(parameters: Mapping[str, str], shape: type[Any]) -> Any:
    """An object of `shape` from text values. Names match in any case, as on the service; unknown ones are ignored.

    Raises BadArgument."""
    if not issubclass(shape, WireObject):  # None: the operation takes no query
        return None
    names = _wire_names(shape)
    known = {names[name.lower()]: text for name, text in parameters.items() if name.lower() in names}
    try:
        return msgspec.convert(known, shape, strict=False)
    except msgspec.ValidationError as error:
        raise _misfitting(error, shape) from None


def parse_body(
    content_type: str,
    chunked: bool,
    body: bytes,
    shapes: Mapping[str, Any],
    max_image_bytes: int = MAX_IMAGE_BYTES,
) -> Any:
    """The body as the type declared for its media type: bytes as they are, JSON and forms parsed. None where none is
    declared. `max_image_bytes`: of each picture in a form.

    Raises UnsupportedMediaType, BadArgument, and what the type has for its misfits."""
    if not shapes:
        return None
    media_type = content_type.split(";")[0].strip().lower()
    if media_type not in shapes:
        raise UnsupportedMediaType
    if chunked and not body:  # some front ends drop a chunked body: say so, instead of finding the picture too small
        raise BadArgument(
            "Request body is invalid. It arrived empty though Transfer-Encoding was given; "
            "send it with a Content-Length header."
        )
    if shapes[media_type] is bytes:
        return body
    if media_type == FORM:
        form = shapes[FORM]
        if len(body) > form.max_bytes + form.form_images * max_image_bytes:  # before a byte of it is looked at
            raise InvalidImageSize
        return _parse_form(content_type, body, form)
    if len(body) > MAX_JSON_BYTES:
        raise BadArgument("Request body is invalid. It is larger than any JSON that the operation takes.")
    return _parse_json(body, shapes[media_type])


def _parse_json(body: bytes, shape: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=shape, strict=not shape.lenient)
    except msgspec.ValidationError as error:
        raise _misfitting(error, shape) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadArgument("JSON parsing error.") from None


def _parse_form(content_type: str, body: bytes, shape: type[WireObject]) -> Any:
    """Parts are texts, whatever they hold, and so converted leniently."""
    try:
        return msgspec.convert(form_fields(content_type, body, shape), shape, strict=False)
    except msgspec.ValidationError as error:
        raise _misfitting(error, shape) from None


def _misfitting(error: msgspec.ValidationError, shape: type[WireObject]) -> FaceError:
    """Reads the field from msgspec's text ("... - at `$.faceId1`"), never the value, which is the client's."""
    text = str(error)
    if missing := re.search(r"missing required field `(\w+)`", text):
        usual = BadArgument(EMPTY_NAME) if missing[1] == "name" else lacking(missing[1])
        return shape.misfit(missing[1]) or usual
    if misfit := re.search(r"at `\$\.(\w+)", text):
        return shape.misfit(misfit[1]) or BadArgument(_misfit(misfit[1], text))
    return shape.misfit("") or BadArgument()


def lacking(field: str) -> BadArgument:
    """What is required, always or with what else was given, is not there."""
    return BadArgument(f"Request body is invalid. '{field}' is missing.")


def _misfit(field: str, text: str) -> str:
    if "`array` of length" in text:
        return f"The length of {field} is not in a valid range."
    if field in FIELD_MESSAGES:
        return FIELD_MESSAGES[field]
    if "`str` of length <=" in text:
        return f"'{field}' is too long."
    if field == "name" and ("`str` of length >=" in text or "got `null`" in text):
        return EMPTY_NAME
    return f"Invalid argument {field}."


@cache
def _wire_names(shape: type[msgspec.Struct]) -> dict[str, str]:
    return {field.encode_name.lower(): field.encode_name for field in msgspec.structs.fields(shape)}
