"""Session tokens: one session, one purpose, a short life, and keys that every process has."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.errors import AccessDenied
from shared.people.session_tokens import PURPOSE, SessionToken, SessionTokens
from shared.people.signing import es256_key
from shared.store.key_ring import KeyRing
from shared.store.live_ring import LiveRing
from tests.clock import FakeClock

URL = "https://face.example.com"
OLD, NEW = b"o" * 32, b"n" * 32
RING = KeyRing("old", {"old": OLD})


def tokens(clock: FakeClock, ring: KeyRing = RING, issuer: str = "") -> SessionTokens:
    return SessionTokens(LiveRing(lambda: ring), issuer, clock)


def issued(clock: FakeClock, by: SessionTokens | None = None, made_at: str = URL, seconds: int = 60) -> str:
    life = timedelta(seconds=seconds)
    return (by or tokens(clock)).issue("detectLiveness", "a-session", made_at, clock(), clock() + life)


def part(token: str, index: int) -> dict[str, Any]:
    text = token.split(".")[index]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def refused(by: SessionTokens, token: str) -> bool:
    with pytest.raises(AccessDenied) as told:
        by.verify(token)
    assert told.value.message == "Access denied: the session token is not valid or has expired."
    return True


def test_token_says_which_session_it_is_for(clock: FakeClock) -> None:
    assert tokens(clock).verify(issued(clock)) == SessionToken("detectLiveness", "a-session")


def test_token_holds_these_claims_and_nothing_else(clock: FakeClock) -> None:
    token = issued(clock)
    assert part(token, 0) == {"alg": "ES256", "typ": "JWT", "kid": "old"}
    born = int(clock().timestamp())
    assert part(token, 1) == {
        "iss": URL,
        "aud": "ownface:liveness-session",
        "sub": "a-session",
        "kind": "detectLiveness",
        "iat": born,
        "exp": born + 60,
    }


def test_token_lives_to_its_last_second_by_the_services_clock(clock: FakeClock) -> None:
    token, service = issued(clock), tokens(clock)
    clock.advance(59.999)
    assert service.verify(token)
    clock.advance(0.001)
    assert refused(service, token)


def test_time_is_the_services_clock_s_alone() -> None:
    """Long ago, or years ahead, by the clock of the library."""
    for year in (2020, 2090):
        clock = FakeClock(datetime(year, 1, 1, tzinfo=UTC))
        assert tokens(clock).verify(issued(clock))


def test_token_of_before_an_upgrade_goes_on(clock: FakeClock) -> None:
    """What its key is derived with never changes."""
    key = es256_key(OLD, b"ownface liveness session token, ES256")
    assert tokens(clock).verify(jwt.encode(part(issued(clock), 1), key, "ES256", {"kid": "old"}))


def test_another_process_with_the_same_ring_agrees(clock: FakeClock) -> None:
    assert tokens(clock, KeyRing("old", {"old": OLD})).verify(issued(clock))


def test_ring_may_rotate_while_tokens_live(clock: FakeClock) -> None:
    before = issued(clock)
    rotated = tokens(clock, KeyRing("new", {"old": OLD, "new": NEW}))
    assert rotated.verify(before)
    after = issued(clock, rotated)
    assert part(after, 0)["kid"] == "new"
    assert refused(tokens(clock), after)
    assert refused(tokens(clock, KeyRing("new", {"new": NEW})), before)


def test_same_id_with_another_key_is_another_signer(clock: FakeClock) -> None:
    assert refused(tokens(clock, KeyRing("old", {"old": NEW})), issued(clock))


def test_public_url_is_the_issuer_and_the_only_one(clock: FakeClock) -> None:
    public = tokens(clock, issuer=URL)
    token = issued(clock, public, made_at="http://10.0.0.4:7071")
    assert part(token, 1)["iss"] == URL
    assert public.verify(token)
    assert refused(public, issued(clock, made_at="https://other.example.com"))


def resigned(clock: FakeClock, headers: dict[str, Any] | None = None, **changed: Any) -> str:
    """The token with claims changed (None: left out), signed with the ring's own key."""
    claims = part(issued(clock), 1) | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, es256_key(OLD, PURPOSE), "ES256", {"kid": "old"} | (headers or {}))


def test_every_claim_is_required_and_the_audience_is_this_one(clock: FakeClock) -> None:
    service = tokens(clock)
    assert service.verify(resigned(clock))
    for name in ("iss", "aud", "sub", "kind", "iat", "exp"):
        assert refused(service, resigned(clock, **{name: None}))
    assert refused(service, resigned(clock, aud="something-else"))
    assert refused(service, resigned(clock, sub=7))
    assert refused(service, resigned(clock, exp="never"))


def test_altered_unsigned_or_otherwise_signed_tokens_are_refused(clock: FakeClock) -> None:
    service, token = tokens(clock), issued(clock)
    head, claims, signature = token.split(".")
    other = base64.urlsafe_b64encode(json.dumps(part(token, 1) | {"sub": "other"}).encode()).decode().rstrip("=")
    assert refused(service, f"{head}.{other}.{signature}")
    assert refused(service, f"{head}.{claims}.")
    everything = part(token, 1)
    assert refused(service, jwt.encode(everything, "", "none", {"kid": "old"}))
    assert refused(service, jwt.encode(everything, OLD, "HS256", {"kid": "old"}))
    assert refused(service, jwt.encode(everything, ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": "old"}))
    assert refused(service, resigned(clock, headers={"kid": "unknown"}))
    assert refused(service, jwt.encode(everything, es256_key(OLD, PURPOSE), "ES256"))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "Bearer", "ü.ü.ü", "\x00", "e30.e30.e30", "bnVsbA.bnVsbA."])
def test_what_is_no_token_is_refused(text: str, clock: FakeClock) -> None:
    assert refused(tokens(clock), text)


def test_purpose_of_the_key_is_its_own() -> None:
    """A key of the ring seals templates: what signs tokens is derived from it, and is not it."""
    number = es256_key(OLD, PURPOSE).private_numbers().private_value
    assert number.to_bytes(32) != OLD
