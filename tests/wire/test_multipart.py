"""Forms as clients write them, and forms that are none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import FaceError, InvalidLivenessOperationMode, InvalidRequestBody
from shared.wire.multipart import MAX_PARTS, MAX_TEXT_BYTES, form_fields
from shared.wire.new_session import NewVerifySessionForm
from shared.wire.objects import FORM
from shared.wire.parsing import parse_body

TYPE = "multipart/form-data; boundary=x-Y-z"
PICTURE = b"\xff\xd8\r\n--x-Y\r\n\x00\n\r"
"""Holds what looks like the end of a part, and is not."""


def part(name: str, content: bytes, more: str = "", headers: str = "") -> bytes:
    return (
        f'--x-Y-z\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{headers}\r\n'.encode() + content + b"\r\n"
    )


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--x-Y-z--\r\n"


def fields(*parts: bytes, content_type: str = TYPE) -> dict[str, object]:
    return form_fields(content_type, form(*parts), NewVerifySessionForm)


MODE = part("livenessOperationMode", b"Passive")
IMAGE = part("verifyImage", PICTURE, '; filename="a.jpg"', "Content-Type: image/jpeg\r\n")
BOTH = {"livenessOperationMode": "Passive", "verifyImage": PICTURE}


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        part("verifyImage", PICTURE),
        part("verifyImage", PICTURE, headers="Content-Type: text/plain; charset=UTF-8\r\n"),
        part("VerifyImage", PICTURE, '; filename="verify-image"'),
        part("verifyImage", PICTURE, "; filename=\"x\"; filename*=utf-8''%C3%BC"),
    ],
)
def test_picture_is_read_byte_for_byte_whatever_its_part_says_of_itself(image: bytes) -> None:
    assert fields(MODE, image) == fields(image, MODE) == BOTH


def test_parts_named_as_by_the_previews_hold_all_parameters_as_json() -> None:
    image = part("VerifyImage", PICTURE, '; filename="verify-image"')
    text = b'{"livenessOperationMode":"Passive","authTokenTimeToLiveInSeconds":60,"unknown":1,"verifyImage":"no"}'
    for headers in ("", "Content-Type: text/plain; charset=utf-8\r\n", "Content-Type: application/json\r\n"):
        read = fields(image, part("Parameters", text, headers=headers))
        assert {name: read[name] for name in read if name != "Parameters"} == {
            **BOTH,
            "authTokenTimeToLiveInSeconds": 60,
        }


def test_a_part_of_its_own_comes_before_what_parameters_say() -> None:
    read = fields(part("parameters", b'{"livenessOperationMode":"Passive"}'), part("livenessOperationMode", b"x"))
    assert read["livenessOperationMode"] == "x"


def test_unknown_parts_are_ignored() -> None:
    assert fields(MODE, IMAGE, part("another", b"\xff")) == BOTH


def test_boundary_may_be_quoted_and_parameters_follow_it() -> None:
    assert fields(MODE, IMAGE, content_type='Multipart/Form-Data; charset=utf-8; boundary="x-Y-z"') == BOTH


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b"--x-Y-z--\r\n" + IMAGE,
        form(MODE, IMAGE)[:-20],
        form(MODE, IMAGE).replace(b"\r\n", b"\n"),
        form(MODE, MODE, IMAGE),
        form(part("livenessOperationMode", b"\xff"), IMAGE),
        form(part("livenessOperationMode", b"P" * (MAX_TEXT_BYTES + 1)), IMAGE),
        form(*(part(f"n{number}", b"") for number in range(MAX_PARTS + 1))),
        form(part("Parameters", b"{"), IMAGE),
        form(part("Parameters", b"[]"), IMAGE),
        form(part("Parameters", b"[" * 60_000), IMAGE),
        b"--x-Y-z\r\n" + b"a" * 10_000 + b": b\r\n\r\nx\r\n--x-Y-z--\r\n",
        b"--x-Y-z\r\nContent-Disposition: form-data; name=\xff\r\n\r\nx\r\n--x-Y-z--\r\n",
        b"--x-Y-z\r\nno header\r\n\r\nx\r\n--x-Y-z--\r\n",
    ],
    ids=str,
)
def test_malformed_form_is_refused(body: bytes) -> None:
    with pytest.raises(FaceError) as raised:
        parse_body(TYPE, False, body, {FORM: NewVerifySessionForm})
    assert (raised.value.status, raised.value.code) in {
        (400, "InvalidRequestBody"),
        (400, "InvalidLivenessOperationMode"),  # nothing was before the end of an empty form
    }


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; boundary=", f"{FORM}; boundary=other", f"{FORM}; x=y"])
def test_form_without_its_boundary_is_refused(content_type: str) -> None:
    with pytest.raises(InvalidRequestBody):
        parse_body(content_type, False, form(MODE, IMAGE), {FORM: NewVerifySessionForm})


def test_missing_picture_and_missing_mode_are_told_apart() -> None:
    with pytest.raises(InvalidRequestBody):
        parse_body(TYPE, False, form(MODE), {FORM: NewVerifySessionForm})
    with pytest.raises(InvalidLivenessOperationMode):
        parse_body(TYPE, False, form(IMAGE), {FORM: NewVerifySessionForm})


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from(
                [b"--x-Y-z", b"\r\n", b"--", b"\n", MODE, IMAGE, b"Content-Disposition: form-data; name=a"]
            ),
        ),
        max_size=12,
    ),
    boundary=st.sampled_from(["x-Y-z", '"x-Y-z', "\x00", "ü", '"a\\"b"']),
)
def test_whatever_is_sent_as_a_form_is_read_or_refused(pieces: list[bytes], boundary: str) -> None:
    try:
        parse_body(f"{FORM}; boundary={boundary}", False, b"".join(pieces), {FORM: NewVerifySessionForm})
    except FaceError as refused:
        assert refused.status == 400  # noqa: PT017 anything else that is raised fails the test
