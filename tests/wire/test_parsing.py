import json
import uuid
from typing import Annotated

import pytest
from msgspec import Meta

from shared.errors import BadArgument, UnsupportedMediaType
from shared.wire.fields import RecognitionModel
from shared.wire.objects import WireObject
from shared.wire.parsing import parse_body, parse_query


class Query(WireObject):
    return_face_id: bool = True
    recognition_model: RecognitionModel = "recognition_01"
    face_id_time_to_live: Annotated[int, Meta(ge=60, le=86400)] = 86400
    csv: str = ""


class Body(WireObject):
    face_id1: uuid.UUID
    note: str | None = None


BODIES = {"application/json": Body, "application/octet-stream": bytes}


def test_absent_parameters_take_their_defaults_and_unknown_ones_are_ignored() -> None:
    assert parse_query({"surprise": "1"}, Query) == Query()


def test_parameter_names_match_in_any_case() -> None:
    assert parse_query({"RETURNFACEID": "false", "recognitionmodel": "recognition_04"}, Query) == Query(
        return_face_id=False, recognition_model="recognition_04"
    )


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_booleans_are_read_in_any_case(text: str) -> None:
    assert parse_query({"returnFaceId": text}, Query).return_face_id is True


@pytest.mark.parametrize(
    ("parameter", "text", "message"),
    [
        ("returnFaceId", "maybe", "Invalid argument returnFaceId."),
        ("returnFaceId", "true,true", "Invalid argument returnFaceId."),
        ("recognitionModel", "recognition_05", "'recognitionModel' is invalid."),
        ("faceIdTimeToLive", "59", "'faceIdTimeToLive' is invalid. Valid range is between 60 and 86400 inclusive."),
        ("faceIdTimeToLive", "86401", "'faceIdTimeToLive' is invalid. Valid range is between 60 and 86400 inclusive."),
        ("faceIdTimeToLive", "1e3x", "'faceIdTimeToLive' is invalid. Valid range is between 60 and 86400 inclusive."),
        (
            "faceIdTimeToLive",
            "9" * 5000,
            "'faceIdTimeToLive' is invalid. Valid range is between 60 and 86400 inclusive.",
        ),
    ],
)
def test_misfit_parameter_is_named(parameter: str, text: str, message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parse_query({parameter: text}, Query)
    assert refused.value.message == message


def test_bytes_pass_as_they_are_and_json_becomes_the_declared_object() -> None:
    face_id = uuid.uuid4()
    assert parse_body("application/octet-stream", False, b"\xff\xd8", BODIES) == b"\xff\xd8"
    body = json.dumps({"faceId1": str(face_id).upper(), "unknown": 1}).encode()
    assert parse_body("Application/JSON; charset=utf-8", False, body, BODIES) == Body(face_id1=face_id)


@pytest.mark.parametrize("content_type", ["", "image/jpeg", "text/plain", "multipart/form-data; boundary=x"])
def test_other_media_types_are_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        parse_body(content_type, False, b"x", BODIES)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "JSON parsing error."),
        (b"{", "JSON parsing error."),
        (b"\xff\xfe", "JSON parsing error."),
        (b'{"unknown": ' + b"[" * 100_000, "JSON parsing error."),
        (
            b" " * 1_048_577,
            "Request body is invalid. It is larger than any JSON that the operation takes.",
        ),
        (b"null", "Request body is invalid."),
        (b"[]", "Request body is invalid."),
        (b"[" * 100_000, "Request body is invalid."),
        (b'"text"', "Request body is invalid."),
        (b"{}", "Request body is invalid. 'faceId1' is missing."),
        (b'{"faceId1": null}', "Face ID is invalid."),
        (b'{"faceId1": 7}', "Face ID is invalid."),
        (b'{"faceId1": "\xff"}', "Face ID is invalid."),
        (b'{"faceId1": "secret-that-is-no-guid"}', "Face ID is invalid."),
    ],
)
def test_misfit_body_gives_the_contracts_message_and_never_the_clients_value(body: bytes, message: str) -> None:
    with pytest.raises(BadArgument) as refused:
        parse_body("application/json", False, body, BODIES)
    assert refused.value.message == message


@pytest.mark.parametrize("note", [rb"\ud800", rb"\udc00\ud800", b"\xed\xa0\x80", b"\xff", b"\x00"])
def test_text_that_is_none_is_refused_and_no_defect(note: bytes) -> None:
    """Half a surrogate pair, bytes that are not UTF-8, a control character that JSON wants escaped."""
    body = b'{"faceId1": "%s", "note": "%s"}' % (str(uuid.uuid4()).encode(), note)
    with pytest.raises(BadArgument):
        parse_body("application/json", False, body, BODIES)


def test_every_character_passes_escaped_or_not() -> None:
    note = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x10000), 0x1F600, 0x10FFFF)))
    for body in (
        json.dumps({"faceId1": str(uuid.uuid4()), "note": note}, ensure_ascii=escaped) for escaped in (True, False)
    ):
        assert parse_body("application/json", False, body.encode(), BODIES).note == note


def test_null_counts_as_absent_for_what_is_optional() -> None:
    body = json.dumps({"faceId1": str(uuid.uuid4()), "note": None}).encode()
    assert parse_body("application/json", False, body, BODIES).note is None


def test_chunked_body_that_was_dropped_on_the_way_is_told_apart() -> None:
    with pytest.raises(BadArgument, match="Content-Length"):
        parse_body("application/octet-stream", True, b"", BODIES)


def test_operation_without_body_ignores_whatever_is_sent() -> None:
    assert parse_body("text/weird", False, b"x", {}) is None
