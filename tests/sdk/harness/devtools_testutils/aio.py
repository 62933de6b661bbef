"""The twin for asynchronous tests: each runs in an event loop of its own."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any


def recorded_by_proxy_async(test: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> Any:
        return asyncio.run(test(*arguments, **named))

    return run
