"""The local host: serves a function app on this machine as Azure Functions would, in a thread of this process."""

import errno
import os
import socket
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import azure.functions as func
import uvicorn

from infra.local.app import GRACE_SECONDS, build
from infra.local.errors import LocalError
from infra.local.host_settings import HostSettings
from infra.local.ports import LOOPBACK

START_SECONDS = 30
BACKLOG = 2048


class HostError(LocalError):
    """The host cannot listen where it was told to."""


class LocalHost:
    """`with LocalHost(app, port=0) as host:` serves it at `host.url` until the block ends.

    The port is taken when this is made; 0 takes a free one. `triggers=False` leaves timers and queue functions to
    `POST /admin/functions/{name}`. `environment` resolves the app's connection settings. Raises HostError where the
    port is taken, BindingError where the app asks for what the host does not reproduce."""

    def __init__(
        self,
        app: func.FunctionApp,
        port: int = 7071,
        *,
        address: str = LOOPBACK,
        settings: HostSettings | None = None,
        environment: Mapping[str, str] = os.environ,
        triggers: bool = True,
    ) -> None:
        asgi = build(app, settings or HostSettings.load(), environment, triggers)
        self._socket = listen(address, port)
        self._address = address
        self._server = uvicorn.Server(
            uvicorn.Config(
                asgi,
                lifespan="on",
                http="httptools",  # a third less time than h11 on a body of several megabytes
                log_config=None,
                log_level="warning",  # it would log every step of a start, and if asked to trace, paths and queries
                access_log=False,
                server_header=False,
                proxy_headers=False,  # else a client on this machine could say that it is another
                ws="none",
                timeout_graceful_shutdown=int(GRACE_SECONDS),
            )
        )
        self._thread = threading.Thread(target=self._serve, name="local-host", daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://{self._address}:{self.port}"

    def start(self) -> None:
        """Returns when it answers. Raises HostError where it does not come up."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise HostError("the local host did not start: its reason is above")
            time.sleep(0.005)

    def stop(self) -> None:
        """Answers what has begun, waits a few seconds for functions that run, and closes. May be called twice."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(3 * GRACE_SECONDS)
        self._socket.close()

    def check(self) -> None:
        """Raises HostError where it serves no more."""
        if not self._thread.is_alive():
            raise HostError("the local host stopped: its reason is above")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def listen(address: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises HostError where the port is taken or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, an answer can take 40 ms more.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        reason = error.strerror or "it cannot be used"
        option = "--port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "--host"
        raise HostError(f"cannot listen on port {port} of {address} ({reason}): choose another with {option}") from None
    return found
