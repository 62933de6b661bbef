"""Receipts: who has the public keys of their time can check them, and nothing else passes for one."""

import base64
import json
from typing import Any

import jwt
import pytest

from shared.people.receipts import AUDIENCE, PURPOSE, ReceiptRefused, Receipts, checked
from shared.people.session_tokens import SessionTokens
from shared.people.signing import es256_key
from shared.store.key_ring import KeyRing
from shared.store.live_ring import LiveRing
from tests.clock import FakeClock

OLD, NEW = b"o" * 32, b"n" * 32
RING = KeyRing("new", {"old": OLD, "new": NEW})
TOLD = {"subject": "customer-17", "records": []}


@pytest.fixture
def receipts(clock: FakeClock) -> Receipts:
    return Receipts(LiveRing(lambda: RING), "", clock)


def part(receipt: str, index: int) -> dict[str, Any]:
    text = receipt.split(".")[index]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def signed(key: Any, headers: dict[str, Any] | None = None, **changed: Any) -> str:
    """With claims changed (None: left out)."""
    claims = {"aud": AUDIENCE, "jti": "an-erasure", "iat": 1} | changed
    named = {"kid": "new"} if headers is None else headers
    return jwt.encode({name: one for name, one in claims.items() if one is not None}, key, "ES256", named)


def test_receipt_holds_what_is_told_who_it_is_for_and_when_it_was_made(receipts: Receipts, clock: FakeClock) -> None:
    receipt = receipts.issue("an-erasure", TOLD)
    assert part(receipt, 0) == {"alg": "ES256", "typ": "JWT", "kid": "new"}
    told = {"aud": "ownface:erasure-receipt", "jti": "an-erasure", "iat": int(clock().timestamp()), **TOLD}
    assert part(receipt, 1) == told == checked(receipt, receipts.public_keys())


def test_service_with_a_public_url_is_named_as_the_issuer(clock: FakeClock) -> None:
    receipt = Receipts(LiveRing(lambda: RING), "https://face.example.com", clock).issue("an-erasure", TOLD)
    assert part(receipt, 1)["iss"] == "https://face.example.com"


def test_public_keys_are_those_of_the_ring_with_what_they_are_for_and_nothing_secret(receipts: Receipts) -> None:
    keys = receipts.public_keys()
    assert [key["kid"] for key in keys] == ["new", "old"]
    for key in keys:
        assert {name: key[name] for name in ("kty", "crv", "alg", "use")} == {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
        }
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_receipt_of_before_a_rotation_is_good_as_long_as_its_key_is_at_hand(
    receipts: Receipts, clock: FakeClock
) -> None:
    before = Receipts(LiveRing(lambda: KeyRing("old", {"old": OLD})), "", clock).issue("an-erasure", TOLD)
    assert checked(before, receipts.public_keys())["jti"] == "an-erasure"
    with pytest.raises(ReceiptRefused):
        checked(before, Receipts(LiveRing(lambda: KeyRing("new", {"new": NEW})), "", clock).public_keys())


def test_receipt_is_good_whatever_the_reader_s_clock_says(receipts: Receipts, clock: FakeClock) -> None:
    """It is kept for years, and read by hosts whose clock is behind."""
    clock.advance(100 * 365 * 24 * 3600)
    assert checked(receipts.issue("an-erasure", TOLD), receipts.public_keys())["jti"] == "an-erasure"


def test_receipt_of_before_an_upgrade_is_good(receipts: Receipts) -> None:
    """What its key is derived with never changes."""
    key = es256_key(NEW, b"ownface erasure receipt, ES256")
    assert checked(signed(key), receipts.public_keys())["jti"] == "an-erasure"


def test_what_was_altered_or_signed_otherwise_is_refused(receipts: Receipts) -> None:
    head, body, signature = receipts.issue("an-erasure", TOLD).split(".")
    key = es256_key(NEW, PURPOSE)
    other = base64.urlsafe_b64encode(json.dumps(part(f"{head}.{body}.", 1) | {"jti": "other"}).encode()).decode()
    assert checked(signed(key), receipts.public_keys())["jti"] == "an-erasure"
    for broken in (
        f"{head}.{other.rstrip('=')}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "no.receipt",
        "",
        signed(es256_key(OLD, PURPOSE)),
        signed(key, {"kid": "unknown"}),
        signed(key, {}),
        signed(key, aud="ownface:liveness-session"),
        *(signed(key, **{claim: None}) for claim in ("aud", "iat", "jti")),
        jwt.encode({"aud": AUDIENCE, "jti": "x", "iat": 1}, NEW, "HS256", {"kid": "new"}),
        jwt.encode({"aud": AUDIENCE, "jti": "x", "iat": 1}, "", "none", {"kid": "new"}),
    ):
        with pytest.raises(ReceiptRefused) as refused:
            checked(broken, receipts.public_keys())
        assert str(refused.value)  # says what is wrong


def test_token_of_a_session_is_no_receipt(receipts: Receipts, clock: FakeClock) -> None:
    token = SessionTokens(LiveRing(lambda: RING), "", clock).issue("detectLiveness", "an-erasure", "", clock(), clock())
    with pytest.raises(ReceiptRefused):
        checked(token, receipts.public_keys())
