"""Tokens that are good, to their last second, and who their holders are."""

from collections.abc import Callable

import pytest

from shared.access.roles import ROLES, Principal
from shared.access.tokens import Tokens
from shared.errors import AccessDenied
from tests.clock import FakeClock
from tests.issuer import APP, ISSUER_V1, LIFE, OBJECT, claims, delegated, hand_signed, signed

USER, RECOGNIZER, PROTECTION = ROLES.values()


def opens(tokens: Tokens, token: str) -> bool:
    try:
        tokens.holder(token)
    except AccessDenied:
        return False
    return True


def test_app_that_calls_for_itself_is_its_object_with_its_roles(tokens: Tokens, clock: FakeClock) -> None:
    assert tokens.holder(signed(claims(clock()))) == Principal(f"entra:{OBJECT}", (USER,), None)
    several = claims(clock(), roles=["FaceDataProtection", "Reader", "FaceRecognizer"])
    assert tokens.holder(signed(several)) == Principal(f"entra:{OBJECT}", (PROTECTION, RECOGNIZER), None)
    assert tokens.holder(signed(claims(clock(), roles=None))) == Principal(f"entra:{OBJECT}", (), None)


def test_app_that_calls_for_a_user_has_the_scopes_that_it_was_granted(tokens: Tokens, clock: FakeClock) -> None:
    narrow = delegated(clock(), "openid FaceRecognizer", oid=OBJECT.upper())
    assert tokens.holder(signed(narrow)) == Principal(f"entra:{OBJECT}", (USER,), (RECOGNIZER,))
    whole = tokens.holder(signed(delegated(clock(), "openid user_impersonation")))
    assert whole.scopes == tuple(ROLES.values())
    assert tokens.holder(signed(delegated(clock(), "openid"))).scopes == ()


def test_settings_assign_a_role_beside_those_of_the_token(make_tokens: Callable[..., Tokens], clock: FakeClock) -> None:
    tokens = make_tokens(assignments={OBJECT: "FaceRecognizer"})
    assert tokens.holder(signed(claims(clock(), roles=None, oid=OBJECT.upper()))).roles == (RECOGNIZER,)
    assert tokens.holder(signed(claims(clock()))).roles == (USER, RECOGNIZER)
    assert tokens.holder(signed(claims(clock(), roles=None, oid=APP))).roles == ()


def test_token_of_version_1_names_its_app_otherwise(tokens: Tokens, clock: FakeClock) -> None:
    assert opens(tokens, signed(claims(clock(), iss=ISSUER_V1, azp=None, appid=APP, ver="1.0")))


@pytest.mark.parametrize("headers", [{}, {"typ": "JWT"}, {"typ": "at+jwt"}, {"typ": "jwt"}, {"x5t": "thumb"}])
def test_headers_of_access_tokens_are_accepted(tokens: Tokens, clock: FakeClock, headers: dict[str, str]) -> None:
    assert opens(tokens, hand_signed({"alg": "RS256", "kid": "first", **headers}, claims(clock())))


def test_it_opens_until_a_minute_after_its_end(tokens: Tokens, clock: FakeClock) -> None:
    token = signed(claims(clock()))
    clock.advance(LIFE + 59)
    assert opens(tokens, token)
    clock.advance(1)
    assert not opens(tokens, token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_it_opens_from_a_minute_before_its_beginning(tokens: Tokens, clock: FakeClock, claim: str) -> None:
    begins = int(clock().timestamp()) + 60
    token = signed(claims(clock(), **{claim: begins, "exp": begins + LIFE}))
    assert opens(tokens, token)
    clock.advance(-1)
    assert not opens(tokens, token)


def test_lifetime_is_what_the_setting_says_and_no_second_more(
    make_tokens: Callable[..., Tokens], clock: FakeClock
) -> None:
    born = int(clock().timestamp())
    usual, short = make_tokens(), make_tokens(lifetime_seconds=600)
    assert opens(usual, signed(claims(clock(), exp=born + 90_000)))
    assert not opens(usual, signed(claims(clock(), exp=born + 90_001)))
    assert opens(short, signed(claims(clock(), exp=born + 600)))
    assert not opens(short, signed(claims(clock(), exp=born + 601)))
    assert opens(short, signed(claims(clock(), exp=born + 1)))
    assert not opens(short, signed(claims(clock(), exp=born)))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_algorithm_opens_where_the_setting_names_it(
    make_tokens: Callable[..., Tokens], clock: FakeClock, algorithm: str
) -> None:
    token = signed(claims(clock()), algorithm=algorithm)
    assert not opens(make_tokens(), token)
    assert opens(make_tokens(algorithms=frozenset({algorithm})), token)
    assert not opens(make_tokens(algorithms=frozenset({algorithm})), signed(claims(clock())))


def test_token_may_be_as_long_as_sixteen_kilobytes(tokens: Tokens, clock: FakeClock) -> None:
    empty = len(signed(claims(clock(), padding="")))
    whole = signed(claims(clock(), padding="x" * ((16 * 1024 - empty) * 3 // 4)))
    assert 16 * 1024 - 2 <= len(whole) <= 16 * 1024
    assert opens(tokens, whole)
    assert not opens(tokens, signed(claims(clock(), padding="x" * ((16 * 1024 - empty) * 3 // 4 + 3))))


def test_principal_shows_no_token(tokens: Tokens, clock: FakeClock) -> None:
    token = signed(claims(clock()))
    assert not any(part in repr(tokens.holder(token)) for part in token.split("."))
