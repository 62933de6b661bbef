"""One request as a handler sees it: parsed, its caller authorised, with the services it may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared import services
from shared.access.roles import Principal
from shared.errors import AccessDenied
from shared.people.session_tokens import SessionToken
from shared.store.terms import Terms
from shared.wire.terms import terms

Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request says of itself. `headers`: names in lower case. `path`: as the client wrote it."""

    request_id: str
    method: str
    path: str
    content_length: int
    headers: Mapping[str, str]

    @property
    def client(self) -> str | None:
        """The client's address: the last that X-Forwarded-For has, which the host's own front end wrote there. What
        stands before it is the client's word."""
        last = self.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        if last.startswith("["):
            return last[1:].partition("]")[0] or None
        return (last.partition(":")[0] if last.count(":") == 1 else last) or None


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """`query`: the parsed query string, an object of the declared type, or None. `body`: bytes or the object parsed
    from JSON or a form, or None. `version`: the API version of the path, empty outside /face. `path`: what the route
    names in the path, by these names and as the client wrote it. `address`: scheme and host that the client named.
    `token`: of a liveness session, for the operations that it opens. `principal`: who calls one that a data action
    guards. `sender`: the request itself."""

    version: str
    path: Mapping[str, str]
    query: Q
    body: B
    sender: Sender
    address: str = ""
    token: SessionToken | None = None
    principal: Principal | None = None

    @property
    def services(self) -> services.Services:
        return services.current()

    @property
    def service_url(self) -> str:
        """Where clients reach the service, without a slash at its end."""
        return self.services.settings.public_url or self.address

    @property
    def terms(self) -> Terms:
        """What the headers say of somebody who is enrolled. Raises BadArgument."""
        return terms(self.sender.headers, self.services.clock())

    @property
    def caller(self) -> str:
        """Who calls, for the audit trail: an id, no secret. Which session a client of one performs is among the ids."""
        if self.principal is not None:
            return self.principal.name
        return "session" if self.token else ""

    @property
    def session(self) -> SessionToken:
        """What the session token says. Raises AccessDenied where the operation is none that such a token opens."""
        if self.token is None:
            raise AccessDenied
        return self.token
