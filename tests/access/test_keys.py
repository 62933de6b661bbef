from dataclasses import replace

import pytest

from shared.access.keys import Keys
from shared.access.roles import ROLES, Principal
from shared.errors import AccessDenied, KeysDisabled
from shared.settings import Settings
from tests.test_settings import MINIMAL

FIRST, SECOND, RECOGNIZER = "first-key-0123456789", "second-key-0123456789", "recognizer-key-0123456789"
SETTINGS = Settings.from_environment({**MINIMAL, "FACE_KEY1": FIRST, "FACE_KEY2": SECOND})


def test_each_key_opens_as_a_principal_of_its_own() -> None:
    keys = Keys.of(SETTINGS)
    assert keys.holder(FIRST) == Principal("key:1", (ROLES["FaceUser"],))
    assert keys.holder(SECOND) == Principal("key:2", (ROLES["FaceUser"],))


def test_key_is_told_by_the_number_of_its_setting_whether_the_other_is_set_or_not() -> None:
    """The audit trail says so for years: whoever changes key 1 must not find the calls of key 2 under its name."""
    alone = Settings.from_environment(
        {**MINIMAL, "FACE_KEY1": "", "FACE_KEY2": SECOND, "FACE_RECOGNIZER_KEY2": RECOGNIZER}
    )
    keys = Keys.of(alone)
    assert keys.holder(SECOND).name == "key:2"
    assert keys.holder(RECOGNIZER) == Principal("recognizer-key:2", (ROLES["FaceRecognizer"],))
    with pytest.raises(AccessDenied):
        keys.holder("")


@pytest.mark.parametrize(
    "key", ["", "first-key", FIRST + "x", FIRST[:-1], FIRST.upper(), f" {FIRST}", "ключ", f"{FIRST},{SECOND}"]
)
def test_anything_else_does_not(key: str) -> None:
    with pytest.raises(AccessDenied):
        Keys.of(SETTINGS).holder(key)


def test_without_configured_keys_nothing_opens_not_even_an_empty_key() -> None:
    with pytest.raises(AccessDenied):
        Keys([]).holder("")


@pytest.mark.parametrize("key", [FIRST, "a wrong one", ""])
def test_keys_that_are_turned_off_open_nothing_right_or_wrong(key: str) -> None:
    with pytest.raises(KeysDisabled, match="Key based authentication is disabled"):
        Keys.of(replace(SETTINGS, disable_local_auth=True)).holder(key)
