"""The door: in which order it asks, and whose calls it counts together."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.access.access import Access
from shared.access.features import Approvals
from shared.access.keys import Keys
from shared.access.roles import ROLES, Principal, Role
from shared.access.tokens import REFUSED, Tokens
from shared.errors import AccessDenied, FaceError, PermissionDenied, TooManyRequests, UnsupportedFeature
from shared.pace import Pace, Rate
from tests.access.conftest import door
from tests.clock import FakeClock
from tests.issuer import APP, OBJECT, claims, signed

ONE, OTHER, RECOGNIZER = "one-user-key", "other-user-key", "a-recognizer-key"
HOLDERS = [
    (ONE, Principal("one", (ROLES["FaceUser"],))),
    (OTHER, Principal("other", (ROLES["FaceUser"],))),
    (RECOGNIZER, Principal("recognizer", (ROLES["FaceRecognizer"],))),
]
SLOW = {"FaceUser": Rate(0.25, 1), "FaceRecognizer": Rate(0.5, 1)}

Make = Callable[..., Access]


@pytest.fixture
def make(tokens: Tokens, clock: FakeClock) -> Make:
    def made(approved: tuple[str, ...] = ("identification",), **rates: dict[str, Rate]) -> Access:
        by_caller, by_role = rates.get("caller", {}), rates.get("role", {})
        return Access(Keys(HOLDERS), tokens, Approvals(frozenset(approved)), Pace(clock), by_caller, by_role)

    return made


def refusal(access: Access, key: str, action: str = "identify/action", authorization: str = "") -> FaceError:
    with pytest.raises(FaceError) as refused:
        access.admit(action, key, authorization)
    return refused.value


def test_it_asks_who_calls_then_the_role_then_the_approval_then_how_often(make: Make) -> None:
    access = make(caller=SLOW)
    assert isinstance(refusal(access, "wrong", "verify/action"), AccessDenied)
    assert isinstance(refusal(access, RECOGNIZER, "persongroups/write"), PermissionDenied)
    assert isinstance(refusal(access, RECOGNIZER, "verify/action"), UnsupportedFeature)
    assert access.admit("identify/action", RECOGNIZER, "").name == "recognizer"  # refusals used up nothing
    assert isinstance(refusal(access, RECOGNIZER), TooManyRequests)
    assert isinstance(refusal(access, RECOGNIZER, "verify/action"), UnsupportedFeature)


def test_who_shows_nothing_is_told_the_contracts_words(make: Make) -> None:
    assert refusal(make(), "").message == AccessDenied.message
    assert refusal(make(), "wrong").message == AccessDenied.message
    assert refusal(make(), "", authorization="Bearer x").message != AccessDenied.message


def test_token_stands_after_the_word_bearer_between_spaces_alone(make: Make, clock: FakeClock) -> None:
    access, token = make(), signed(claims(clock()))
    for good in (f"Bearer {token}", f"bearer   {token}  "):
        assert access.caller("", good).name == f"entra:{OBJECT}"
    for wrong in (
        f"Basic {token}",
        token,
        f"Bearer \t{token}",
        f"Bearer {token}X",
        f"Bearer {token} {token}",
        "Bearer",
    ):
        with pytest.raises(AccessDenied) as refused:
            access.caller("", wrong)
        assert refused.value.message == REFUSED


def test_token_opens_nothing_where_no_tenant_is_trusted(clock: FakeClock) -> None:
    with pytest.raises(AccessDenied) as refused:
        door(Keys(HOLDERS), None, clock).caller("", f"Bearer {signed(claims(clock()))}")
    assert refused.value.message == REFUSED


def test_each_caller_has_the_rate_of_its_role(make: Make, clock: FakeClock) -> None:
    access = make(caller=SLOW)
    for key in (ONE, OTHER, RECOGNIZER):
        access.admit("identify/action", key, "")
    told = {key: refusal(access, key).retry_after_seconds for key in (ONE, OTHER, RECOGNIZER)}
    assert told == {ONE: 4, OTHER: 4, RECOGNIZER: 2}
    clock.advance(2)
    access.admit("identify/action", RECOGNIZER, "")
    assert refusal(access, ONE).retry_after_seconds == 2


def test_callers_of_a_role_have_its_rate_together(make: Make, clock: FakeClock) -> None:
    access = make(role=SLOW)
    access.admit("identify/action", ONE, "")
    assert refusal(access, OTHER).retry_after_seconds == 4
    access.admit("identify/action", RECOGNIZER, "")
    clock.advance(4)
    access.admit("identify/action", OTHER, "")
    assert refusal(access, ONE).retry_after_seconds == 4


def test_role_without_a_rate_is_not_counted(make: Make) -> None:
    access = make(caller={"FaceUser": Rate(1, 1)}, role={"FaceUser": Rate(1, 1)})
    for _ in range(50):
        access.admit("identify/action", RECOGNIZER, "")


@pytest.mark.parametrize(
    ("roles", "counted"),
    [
        (["FaceRecognizer", "FaceUser"], "FaceUser"),
        (["FaceDataProtection", "FaceRecognizer"], "FaceRecognizer"),
        (["FaceDataProtection"], "FaceDataProtection"),
        ([], None),
    ],
)
def test_of_several_roles_the_first_counts(roles: list[str], counted: str | None) -> None:
    found: Role | None = Principal("someone", tuple(ROLES[name] for name in roles)).role
    assert (found.name if found else None) == counted


def test_principals_of_tokens_are_counted_each_by_its_object_id(make: Make, clock: FakeClock) -> None:
    access = make(caller=SLOW)

    def bearer(**changes: Any) -> str:
        return f"Bearer {signed(claims(clock(), **changes))}"

    access.admit("identify/action", "", bearer())
    assert isinstance(refusal(access, "", authorization=bearer(uti="of another token")), TooManyRequests)
    assert access.admit("identify/action", "", bearer(oid=APP)).name == f"entra:{APP}"
