"""Runs the functions of an app as the Python worker does: synchronous ones in a pool of threads."""

import asyncio
import inspect
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from infra.local.bindings import Target

log = logging.getLogger("ownface.local")
THREADS = "PYTHON_THREADPOOL_THREAD_COUNT"


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Sleep, or less where the host stops."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function returned, or that it failed; then `value` is None."""

    failed: bool
    value: object = None


def thread_count(environment: Mapping[str, str]) -> int | None:
    """The worker's setting; None, where it is unset or no positive number, means Python's own choice."""
    text = environment.get(THREADS, "").strip()
    return int(text) if text.isdecimal() and int(text) > 0 else None


class Invoker:
    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        # None: min(32, cores + 4), as CPython chooses.
        self._threads = ThreadPoolExecutor(thread_count(environment), thread_name_prefix="function")

    async def invoke(self, target: Target, argument: object) -> Outcome:
        """An exception of the function is logged and becomes a failed Outcome: a caller never sees its text."""
        (result,) = await asyncio.gather(self._run(target, argument), return_exceptions=True)
        if isinstance(result, BaseException):
            self.report(target, result)
            return Outcome(failed=True)
        return Outcome(failed=False, value=result)

    def report(self, target: Target, error: BaseException) -> None:
        log.error("function %s failed", target.name, exc_info=error)

    async def _run(self, target: Target, argument: object) -> object:
        call = partial(target.call, **{target.parameter: argument})
        if inspect.iscoroutinefunction(target.call):
            return await call()
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        """Starts nothing more. Functions that still run are left to end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
