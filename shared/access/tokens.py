"""Access tokens of Entra ID: who has one that was issued for this service is who it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jwt.algorithms import Algorithm, get_default_algorithms

from shared.access.jws import Jws, parse
from shared.access.roles import ROLES, Principal, Role
from shared.access.signing_keys import SigningKeys
from shared.clock import Clock
from shared.errors import AccessDenied
from shared.settings import Entra

REFUSED = "Unauthorized. Access token is missing, invalid, audience is incorrect, or have expired."
"""Azure AI services' own words, but for the audience, which is nobody's business."""

SKEW_SECONDS = 60
"""How far the issuer's clock and ours may be apart."""

TYPES = {"jwt", "at+jwt"}
UNWANTED = {"crit", "b64", "enc", "zip", "jwk", "jku", "x5c", "x5u"}
"""Headers that no access token of Entra ID has: they change what a token means, or bring the key to believe it by."""

WHOLE_USER = "user_impersonation"
"""The scope that takes nothing away from what the user may do."""


class Tokens:
    def __init__(self, trust: Entra, keys: SigningKeys, clock: Clock) -> None:
        self._trust = trust
        self._keys = keys
        self._clock = clock
        algorithms = get_default_algorithms()
        self._algorithms: dict[str, Algorithm] = {name: algorithms[name] for name in trust.algorithms}

    def holder(self, token: str) -> Principal:
        """Raises AccessDenied, whatever is wrong; ServiceUnavailable where the issuer's keys cannot be fetched."""
        try:
            found = parse(token)
            algorithm, key_id = self._header(found.header)
            self._check(found.claims, self._clock())
            principal = self._principal(found.claims)
        except ValueError:
            raise AccessDenied(REFUSED) from None
        if not self._is_signed(found, algorithm, key_id):
            raise AccessDenied(REFUSED)
        return principal

    def _header(self, header: Mapping[str, Any]) -> tuple[Algorithm, str]:
        algorithm = self._algorithms.get(_text(header, "alg"))
        if algorithm is None or UNWANTED & header.keys():
            raise ValueError
        if "typ" in header and _text(header, "typ").lower() not in TYPES:
            raise ValueError
        return algorithm, _text(header, "kid")

    def _check(self, claims: Mapping[str, Any], now: datetime) -> None:
        """Looked at before the signature: a token that is not meant for us does not make us fetch a key."""
        trust = self._trust
        if _text(claims, "iss") not in trust.issuers or _text(claims, "aud") not in trust.audiences:
            raise ValueError
        if _text(claims, "tid") != trust.tenant:
            raise ValueError
        born, begins, ends = (_seconds(claims, name) for name in ("iat", "nbf", "exp"))
        moment = now.timestamp()
        if moment < born - SKEW_SECONDS or moment < begins - SKEW_SECONDS or moment >= ends + SKEW_SECONDS:
            raise ValueError
        if not 0 < ends - born <= trust.lifetime_seconds:
            raise ValueError

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        """An ID token would pass all else: it has the same issuer, maybe the same audience and roles, but names no app
        that calls."""
        _text(claims, "azp" if "azp" in claims else "appid")
        oid = _text(claims, "oid").lower()
        roles = _known(_texts(claims, "roles"))
        assigned = self._trust.assignments.get(oid)
        if assigned is not None:
            roles += (ROLES[assigned],)
        return Principal(f"entra:{oid}", roles, self._scopes(claims))

    def _scopes(self, claims: Mapping[str, Any]) -> tuple[Role, ...] | None:
        if "scp" not in claims:
            return None
        scopes = _text(claims, "scp").split(" ")
        return tuple(ROLES.values()) if WHOLE_USER in scopes else _known(scopes)

    def _is_signed(self, token: Jws, algorithm: Algorithm, key_id: str) -> bool:
        key = self._keys.find(key_id)
        return key is not None and algorithm.verify(token.signed, key, token.signature)


def _text(claims: Mapping[str, Any], name: str) -> str:
    """Raises ValueError for one that is missing, empty or no text."""
    found = claims.get(name)
    if not isinstance(found, str) or not found:
        raise ValueError
    return found


def _texts(claims: Mapping[str, Any], name: str) -> list[str]:
    found = claims.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError
    return found


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    found = claims.get(name)
    if type(found) is not int:  # a bool is one too
        raise ValueError
    return found


def _known(names: list[str]) -> tuple[Role, ...]:
    return tuple(ROLES[name] for name in names if name in ROLES)
