"""Timer triggers: six-field NCRONTAB schedules (seconds first) by the host's clock, in UTC.

Runs that came due while the host was down are not made up for: the Functions host does so for its monitored timers,
with a status it keeps in Blob storage."""

import asyncio
from datetime import UTC, datetime

import azure.functions as func
from azure.functions.timer import TimerRequest
from croniter import croniter

from infra.local.bindings import BindingError, TimerFunction
from infra.local.invoker import Invoker, Outcome, pause

LONGEST_SLEEP = 30.0  # seconds; the wall clock may be set, or the machine suspended, while a timer sleeps


def now() -> datetime:
    return datetime.now(UTC)


def next_due(schedule: str, after: datetime) -> datetime:
    """The first time strictly after `after` that fits. A day of the month and a day of the week must both fit."""
    found = croniter(schedule, after, second_at_beginning=True, day_or=False).get_next(datetime)
    assert isinstance(found, datetime)  # noqa: S101 - the library is not typed
    return found


class Timer:
    """One timer function. Its runs never overlap, those asked for through /admin included."""

    def __init__(self, function: TimerFunction, invoker: Invoker) -> None:
        """Raises BindingError for a schedule that is no NCRONTAB expression."""
        if not croniter.is_valid(function.schedule, second_at_beginning=True):
            raise BindingError(f"function {function.target.name}: {function.schedule!r} is no NCRONTAB expression")
        self._function = function
        self._invoker = invoker
        self._running = asyncio.Lock()

    async def run_now(self) -> Outcome:
        request: func.TimerRequest = TimerRequest(past_due=False, schedule={"AdjustForDST": True})
        async with self._running:
            return await self._invoker.invoke(self._function.target, request)

    async def serve(self, stopping: asyncio.Event) -> None:
        """Until the host stops."""
        if self._function.run_on_startup:
            await self.run_now()
        due = next_due(self._function.schedule, now())
        while not stopping.is_set():
            wait = (due - now()).total_seconds()
            if wait > 0:
                await pause(stopping, min(wait, LONGEST_SLEEP))
            else:
                await self.run_now()
                due = next_due(self._function.schedule, now())
