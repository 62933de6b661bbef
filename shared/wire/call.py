"""One request as a handler sees it: parsed, its caller authorised, with the services it may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared import services

Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """`query`: the parsed query string, an object of the declared type, or None. `body`: bytes or the parsed JSON
    object, or None. `version`: the API version of the path, empty outside /face. `path`: what the route names in the
    path, by these names and as the client wrote it."""

    version: str
    path: Mapping[str, str]
    query: Q
    body: B

    @property
    def services(self) -> services.Services:
        return services.current()
