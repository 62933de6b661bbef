"""The table of triggers: for each row of the contract's tables of errors the calls that are refused so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contract.conformance.kinds import KINDS, Kind
from tests.contract.conformance.world import OCTETS, World, picture

VERSION = "v1.2-preview.1"
"""The newest version that has every operation but the later routes of liveness sessions."""

OTHER_MODEL = "recognition_03"
"""Not the world's."""

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BAD_ID = "Not!An!Id"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer, and what it has to say where the row leaves that open."""

    answer: httpx.Response
    code: str = ""
    message: str = ""

    def says(self, code: str, message: str) -> "Refusal":
        return Refusal(self.answer, code, message)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a trigger may use. `small`: a world of its own storage in which there may be one of everything, but for
    limits that are given."""

    http: httpx.Client
    world: World
    small: Callable[..., World]
    monkeypatch: pytest.MonkeyPatch

    def ask(self, method: str, path: str, version: str = VERSION, **options: Any) -> httpx.Response:
        return self.http.request(method, f"/face/{version}/{path}", **options)

    def put(self, path: str, **body: Any) -> httpx.Response:
        return self.ask("PUT", path, json=body)

    def post(self, path: str, version: str = VERSION, **body: Any) -> httpx.Response:
        return self.ask("POST", path, version, json=body)

    def patch(self, path: str, **body: Any) -> httpx.Response:
        return self.ask("PATCH", path, json=body)

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def delete(self, path: str) -> httpx.Response:
        return self.ask("DELETE", path)

    def add(self, path: str, content: bytes | None = None, **query: str) -> httpx.Response:
        """Send a picture to where faces are added or detected."""
        data = picture("Family1-Dad1") if content is None else content
        return self.ask("POST", path, params=query, content=data, headers=OCTETS)

    def adders(self) -> list[str]:
        """Where faces are added, below every kind of owner."""
        return [*map(self.adder, KINDS), f"{self.enrolled()}/persistedfaces"]

    def adder(self, kind: Kind) -> str:
        return f"{self.place(kind)}/persistedfaces"

    def place(self, kind: Kind) -> str:
        """The list, or the person in the group, of the world's collection."""
        person = f"/persons/{self.world.owner(kind)}" if kind.persons else ""
        return f"{self.collection(kind)}{person}"

    def collection(self, kind: Kind) -> str:
        return f"{kind.path}/{self.world.collection(kind)}"

    def untrained(self, kind: Kind) -> dict[str, str]:
        """A new, empty collection, as a field of a body names it."""
        return {kind.id_field: self.world.new_collection(kind)}

    def in_first_training(self, kind: Kind) -> dict[str, str]:
        """One whose first training waits in the queue: there is no earlier one to answer from."""
        named = self.untrained(kind)
        self.world.request("POST", f"{kind.path}/{named[kind.id_field]}/train")
        return named

    def enrolled(self) -> str:
        """The faces of a person of the directory."""
        return f"persons/{self.world.directory_person()}/recognitionModels/{self.world.model}"


Trigger = Callable[[Scene], Iterator[Refusal]]
Key = tuple[str, int, str]

TRIGGERS: dict[Key, Trigger] = {}


def raises(group: str, status: int, message: str) -> Callable[[Trigger], Trigger]:
    """Declare what raises the row with this message."""

    def declare(trigger: Trigger) -> Trigger:
        assert (group, status, message) not in TRIGGERS
        TRIGGERS[group, status, message] = trigger
        return trigger

    return declare


def new_id() -> str:
    return str(uuid4())
