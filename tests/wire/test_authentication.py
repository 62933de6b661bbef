import pytest

from shared.errors import AccessDenied
from shared.wire.authentication import KEY_HEADER, authenticate

KEYS = ("first-key-0123456789", "second-key-0123456789")


@pytest.mark.parametrize("key", KEYS)
def test_either_key_opens(key: str) -> None:
    authenticate({KEY_HEADER: key}, KEYS)


@pytest.mark.parametrize("key", ["", "first-key", KEYS[0] + "x", KEYS[0].upper(), "ключ", f"{KEYS[0]},{KEYS[1]}"])
def test_anything_else_does_not(key: str) -> None:
    with pytest.raises(AccessDenied):
        authenticate({KEY_HEADER: key}, KEYS)


def test_request_without_key_is_denied() -> None:
    with pytest.raises(AccessDenied):
        authenticate({}, KEYS)


def test_without_configured_keys_nothing_opens_not_even_an_empty_key() -> None:
    with pytest.raises(AccessDenied):
        authenticate({KEY_HEADER: ""}, ())
