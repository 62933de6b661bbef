"""The twin for asynchronous tests: each runs in an event loop of its own."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from . import AzureRecordedTestCase, recorded


def recorded_by_proxy_async(test: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    @functools.wraps(test)
    def run(case: AzureRecordedTestCase, *arguments: Any, **named: Any) -> Any:
        return asyncio.run(test(case, *arguments, **named, **recorded(case)))

    return run
