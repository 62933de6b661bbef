"""Clients whose calls are noted by name, so that a test can tell that no method of a package was left out."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

Run = Callable[[Any], Any]


class Recorded:
    """Behaves as `client` does, and notes calls in `called` as `method` or `group.method`. `run` gets what a method
    returns: the runner of an asynchronous client awaits it."""

    def __init__(self, client: Any, run: Run, called: set[str] | None = None, prefix: str = "") -> None:
        self._client, self._run, self._prefix = client, run, prefix
        self.called: set[str] = set() if called is None else called

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return Recorded(found, self._run, self.called, f"{self._prefix}{name}.")

        def call(*arguments: Any, **named: Any) -> Any:
            self.called.add(f"{self._prefix}{name}")
            return self._run(found(*arguments, **named))

        return call


def at_once(value: Any) -> Any:
    """The runner of a synchronous client."""
    return value


def awaited(runner: asyncio.Runner) -> Run:
    """The runner of an asynchronous client; all of its calls share one event loop. What they stream comes as a list."""

    async def wait(value: Awaitable[Any]) -> Any:
        answer = await value
        return [part async for part in answer] if isinstance(answer, AsyncIterator) else answer

    def run(value: Any) -> Any:
        return runner.run(wait(value)) if inspect.isawaitable(value) else value

    return run


def methods(client: Any) -> list[str]:
    """The public methods of a client and of its operation groups, as `Recorded` names them."""
    groups = {name: value for name, value in vars(client).items() if ".operations" in type(value).__module__}
    found = _public(client) + [f"{name}.{method}" for name, group in groups.items() for method in _public(group)]
    return sorted(found)


def _public(thing: Any) -> list[str]:
    return [name for name, _ in inspect.getmembers(type(thing), inspect.isroutine) if not name.startswith("_")]
