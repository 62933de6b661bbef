"""The issuer's keys: fetched when needed, never in a flood, kept while it is away, and not for ever."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import pytest
from jwt.algorithms import RSAAlgorithm

from shared.access.signing_keys import SigningKeys, read
from shared.errors import ServiceUnavailable
from shared.wire.download import fetched_from
from tests.clock import FakeClock
from tests.issuer import Issuer, part, private_key, public

HOUR = 3600
DEEP = b"[" * 100_000
AWAY = r"later\. The keys of the token's issuer cannot be fetched\.$"
WEAK = part(private_key("weak", 2040).public_key().public_numbers().n.to_bytes(255))
"""A modulus of eight bits less than enough."""


@pytest.fixture
def keys(entra: Issuer, clock: FakeClock) -> SigningKeys:
    return SigningKeys(fetched_from(entra.url), clock)


def seconds_to_wait(keys: SigningKeys, name: str) -> int:
    with pytest.raises(ServiceUnavailable, match=AWAY) as refused:
        keys.find(name)
    assert refused.value.retry_after_seconds is not None
    return refused.value.retry_after_seconds


def test_key_is_fetched_once_and_kept(keys: SigningKeys, entra: Issuer, clock: FakeClock) -> None:
    found = keys.find("first")
    assert found is not None
    assert found.public_numbers() == private_key("first").public_key().public_numbers()
    for _ in range(50):
        assert keys.find("first") is found
        clock.advance(71)
    assert entra.asked == 1


def test_flood_of_unknown_keys_is_one_fetch_a_minute(keys: SigningKeys, entra: Issuer, clock: FakeClock) -> None:
    for number in range(1000):
        assert keys.find(f"unknown-{number}") is None
    assert entra.asked == 1
    clock.advance(59.9)
    assert keys.find("unknown") is None
    assert entra.asked == 1
    clock.advance(0.1)
    assert keys.find("unknown") is None
    assert entra.asked == 2


def test_flood_from_many_threads_is_one_fetch(keys: SigningKeys, entra: Issuer) -> None:
    with ThreadPoolExecutor(16) as callers:
        found = list(callers.map(lambda number: keys.find(f"unknown-{number}"), range(200)))
    assert set(found) == {None}
    assert entra.asked == 1


def test_new_key_is_found_a_minute_after_the_last_fetch(keys: SigningKeys, entra: Issuer, clock: FakeClock) -> None:
    assert keys.find("first")
    entra.document = {"keys": [public("first"), public("second")]}
    assert keys.find("second") is None
    clock.advance(60)
    assert keys.find("second")
    assert entra.asked == 2


def test_withdrawn_key_counts_no_longer_than_an_hour(keys: SigningKeys, entra: Issuer, clock: FakeClock) -> None:
    assert keys.find("first")
    entra.document = {"keys": [public("second")]}
    clock.advance(HOUR - 1)
    assert keys.find("first")
    clock.advance(1)
    assert keys.find("first") is None
    assert entra.asked == 2


def test_issuer_that_is_away_at_first_is_503_and_asked_every_ten_seconds(
    keys: SigningKeys, entra: Issuer, clock: FakeClock
) -> None:
    entra.status = 500
    assert seconds_to_wait(keys, "first") == 10
    clock.advance(3.5)
    assert seconds_to_wait(keys, "first") == 7
    clock.advance(6.4)
    assert seconds_to_wait(keys, "other") == 1
    assert entra.asked == 1
    entra.status = 200
    clock.advance(0.1)
    assert keys.find("first")
    assert entra.asked == 2


def test_known_key_goes_on_to_count_for_a_day_while_the_issuer_is_away(
    keys: SigningKeys, entra: Issuer, clock: FakeClock
) -> None:
    found = keys.find("first")
    entra.status = 503
    clock.advance(24 * HOUR - 1)
    assert keys.find("first") is found
    assert seconds_to_wait(keys, "second") == 10  # nobody can tell whether there is such a key
    clock.advance(1)
    assert seconds_to_wait(keys, "first") == 9
    entra.status = 200
    clock.advance(9)
    assert keys.find("first")


def test_who_shows_a_known_key_does_not_wait_for_a_fetch(clock: FakeClock) -> None:
    """The issuer hangs; one caller pays for it, the others go on."""
    asked, answer = threading.Event(), threading.Event()
    slow = False

    def fetch() -> bytes:
        if slow:
            asked.set()
            assert answer.wait(20)
        return b'{"keys": [' + jwk("first") + b"]}"

    keys = SigningKeys(fetch, clock)
    assert keys.find("first")
    slow = True
    clock.advance(HOUR)
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(keys.find, "first")
        assert asked.wait(20)
        assert keys.find("first")
        assert not waiting.done()
        answer.set()
        assert waiting.result(20)


def test_who_waited_for_the_fetch_of_another_does_not_fetch_again(clock: FakeClock) -> None:
    """Though the clock has moved on meanwhile."""
    asked, answer, fetches = threading.Event(), threading.Event(), []

    def fetch() -> bytes:
        fetches.append(1)
        asked.set()
        assert answer.wait(20)
        return b'{"keys": [' + jwk("first") + b"]}"

    keys = SigningKeys(fetch, clock)
    with ThreadPoolExecutor(4) as callers:
        waiting = [callers.submit(keys.find, "first")]
        assert asked.wait(20)
        waiting += [callers.submit(keys.find, "first") for _ in range(3)]
        clock.advance(1)
        answer.set()
        assert all(one.result(20) for one in waiting)
    assert len(fetches) == 1


def test_clock_that_was_set_back_does_not_put_off_a_fetch(keys: SigningKeys, entra: Issuer, clock: FakeClock) -> None:
    assert keys.find("second") is None
    clock.advance(-HOUR)
    entra.document = {"keys": [public("second")]}
    assert keys.find("second")


def jwk(name: str) -> bytes:
    return json.dumps(public(name)).encode()


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"[]", b"null", b'"keys"', b"{}", b'{"keys": null}', b'{"keys": []}', b'{"keys": 7}', b"\xff", DEEP],
    ids=lambda document: repr(document[:16]),
)
def test_what_is_no_key_set_changes_nothing(
    keys: SigningKeys, entra: Issuer, clock: FakeClock, document: bytes
) -> None:
    assert keys.find("first")
    entra.document = document
    clock.advance(HOUR)
    assert keys.find("first")
    assert entra.asked == 2
    assert seconds_to_wait(keys, "second") == 10


@pytest.mark.parametrize(
    "entry",
    [
        public("first", kty="EC"),
        public("first", kty="oct", k="c2VjcmV0"),
        public("first", use="enc"),
        public("first", kid=None),
        public("first", kid=7),
        public("first", n=None),
        public("first", n=7),
        public("first", n="!"),
        public("first", e=None),
        public("first", e="AQ"),  # an exponent of one signs anything
        public("first", d="AQAB"),
        {**RSAAlgorithm.to_jwk(private_key("first"), as_dict=True), "kid": "first"},
        {**public("first"), "n": WEAK},
        "a text",
        None,
        [],
    ],
    ids=[f"entry {number}" for number in range(16)],  # the keys are others in each process
)
def test_entry_that_verifies_nothing_is_left_out(entry: object) -> None:
    whole = {"keys": [entry, public("second")]}
    assert set(read(json.dumps(whole).encode())) == {"second"}


def test_key_without_a_use_is_one_for_signatures() -> None:
    assert set(read(json.dumps({"keys": [public("first", use=None)]}).encode())) == {"first"}


@pytest.mark.parametrize("place", ["elsewhere", "http://127.0.0.1:1/keys"])
def test_issuer_that_cannot_be_reached_is_503(entra: Issuer, clock: FakeClock, place: str) -> None:
    entra.status = 404
    url = urljoin(entra.url, place)
    assert seconds_to_wait(SigningKeys(fetched_from(url), clock), "first") == 10


def test_key_set_of_more_than_a_quarter_megabyte_is_not_read(entra: Issuer) -> None:
    entra.document = b" " * (256 * 1024 + 1)
    with pytest.raises(Exception, match="too big"):
        fetched_from(entra.url)()
    entra.document = b" " * (256 * 1024)
    assert len(fetched_from(entra.url)()) == 256 * 1024
