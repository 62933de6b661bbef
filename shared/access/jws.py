"""A signed token taken apart, strictly (RFC 7515, compact form): one spelling, one meaning, or none at all."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

MOST_CHARACTERS = 16 * 1024


@dataclass(frozen=True, slots=True)
class Jws:
    """`signed`: what `signature` is of. Nothing is verified yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def parse(token: str) -> Jws:
    """Raises ValueError, whose text may hold parts of the token: it is for nobody to see."""
    if len(token) > MOST_CHARACTERS:
        raise ValueError
    header, claims, signature = token.split(".")
    signed = f"{header}.{claims}".encode()
    return Jws(_object(header), _object(claims), signed, _octets(signature))


def _octets(part: str) -> bytes:
    """Unpadded base64url in its one spelling: the decoder passes over strange characters, and over the bits that belong
    to no octet."""
    octets = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(octets).decode().rstrip("=") != part:
        raise ValueError
    return octets


def _object(part: str) -> dict[str, Any]:
    try:
        text = _octets(part).decode()
        found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError from None
    if not isinstance(found, dict):
        raise ValueError
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice, readers choose differently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_: str) -> NoReturn:
    raise ValueError
