"""What a server sends in place of a picture, with status 200 and a picture's type, is refused by what it is."""

import gzip
from pathlib import Path

import pytest

from shared.engine import PictureError
from shared.errors import InvalidImageSize
from shared.settings import Settings
from shared.turns import Turns
from shared.wire.images import ImageIntake
from shared.wire.objects import ImageUrl
from tests.clock import FakeClock
from tests.faces import ROOT as FACES
from tests.wire.origin import send, serving

PORTRAIT = (FACES / "azure/images/detection1.jpg").read_bytes()
PAGE = b"<!DOCTYPE html><html><body>Sign in to go on</body></html>"


def take(body: bytes, **headers: str) -> None:
    """As a call does that names the URL of a server with this answer."""
    headers = {"Content_Type": "image/jpeg", "Content_Length": str(len(body)), **headers}
    with serving(lambda handler: send(handler, 200, body, **headers)) as (host, _):
        settings = Settings(keys=(), storage="", key_ring_file=Path(), url_allowed_hosts=frozenset({host}))
        with ImageIntake(settings, Turns(1, 0, FakeClock())).taken(ImageUrl(f"http://{host}/a.jpg")) as picture:
            picture.layer(1)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PAGE * 100, {}),
        (PAGE * 100, {"Content_Type": "text/html"}),
        (PAGE.ljust(2000), {}),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".ljust(2000), {"Content_Type": "image/svg+xml"}),
        (b'{"error": "no"}'.ljust(2000), {}),
        (bytes(2000), {}),
        (gzip.compress(PORTRAIT), {"Content_Encoding": "gzip"}),
        (PORTRAIT[: len(PORTRAIT) // 2], {}),
        (PORTRAIT, {"Content_Length": "5000"}),
    ],
    ids=[
        "page",
        "page that says so",
        "padded page",
        "drawing",
        "JSON",
        "zeros",
        "compressed",
        "half",
        "length too short",
    ],
)
def test_what_is_no_picture_is_an_invalid_image(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(PictureError):
        take(body, **headers)


@pytest.mark.parametrize("body", [b"", PAGE, PORTRAIT[:1023]])
def test_what_is_too_small_for_a_picture_is_an_invalid_size(body: bytes) -> None:
    with pytest.raises(InvalidImageSize):
        take(body)


def test_type_that_is_wrong_does_not_hide_a_picture() -> None:
    take(PORTRAIT, Content_Type="text/plain")
