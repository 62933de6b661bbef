"""Roles by themselves: the data actions that each allows, and what an app may do for a user."""

import pytest

from shared.access.roles import ROLES, Principal, Role

USER, RECOGNIZER, PROTECTION = ROLES.values()
RECOGNIZERS = {
    "detect/action",
    "verify/action",
    "identify/action",
    "group/action",
    "findsimilars/action",
    "detectliveness/multimodal/action",
    "detectliveness/singlemodal/action",
    "detectlivenesswithverify/singlemodal/action",
    "detectliveness/singlemodal/sessions/action",
    "detectliveness/singlemodal/sessions/delete",
    "detectliveness/singlemodal/sessions/read",
    "detectlivenesswithverify/singlemodal/sessions/audit/read",
}
"""As the role of Azure has them."""
NOT_RECOGNIZERS = {
    "detect/write",
    "detectliveness/singlemodal/sessions/write",
    "sessions/read",
    "session/sessionimages/read",
    "persongroups/read",
    "facelists/write",
    "privacy/records/read",
    "Detect/Action",
    *(action + "x" for action in RECOGNIZERS),
    *("x" + action for action in RECOGNIZERS if "/sessions/" not in action),
}


def test_roles_are_named_as_in_the_settings_and_the_one_that_allows_most_comes_first() -> None:
    assert [(name, role.name) for name, role in ROLES.items()] == [
        (name, name) for name in ("FaceUser", "FaceRecognizer", "FaceDataProtection")
    ]


@pytest.mark.parametrize("action", sorted(RECOGNIZERS))
def test_recognizer_may_detect_compare_and_hold_liveness_sessions(action: str) -> None:
    assert RECOGNIZER.allows(action)
    assert USER.allows(action)
    assert not PROTECTION.allows(action)


@pytest.mark.parametrize("action", sorted(NOT_RECOGNIZERS))
def test_recognizer_may_do_nothing_else(action: str) -> None:
    assert not RECOGNIZER.allows(action)
    assert USER.allows(action)


def test_data_protection_allows_what_serves_data_subjects_alone() -> None:
    assert PROTECTION.allows("privacy/records/delete")
    assert not any(PROTECTION.allows(action) for action in ("privacy", "xprivacy/records/read", "persons/read"))


def test_caller_may_what_any_of_its_roles_allows() -> None:
    both = Principal("someone", (PROTECTION, RECOGNIZER))
    assert both.may("privacy/records/read")
    assert both.may("verify/action")
    assert not both.may("persongroups/write")
    assert not Principal("nobody", ()).may("verify/action")


def test_app_may_for_a_user_what_both_a_role_and_a_scope_allow() -> None:
    assert Principal("app", (USER,), (RECOGNIZER, PROTECTION)).may("verify/action")
    assert not Principal("app", (USER,), (RECOGNIZER,)).may("persongroups/write")
    assert not Principal("app", (RECOGNIZER,), (USER,)).may("persongroups/write")
    assert not Principal("app", (USER,), ()).may("verify/action")


def test_rates_are_those_of_the_first_role_that_there_is() -> None:
    assert Principal("someone", (RECOGNIZER, USER)).role == USER
    assert Principal("someone", (Role("another", ("*",)),)).role is None
