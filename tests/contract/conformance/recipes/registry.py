"""The table of recipes: for each operationId the function that calls it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.contract.conformance.exchange import OCTETS, Values, check_answer, check_refusal, send
from tests.contract.conformance.kinds import Kind
from tests.contract.conformance.specification import Declared
from tests.contract.conformance.world import World


@dataclass(slots=True)
class Recorder:
    """What was called and how it was answered: (operationId, version) -> statuses."""

    calls: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def note(self, declared: Declared, status: int) -> None:
        self.calls.setdefault((declared.name, declared.version), set()).add(status)


@dataclass(frozen=True, slots=True)
class Call:
    """Calls one operation of one version, both ways held against the contract, and notes it."""

    declared: Declared
    http: httpx.Client
    recorder: Recorder

    def __call__(
        self,
        path: Values | None = None,
        query: Values | None = None,
        json: Any = None,
        content: bytes | None = None,
        form: Values | None = None,
    ) -> Any:
        """The JSON of the answer (of a picture its bytes), which has to be a declared success, or None where it is
        empty. Where it says where to ask how the work goes on, that has to be so."""
        answer = send(self.http, self.declared, path or {}, query or {}, json, content, form)
        check_answer(self.declared, answer)
        self.recorder.note(self.declared, answer.status_code)
        if follow := answer.headers.get("operation-Location"):
            assert self.http.get(follow).json()["status"]
        if answer.headers["content-type"] == OCTETS:
            return answer.content
        return answer.json() if answer.content else None

    def refused(self, status: int, code: str, path: Values | None = None, json: Any = None) -> None:
        """For an operation that the service withdrew, or that is about what another service has."""
        answer = send(self.http, self.declared, path or {}, {}, json, None)
        check_refusal(self.declared, answer, status, code)
        self.recorder.note(self.declared, answer.status_code)


Run = Callable[[Call, World], None]
RunForKind = Callable[[Call, World, Kind], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`place`: where it stands, as module.function."""

    run: Run
    place: str


RECIPES: dict[str, Recipe] = {}


def recipe(*names: str) -> Callable[[Run], Run]:
    """Declare how the operationIds `names`, one operation's in several versions, are called."""

    def declare(function: Run) -> Run:
        _add(names, function, function)
        return function

    return declare


def recipe_of(kinds: Sequence[Kind], *names: str) -> Callable[[RunForKind], RunForKind]:
    """The same for every kind of collection; `{kind}` and `{group}` in names are the kind's."""

    def declare(function: RunForKind) -> RunForKind:
        for kind in kinds:
            spelled = [name.format(kind=kind.name, group=kind.group) for name in names]
            _add(spelled, _for(function, kind), function)
        return function

    return declare


def _for(function: RunForKind, kind: Kind) -> Run:
    return lambda call, world: function(call, world, kind)


def _add(names: Sequence[str], run: Run, function: Any) -> None:
    taken = [name for name in names if name in RECIPES]
    assert not taken, f"two recipes for {taken}"
    place = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
    RECIPES.update(dict.fromkeys(names, Recipe(run, place)))
