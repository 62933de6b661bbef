"""Who calls, by the headers of a request."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.access.access import SCHEME, Access
from shared.access.actions import SESSION
from shared.access.features import needed
from shared.access.roles import Principal
from shared.errors import AccessDenied
from shared.people.session_tokens import REFUSED, SessionToken, SessionTokens

KEY_HEADER = "ocp-apim-subscription-key"


@dataclass(frozen=True, slots=True)
class Caller:
    """Either a principal, or the client of one liveness session."""

    principal: Principal | None = None
    session: SessionToken | None = None


def admitted(action: str, headers: Mapping[str, str], access: Access, tokens: SessionTokens) -> Caller:
    """Who may do that. Whether the session of a token may still be performed is the domain's to know. Raises what
    Access.admit does."""
    key, authorization = headers.get(KEY_HEADER, ""), headers.get("authorization", "")
    if action != SESSION:
        return Caller(principal=access.admit(action, key, authorization))
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != SCHEME:
        raise AccessDenied(REFUSED)
    session = tokens.verify(token.strip())
    access.approvals.check(needed(SESSION))
    return Caller(session=session)
