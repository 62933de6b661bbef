"""The ASGI app that stands for the Functions host."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial

import azure.functions as func
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.routing import Router as AsgiRouter
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local import exchange
from infra.local.admin import Admin, Run
from infra.local.bindings import AppFunctions, read_functions
from infra.local.host_settings import HostSettings
from infra.local.invoker import Invoker, Outcome
from infra.local.queues import QueueListener
from infra.local.routing import Match, Router
from infra.local.timers import Timer

GRACE_SECONDS = 5.0  # what a stopping host leaves running functions


def build(app: func.FunctionApp, settings: HostSettings, environment: Mapping[str, str], triggers: bool) -> ASGIApp:
    """`triggers`: timers and queue functions run by themselves, not only through /admin. Raises BindingError."""
    functions = read_functions(app, environment)
    invoker = Invoker(environment)
    background = _Background(functions, invoker, settings)
    admin = Admin(background.runs)

    @asynccontextmanager
    async def lifespan(_: ASGIApp) -> AsyncIterator[None]:
        async with background.serving() if triggers else nullcontext():
            yield
        invoker.close()

    return AsgiRouter(
        routes=[
            Route("/admin/functions/{name}", admin.run_function, methods=["POST"]),
            Route("/admin/host/status", admin.status, methods=["GET"]),
        ],
        default=_HttpFunctions(Router(functions.http, settings.route_prefix), invoker),
        redirect_slashes=False,
        lifespan=lifespan,
    )


class _HttpFunctions:
    """Answers every path that is not under /admin."""

    def __init__(self, router: Router, invoker: Invoker) -> None:
        self._router = router
        self._invoker = invoker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        match = self._router.match(request.method, scope["path"])
        response = await self._answer(match, request) if match else Response(status_code=404)
        if response is not None:
            await response(scope, receive, send)

    async def _answer(self, match: Match, request: Request) -> Response | None:
        """None where the client has left."""
        try:
            body = await exchange.read_body(request)
        except exchange.BodyTooLarge:
            return Response(status_code=413, headers={"connection": "close"})  # the rest is not wanted
        except ClientDisconnect:
            return None
        argument = exchange.to_request(request, match.route_params, body)
        outcome = await self._invoker.invoke(match.target, argument)
        return Response(status_code=500) if outcome.failed else self._shape(match, outcome)

    def _shape(self, match: Match, outcome: Outcome) -> Response:
        try:
            return exchange.to_response(outcome.value)
        except (TypeError, ValueError) as error:
            self._invoker.report(match.target, error)
            return Response(status_code=500)


class _Background:
    """The timers and queue listeners of an app."""

    def __init__(self, functions: AppFunctions, invoker: Invoker, settings: HostSettings) -> None:
        self._timers = {one.target.name: Timer(one, invoker) for one in functions.timers}
        self._queues = {one.target.name: QueueListener(one, invoker, settings) for one in functions.queues}

    @property
    def runs(self) -> dict[str, Run]:
        timers = {name.lower(): partial(_run_timer, timer) for name, timer in self._timers.items()}
        queues = {name.lower(): partial(_run_queue, queue) for name, queue in self._queues.items()}
        return {**timers, **queues}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        timers = [timer.serve(stopping) for timer in self._timers.values()]
        queues = [queue.serve(stopping) for queue in self._queues.values()]
        tasks = [asyncio.create_task(one) for one in (*timers, *queues)]
        yield
        stopping.set()
        await _finish(tasks)


async def _run_timer(timer: Timer, _: str) -> Outcome:
    return await timer.run_now()


async def _run_queue(queue: QueueListener, text: str) -> Outcome:
    return await queue.run_now(text.encode())


async def _finish(tasks: list[asyncio.Task[None]]) -> None:
    """Let what runs come to its end within the grace, so that its message is not worked on twice."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    for task in late:
        task.cancel()
