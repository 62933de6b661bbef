"""Parts of the component on their own, as the service serves them."""

import base64
import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import CAMERA_FLAGS, Launch, Served


@pytest.fixture(scope="module")
def page(launch: Launch, served: Served) -> Iterator[Page]:
    """Of the service's own origin, so that its modules can be imported one by one."""
    opened = launch(*CAMERA_FLAGS).new_page()
    opened.goto(f"{served.url}/healthz")
    yield opened
    opened.close()


def test_digest_is_the_protocols(page: Page) -> None:
    frames = [(0, b"first"), (151, b"second"), (302, b"")]
    chained = hashlib.sha256(b"a-nonce").digest()
    for time, data in frames:
        chained = hashlib.sha256(chained + str(time).encode() + b"|" + data).digest()
    told = page.evaluate(
        """async (frames) => {
          const { digest } = await import("/liveness/ui/protocol.js");
          return digest("a-nonce", frames.map(([time, text]) => ({ time, blob: new Blob([text]) })));
        }""",
        [[time, data.decode()] for time, data in frames],
    )
    assert told == chained.hex().upper()


def token(**claims: Any) -> str:
    return f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.y"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (token(iss="https://é.example/a", sub="1", kind="detectLiveness"), {"sub": "1", "verifies": False}),
        (token(iss="https://a.example", sub="2", kind="detectLivenessWithVerify"), {"sub": "2", "verifies": True}),
        (token(iss="no address", sub="1"), None),
        (token(iss="https://a.example"), None),
        ("a.b", None),
    ],
)
def test_token_is_read_for_address_and_session(given: str, read: dict[str, Any] | None, page: Page) -> None:
    told = page.evaluate(
        """async (token) => {
          const { claims } = await import("/liveness/ui/protocol.js");
          const read = claims(token);
          return read && { sub: read.sub, verifies: read.verifies };
        }""",
        given,
    )
    assert told == read


@pytest.mark.parametrize(("room", "seen"), [(0, 5), (1, 5), (3, 2), (3, 3), (3, 50), (6, 7), (6, 500)])
def test_frames_on_the_way_are_few_evenly_spread_and_end_with_the_newest(room: int, seen: int, page: Page) -> None:
    kept: list[int] = page.evaluate(
        """async ([room, seen]) => {
          const { Reel } = await import("/liveness/ui/capture.js");
          const reel = new Reel(room);
          for (let at = 0; at < seen; at++) reel.add({ at });
          return reel.frames.map(({ at }) => at);
        }""",
        [room, seen],
    )
    assert len(kept) <= room
    assert kept == sorted(set(kept))
    if room:
        assert kept[-1] == seen - 1
    if room > 1:
        gaps = [later - earlier for earlier, later in pairwise(kept[:-1])]
        assert kept[0] == 0
        assert len(set(gaps)) <= 1


@pytest.mark.parametrize("movements", range(1, 5))
def test_challenge_of_any_length_fits_into_the_frames_that_may_be_sent(movements: int, page: Page) -> None:
    told = page.evaluate(
        """async (movements) => {
          const { shares } = await import("/liveness/ui/capture.js");
          return shares({ mostFrames: 24 }, movements);
        }""",
        movements,
    )
    assert 3 + movements * (told["done"] + told["onTheWay"]) <= 24
    assert told["done"] >= 3
    assert told["onTheWay"] >= 1
