"""Timer triggers and /admin, through the local host."""

import asyncio
import threading
from datetime import UTC, datetime

import azure.functions as func
import httpx
import pytest

from infra.local.app import build
from infra.local.bindings import BindingError
from infra.local.host import LocalHost
from infra.local.host_settings import HostSettings
from infra.local.timers import next_due
from tests.infra.apps import anonymous_app

NEVER = "0 0 0 29 2 *"
START = datetime(2026, 3, 1, 10, 0, 30, tzinfo=UTC)  # a Sunday


class Counter:
    """A function that counts its runs, how many ran at once, and fails when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.fails = False
        self.ran = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        self.past_due: bool | None = None
        self._lock = threading.Lock()

    def __call__(self, timer: func.TimerRequest) -> None:
        with self._lock:
            self.runs += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.past_due = timer.past_due
        self.ran.set()
        self.may_end.wait(30)
        with self._lock:
            self.at_once -= 1
        if self.fails:
            raise RuntimeError("as told")


def timer_app(counter: Counter, schedule: str, *, at_start: bool = False) -> func.FunctionApp:
    app = anonymous_app()

    @app.function_name("Sweep")
    @app.timer_trigger("timer", schedule, run_on_startup=at_start)
    def sweep(timer: func.TimerRequest) -> None:
        counter(timer)

    return app


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("0 * * * * *", "2026-03-01T10:01:00"),
        ("30 * * * * *", "2026-03-01T10:01:30"),
        ("*/20 * * * * *", "2026-03-01T10:00:40"),
        ("0 */5 * * * *", "2026-03-01T10:05:00"),
        ("0 30 9-17 * * MON-FRI", "2026-03-02T09:30:00"),
        ("0 0 0 1 * 3", "2026-04-01T00:00:00"),  # both: the first of a month that is a Wednesday
        ("0 0 0 * * 0", "2026-03-08T00:00:00"),
    ],
)
def test_schedules_are_read_seconds_first(schedule: str, due: str) -> None:
    assert next_due(schedule, START) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_timer_runs_when_it_is_due() -> None:
    counter = Counter()
    with LocalHost(timer_app(counter, "* * * * * *"), 0, environment={}):
        assert counter.ran.wait(30)
    assert counter.past_due is False


def test_a_timer_that_asks_for_it_runs_at_the_start() -> None:
    counter = Counter()
    with LocalHost(timer_app(counter, NEVER, at_start=True), 0, environment={}):
        assert counter.ran.wait(30)


def test_without_triggers_a_timer_runs_only_when_asked() -> None:
    counter = Counter()
    with LocalHost(timer_app(counter, "* * * * * *", at_start=True), 0, environment={}, triggers=False) as host:
        assert httpx.post(f"{host.url}/admin/functions/Sweep", json={"input": ""}).status_code == 202
    assert counter.runs == 1


def test_a_run_that_was_asked_for_has_ended_when_its_answer_comes() -> None:
    counter = Counter()
    with LocalHost(timer_app(counter, NEVER), 0, environment={}) as host:
        for expected in (1, 2, 3):
            assert httpx.post(f"{host.url}/admin/functions/sweep", json={}).status_code == 202
            assert (counter.runs, counter.at_once) == (expected, 0)


def test_runs_of_one_timer_never_overlap() -> None:
    counter = Counter()
    counter.may_end.clear()
    with LocalHost(timer_app(counter, NEVER), 0, environment={}) as host:
        callers = [
            threading.Thread(target=httpx.post, args=(f"{host.url}/admin/functions/Sweep",), kwargs={"timeout": 30})
            for _ in range(3)
        ]
        for caller in callers:
            caller.start()
        assert counter.ran.wait(30)
        counter.may_end.set()
        for caller in callers:
            caller.join(30)
    assert (counter.runs, counter.most_at_once) == (3, 1)


def test_a_run_that_failed_is_told_to_who_asked_and_does_not_end_the_timer() -> None:
    counter = Counter()
    counter.fails = True
    with LocalHost(timer_app(counter, "* * * * * *"), 0, environment={}) as host:
        assert httpx.post(f"{host.url}/admin/functions/Sweep").status_code == 500
        counter.ran.clear()
        assert counter.ran.wait(30)


def test_stopping_lets_a_run_end_first() -> None:
    counter = Counter()
    counter.may_end.clear()
    host = LocalHost(timer_app(counter, NEVER, at_start=True), 0, environment={})
    host.start()
    assert counter.ran.wait(30)
    stopping = threading.Thread(target=host.stop)
    stopping.start()
    counter.may_end.set()
    stopping.join(30)
    assert (counter.runs, counter.at_once) == (1, 0)


@pytest.mark.parametrize("body", ["nonsense", "[]", '{"input": 1}'])
def test_admin_refuses_a_body_that_is_no_such_document(body: str) -> None:
    counter = Counter()
    with LocalHost(timer_app(counter, NEVER), 0, environment={}) as host:
        assert httpx.post(f"{host.url}/admin/functions/Sweep", content=body).status_code == 400
    assert counter.runs == 0


def test_admin_knows_only_the_functions_of_the_app() -> None:
    with LocalHost(timer_app(Counter(), NEVER), 0, environment={}) as host:
        assert httpx.post(f"{host.url}/admin/functions/Other", json={}).status_code == 404
        assert httpx.get(f"{host.url}/admin/host/status").json() == {"state": "Running"}


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        ("127.0.0.1", 202),
        ("127.3.2.1", 202),
        ("::1", 202),
        ("::ffff:127.0.0.1", 202),
        ("192.0.2.7", 403),
        ("::ffff:192.0.2.7", 403),
        ("2001:db8::7", 403),
    ],
)
def test_admin_is_for_callers_on_this_machine_only(caller: str, status: int) -> None:
    counter = Counter()
    host = build(timer_app(counter, NEVER), HostSettings.load(), {}, triggers=False)

    async def call() -> int:
        transport = httpx.ASGITransport(host, client=(caller, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
            return (await client.post("/admin/functions/Sweep", json={})).status_code

    assert asyncio.run(call()) == status
    assert counter.runs == (1 if status == 202 else 0)


@pytest.mark.parametrize("schedule", ["every minute", "* * *", "0 61 * * * *", "00:05:00"])
def test_a_schedule_that_is_none_is_refused_with_the_function_named(schedule: str) -> None:
    with pytest.raises(BindingError, match="function Sweep"):
        LocalHost(timer_app(Counter(), schedule), 0, environment={})


def test_a_setting_stands_for_itself_in_a_schedule() -> None:
    counter = Counter()
    with LocalHost(timer_app(counter, "%SWEEP%"), 0, environment={"SWEEP": "* * * * * *"}):
        assert counter.ran.wait(30)
    with pytest.raises(BindingError, match="needs the setting SWEEP"):
        LocalHost(timer_app(counter, "%SWEEP%"), 0, environment={})
