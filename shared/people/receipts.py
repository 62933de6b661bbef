"""Receipts of erasures: a JWT, signed with ES256, that says what was erased and when nothing of it was left.

Anybody can check one with the public keys, which the service gives as a JWKS. A key that has left the ring is not among
them any more: who keeps receipts keeps the keys of their time with them.
"""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.algorithms import ECAlgorithm

from shared.clock import Clock
from shared.people.signing import ALGORITHM, es256_key
from shared.store.live_ring import LiveRing

PURPOSE = b"ownface erasure receipt, ES256"
AUDIENCE = "ownface:erasure-receipt"
CLAIMS = ("aud", "iat", "jti")


class ReceiptRefused(Exception):
    """It was not signed by one of the keys, or not for this purpose."""


class Receipts:
    def __init__(self, ring: LiveRing, issuer: str, clock: Clock) -> None:
        """`issuer`: the service's public URL, where it has one."""
        self._ring = ring
        self._issuer = issuer
        self._clock = clock

    def issue(self, erasure: str, told: Mapping[str, Any]) -> str:
        claims = {"aud": AUDIENCE, "jti": erasure, "iat": int(self._clock().timestamp()), **told}
        if self._issuer:
            claims["iss"] = self._issuer
        ring = self._ring.now()
        return jwt.encode(claims, es256_key(ring.keys[ring.active], PURPOSE), ALGORITHM, {"kid": ring.active})

    def public_keys(self) -> list[dict[str, str]]:
        """As a JWKS has them."""
        return [
            {**_public(es256_key(key, PURPOSE)), "kid": name, "alg": ALGORITHM, "use": "sig"}
            for name, key in sorted(self._ring.now().keys.items())
        ]


def _public(key: EllipticCurvePrivateKey) -> dict[str, str]:
    told: dict[str, str] = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return told


def checked(receipt: str, public_keys: list[dict[str, str]]) -> dict[str, Any]:
    """What a receipt says. Raises ReceiptRefused."""
    try:
        named = jwt.get_unverified_header(receipt)["kid"]
        key = next(key for key in public_keys if key["kid"] == named)
        options: Any = {"require": CLAIMS, "verify_iat": False}
        told: dict[str, Any] = jwt.decode(receipt, jwt.PyJWK(key, ALGORITHM), [ALGORITHM], options, audience=AUDIENCE)
    except (jwt.PyJWTError, KeyError, StopIteration) as refused:
        raise ReceiptRefused(type(refused).__name__) from None
    return told
