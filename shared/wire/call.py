"""One request as a handler sees it: parsed, its caller authorised, with the services it may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared import services

Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """`query`: the parsed query string, an object of the declared type, or None. `body`: bytes or the object parsed
    from JSON or a form, or None. `version`: the API version of the path, empty outside /face. `path`: what the route
    names in the path, by these names and as the client wrote it. `address`: scheme and host that the client named."""

    version: str
    path: Mapping[str, str]
    query: Q
    body: B
    address: str = ""

    @property
    def services(self) -> services.Services:
        return services.current()

    @property
    def service_url(self) -> str:
        """Where clients reach the service, without a slash at its end."""
        return self.services.settings.public_url or self.address
