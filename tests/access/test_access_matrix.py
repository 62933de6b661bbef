"""Every operation x every role x every way to prove who one is. What each role may do is written down here once more,
by the names of operations: the patterns of the roles have to come to the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

import function_app  # noqa: F401 fills the table of operations
from shared.access.access import Access
from shared.access.actions import PUBLIC, SESSION
from shared.access.keys import Keys
from shared.access.roles import ROLES, Principal
from shared.access.signing_keys import SigningKeys
from shared.access.tokens import Tokens
from shared.errors import FaceError
from shared.people.session_tokens import SessionTokens
from shared.settings import Entra
from shared.store.key_ring import KeyRing
from shared.store.live_ring import LiveRing
from shared.wire.authentication import KEY_HEADER, admitted
from shared.wire.download import fetched_from
from shared.wire.operation import TABLE
from tests.access.conftest import door
from tests.clock import FakeClock
from tests.issuer import AUDIENCE, ISSUER, OBJECT, TENANT, claims, delegated, issuer, signed

CLOCK = FakeClock()
KEYS = {"FaceUser": "the-key-of-a-face-user", "FaceRecognizer": "the-key-of-a-recognizer"}

INFERENCE = {"Detect", "Verify", "Identify", "FindSimilar", "Group", "CheckLiveness", "CheckLivenessWithVerify"}
SESSIONS = {
    f"{verb}{generation}{kind}{what}"
    for kind in ("Liveness", "LivenessWithVerify")
    for verb, generation, what in (
        ("Create", "SingleModal", "Session"),
        ("Get", "SingleModal", "Session"),
        ("Get", "SingleModal", "Sessions"),
        ("Get", "SingleModal", "SessionAuditEntries"),
        ("Delete", "SingleModal", "Session"),
        ("Create", "", "Session"),
        ("Get", "", "Session"),
        ("Delete", "", "Session"),
    )
}
GUARDED = {name for name, declared in TABLE.items() if declared.action not in {PUBLIC, SESSION}}
OF_SESSION = {"StartLivenessAttempt", "GuideLivenessClient", "EndLivenessAttempt"}
DATA_PROTECTION = {name for name in GUARDED if TABLE[name].action.startswith("privacy/")}
MAY = {"FaceUser": GUARDED, "FaceRecognizer": INFERENCE | SESSIONS, "FaceDataProtection": DATA_PROTECTION}

UNKNOWN = (401, "401")
FORBIDDEN = (401, "PermissionDenied")
NO_KEYS = (403, "AuthenticationTypeDisabled")


@dataclass(frozen=True)
class Way:
    """How a caller proves who it is. `refusal`: what it gets for what is not in `may`. `keys`: whether keys count."""

    name: str
    headers: dict[str, str]
    may: frozenset[str]
    refusal: tuple[int, str] = FORBIDDEN
    keys: bool = True


def bearer(payload: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {signed(payload)}"}


def assigned_id(role: str) -> str:
    """An object id to which the settings assign the role."""
    return OBJECT[:-1] + str(list(ROLES).index(role))


@cache
def session_tokens() -> SessionTokens:
    return SessionTokens(LiveRing(lambda: KeyRing("k1", {"k1": bytes(32)})), "", CLOCK)


def ways() -> Iterator[Way]:
    now = CLOCK()
    for role, key in KEYS.items():
        yield Way(f"{role}-key", {KEY_HEADER: key}, frozenset(MAY[role]))
        yield Way(f"{role}-key-disabled", {KEY_HEADER: key}, frozenset(), NO_KEYS, keys=False)
    for role in ROLES:
        may = frozenset(MAY[role])
        yield Way(f"{role}-app", bearer(claims(now, roles=[role])), may)
        yield Way(f"{role}-app-keys-disabled", bearer(claims(now, roles=[role])), may, keys=False)
        yield Way(f"{role}-assigned", bearer(claims(now, roles=None, oid=assigned_id(role))), may)
        yield Way(f"{role}-for-user", bearer(delegated(now, "user_impersonation", roles=[role])), may)
        yield Way(f"{role}-scope-of-user", bearer(delegated(now, role)), may)
        other = frozenset(MAY[role] & MAY["FaceRecognizer"])
        yield Way(f"{role}-scope-of-recognizer", bearer(delegated(now, role, roles=["FaceRecognizer"])), other)
    yield Way("no-role", bearer(claims(now, roles=None)), frozenset())
    yield Way("other-role", bearer(claims(now, roles=["Reader", "faceuser", "*"])), frozenset())
    yield Way("other-scope", bearer(delegated(now, "openid profile")), frozenset())
    yield Way("two-roles", bearer(claims(now, roles=["FaceDataProtection", "FaceRecognizer"])), frozenset(BOTH))
    yield Way("nothing", {}, frozenset(), UNKNOWN)
    yield Way("wrong-key", {KEY_HEADER: "a-key-that-nobody-has"}, frozenset(), UNKNOWN)
    token = session_tokens().issue("detectLiveness", "session", "https://here", now, now + timedelta(minutes=10))
    yield Way("session-token", {"authorization": f"Bearer {token}"}, frozenset(OF_SESSION), UNKNOWN)


BOTH = DATA_PROTECTION | INFERENCE | SESSIONS
WAYS = list(ways())


@pytest.fixture(scope="module")
def doors() -> Iterator[dict[bool, Access]]:
    """With keys and without."""
    assignments = {assigned_id(role): role for role in ROLES}
    with issuer() as entra:
        trust = Entra(TENANT, frozenset({AUDIENCE}), frozenset({ISSUER}), entra.url, assignments=assignments)
        tokens = Tokens(trust, SigningKeys(fetched_from(entra.url), CLOCK), CLOCK)
        holders = [(key, Principal(role, (ROLES[role],))) for role, key in KEYS.items()]
        yield {count: door(Keys(holders, disabled=not count), tokens, CLOCK) for count in (True, False)}


def outcome(name: str, way: Way, doors: dict[bool, Access]) -> tuple[int, str] | str:
    """Who is let in, or the refusal."""
    try:
        caller = admitted(TABLE[name].action, way.headers, doors[way.keys], session_tokens())
    except FaceError as refused:
        return refused.status, refused.code
    return "session" if caller.session else "principal" if caller.principal else "nobody"


def expected(name: str, way: Way) -> tuple[int, str] | str:
    if name in OF_SESSION:
        return "session" if name in way.may else UNKNOWN
    return "principal" if name in way.may else way.refusal


@pytest.mark.parametrize("name", sorted(GUARDED | OF_SESSION))
def test_callers_may_do_exactly_what_their_roles_allow(name: str, doors: dict[bool, Access]) -> None:
    """One test an operation, all ways in each: as tests of their own they would take half a minute."""
    assert {way.name: outcome(name, way, doors) for way in WAYS} == {way.name: expected(name, way) for way in WAYS}


def test_matrix_names_operations_that_exist_and_all_of_them() -> None:
    assert GUARDED >= INFERENCE | SESSIONS
    public = {name for name, declared in TABLE.items() if declared.action == PUBLIC}
    assert set(TABLE) == GUARDED | OF_SESSION | public


def test_recognizer_and_data_protection_have_nothing_in_common() -> None:
    recognizer, protection = ROLES["FaceRecognizer"], ROLES["FaceDataProtection"]
    for action in ("privacy/export/action", "privacy/erase/action", "privacy/retention/read"):
        assert [role.allows(action) for role in (recognizer, protection, ROLES["FaceUser"])] == [False, True, True]
    assert not protection.allows("privacy")
    assert not [name for name in GUARDED - DATA_PROTECTION if protection.allows(TABLE[name].action)]
