"""Tokens taken apart: what is the longest, how they are spelled, and what they show of themselves."""

import pytest

from shared.access.jws import parse
from tests.issuer import part

HEAD = f"{part({'alg': 'RS256'})}.{part({'secret': 'claim'})}"


def test_longest_token_has_sixteen_kilobytes() -> None:
    room = 16 * 1024 - len(HEAD) - 1
    assert room % 4 != 1  # a length that no base64 has
    assert len(parse(f"{HEAD}.{'A' * room}").signature) == room * 3 // 4
    with pytest.raises(ValueError, match=r"^$"):
        parse(f"{HEAD}.{'A' * (room + 4)}")
    with pytest.raises(ValueError, match=r"^$"):
        parse(f"{HEAD}.{'A' * (room + 1)}")


@pytest.mark.parametrize(
    "octets", [b"", b"\x00", b"a", b"ab", b"abc", b"\x00\x00\x17", b"\xff\xfe\xfd", b"\xfb\xef\xbe", bytes(256)]
)
def test_parts_are_the_octets_that_they_spell(octets: bytes) -> None:
    """Among them spellings that end in X or use the two characters of the URL's alphabet."""
    found = parse(f"{HEAD}.{part(octets)}")
    assert (found.header, found.claims) == ({"alg": "RS256"}, {"secret": "claim"})
    assert (found.signed, found.signature) == (HEAD.encode(), octets)


def test_what_is_shown_of_it_is_its_header_alone() -> None:
    shown = repr(parse(f"{HEAD}.{part(b'signature')}"))
    assert "RS256" in shown
    assert not [word for word in ("claim", "signature", HEAD) if word in shown]
