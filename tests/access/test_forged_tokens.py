"""No forged token opens anything, and none makes the service ask the issuer more than once."""

from collections.abc import Callable

import pytest

from shared.access.access import Access
from shared.access.keys import Keys
from shared.access.tokens import Tokens
from shared.errors import AccessDenied
from tests.access.conftest import door
from tests.access.forged import CANARY, FORGED, good
from tests.clock import FakeClock
from tests.issuer import Issuer

REFUSED = "Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired."


@pytest.fixture
def access(tokens: Tokens, clock: FakeClock) -> Access:
    return door(Keys([]), tokens, clock)


def test_there_are_many_kinds() -> None:
    assert len(FORGED) >= 60


def test_none_of_them_opens_anything_and_the_good_one_does(
    access: Access, entra: Issuer, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    admitted = {name for name, forge in FORGED.items() if not refused(access, forge(clock()))}
    assert admitted == set()
    assert access.admit("detect/action", "", f"Bearer {good(clock())}").name
    assert entra.asked == 1
    assert CANARY not in caplog.text


def refused(access: Access, token: str) -> bool:
    try:
        access.admit("detect/action", "", f"Bearer {token}")
    except AccessDenied as error:
        return error.message == REFUSED
    return False


@pytest.mark.parametrize("scheme", ["Basic", "Bearer:", "Token", "", "JWT", "Bearer,Bearer", "Negotiate"])
def test_good_token_under_another_scheme_is_refused(access: Access, clock: FakeClock, scheme: str) -> None:
    with pytest.raises(AccessDenied):
        access.admit("detect/action", "", f"{scheme} {good(clock())}")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_is_read_in_any_case(access: Access, clock: FakeClock, scheme: str) -> None:
    assert access.admit("detect/action", "", f"{scheme} {good(clock())}")
    assert access.admit("detect/action", "", f"{scheme}  {good(clock())} ")


def test_wrong_key_beside_a_good_token_is_refused(access: Access, clock: FakeClock) -> None:
    """Whoever shows a key is judged by it."""
    with pytest.raises(AccessDenied, match="subscription key"):
        access.admit("detect/action", "wrong", f"Bearer {good(clock())}")


def test_without_a_tenant_no_token_opens(clock: FakeClock) -> None:
    with pytest.raises(AccessDenied, match="Access token is missing, invalid"):
        door(Keys([]), None, clock).admit("detect/action", "", f"Bearer {good(clock())}")


def test_what_is_not_meant_for_us_makes_nobody_ask_the_issuer(
    make_tokens: Callable[..., Tokens], entra: Issuer, clock: FakeClock
) -> None:
    tokens = make_tokens(audiences=frozenset({"api://another"}))
    for name in ("kid unknown", "key of an attacker", "expired", "aud of another API"):
        with pytest.raises(AccessDenied):
            tokens.holder(FORGED[name](clock()))
    assert entra.asked == 0
