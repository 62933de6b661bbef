"""Whether a caller may call. Keys are the one way to prove it, and a key is granted every data action; but for the
operations of a liveness session's client, which its session token opens and nothing else."""

import hmac
from collections.abc import Mapping, Sequence

from shared.errors import AccessDenied
from shared.people.session_tokens import REFUSED, SessionToken, SessionTokens

PUBLIC = "public"
"""The action of an operation that anybody may call. It has to be written down: there is no default."""

SESSION = "sessiontoken"
"""The action of an operation that the token of a liveness session opens, for this session alone."""

KEY_HEADER = "ocp-apim-subscription-key"
SCHEME = "bearer"


def authenticate(headers: Mapping[str, str], keys: Sequence[str]) -> None:
    """Either key opens; each is compared in full, in constant time. Raises AccessDenied."""
    given = headers.get(KEY_HEADER, "").encode()
    matches = [hmac.compare_digest(given, key.encode()) for key in keys]
    if not any(matches):
        raise AccessDenied


def session_token(headers: Mapping[str, str], tokens: SessionTokens) -> SessionToken:
    """What the token says that was shown. Whether its session may still be performed is the domain's to know. Raises
    AccessDenied."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise AccessDenied(REFUSED)
    return tokens.verify(token.strip())
