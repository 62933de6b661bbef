"""The door by itself: a real issuer behind real HTTP, and a clock that tests move."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.access.access import Access
from shared.access.features import Approvals
from shared.access.keys import Keys
from shared.access.signing_keys import SigningKeys
from shared.access.tokens import Tokens
from shared.pace import Pace
from shared.settings import FEATURES, Entra
from shared.wire.download import fetched_from
from tests.clock import FakeClock
from tests.issuer import AUDIENCE, ISSUER, ISSUER_V1, TENANT, Issuer, issuer


@pytest.fixture
def entra() -> Iterator[Issuer]:
    with issuer() as found:
        yield found


@pytest.fixture
def trust(entra: Issuer) -> Entra:
    return Entra(TENANT, frozenset({AUDIENCE}), frozenset({ISSUER, ISSUER_V1}), entra.url)


@pytest.fixture
def make_tokens(trust: Entra, clock: FakeClock) -> Callable[..., Tokens]:
    """What reads access tokens, with changes to whom it trusts."""

    def make(**changes: Any) -> Tokens:
        trusted = Entra(**{name: getattr(trust, name) for name in Entra.__slots__} | changes)
        return Tokens(trusted, SigningKeys(fetched_from(trusted.keys_url), clock), clock)

    return make


@pytest.fixture
def tokens(make_tokens: Callable[..., Tokens]) -> Tokens:
    return make_tokens()


def door(keys: Keys, tokens: Tokens | None, clock: FakeClock, approved: tuple[str, ...] = FEATURES) -> Access:
    return Access(keys, tokens, Approvals(frozenset(approved)), Pace(clock), {}, {})
