from pathlib import Path

import pytest

from shared.errors import AccessDenied
from shared.settings import Settings
from shared.wire.authentication import KEY_HEADER, authenticate

KEYS = ("first-key-0123456789", "second-key-0123456789")
SETTINGS = Settings(keys=KEYS, storage="", key_ring_file=Path("ring"))


@pytest.mark.parametrize("key", KEYS)
def test_either_key_opens(key: str) -> None:
    assert authenticate({KEY_HEADER: key}, SETTINGS).method == "key"


@pytest.mark.parametrize("key", ["", "first-key", KEYS[0] + "x", KEYS[0].upper(), "ключ", f"{KEYS[0]},{KEYS[1]}"])
def test_anything_else_does_not(key: str) -> None:
    with pytest.raises(AccessDenied):
        authenticate({KEY_HEADER: key}, SETTINGS)


def test_request_without_key_is_denied() -> None:
    with pytest.raises(AccessDenied):
        authenticate({}, SETTINGS)


def test_without_configured_keys_nothing_opens_not_even_an_empty_key() -> None:
    nobody = Settings(keys=(), storage="", key_ring_file=Path("ring"))
    with pytest.raises(AccessDenied):
        authenticate({KEY_HEADER: ""}, nobody)
