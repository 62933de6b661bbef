"""Session tokens: what a client on a person's device shows to perform one liveness session, and nothing else.

A JWT, signed with ES256. Its key is derived from a key of the key ring, whose id is its `kid`: so every process signs
and checks alike with nothing more to share, and keys rotate with the ring.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from shared.clock import Clock
from shared.errors import AccessDenied
from shared.people.signing import ALGORITHM, es256_key
from shared.store.live_ring import LiveRing

AUDIENCE = "ownface:liveness-session"
PURPOSE = b"ownface liveness session token, ES256"
CLAIMS = ("iss", "aud", "sub", "kind", "iat", "exp")
REFUSED = "Access denied: the session token is not valid or has expired."


@dataclass(frozen=True, slots=True)
class SessionToken:
    """What a valid token says: which session it is for. Whether that is still there is another question."""

    kind: str
    session_id: str


class SessionTokens:
    def __init__(self, ring: LiveRing, issuer: str, clock: Clock) -> None:
        """`issuer`: the service's public URL; where it is empty, a token may name any address that it was made at."""
        self._ring = ring
        self._issuer = issuer
        self._clock = clock

    def issue(self, kind: str, session_id: str, made_at: str, born: datetime, expires: datetime) -> str:
        """`made_at`: the service's URL as the caller knows it, which tells the client where to go."""
        claims = {
            "iss": self._issuer or made_at,
            "aud": AUDIENCE,
            "sub": session_id,
            "kind": kind,
            "iat": int(born.timestamp()),
            "exp": int(expires.timestamp()),
        }
        ring = self._ring.now()
        return jwt.encode(claims, es256_key(ring.keys[ring.active], PURPOSE), ALGORITHM, {"kid": ring.active})

    def verify(self, token: str) -> SessionToken:
        """Raises AccessDenied. A token outlives the deletion of its session: the caller has to look for that too."""
        claims = self._claims(token)
        if not isinstance(claims["exp"], int) or self._clock().timestamp() >= claims["exp"]:
            raise AccessDenied(REFUSED)
        return SessionToken(str(claims["kind"]), str(claims["sub"]))

    def _claims(self, token: str) -> Mapping[str, Any]:
        """Of a token that one of our keys has signed for this purpose. Its time is for our own clock to judge."""
        options: Any = {"require": CLAIMS, "verify_exp": False, "verify_iat": False}
        try:
            of_ring = self._ring.key_of_caller(jwt.get_unverified_header(token)["kid"])
            key, issuer = es256_key(of_ring, PURPOSE).public_key(), self._issuer or None
            return jwt.decode(token, key, [ALGORITHM], options, audience=AUDIENCE, issuer=issuer)
        except (jwt.InvalidTokenError, KeyError):
            raise AccessDenied(REFUSED) from None
