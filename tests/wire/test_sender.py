"""A client's address is what the host's own front end wrote, whatever the client says of itself."""

import pytest

from shared.wire.call import Sender


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("", None),
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:51234", "192.0.2.7"),
        ("10.0.0.1, 192.0.2.7:51234", "192.0.2.7"),
        ("10.0.0.1,192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:51234", "2001:db8::1"),
        ("[", None),
        ("x, ", None),
    ],
)
def test_address_is_the_last_that_was_forwarded_for(header: str, address: str | None) -> None:
    assert Sender("id", "POST", "/", 0, {"x-forwarded-for": header}).client == address


def test_nothing_forwarded_is_nobody() -> None:
    assert Sender("id", "POST", "/", 0, {}).client is None
