"""What this process sends to storage, as tests disturb it: at the transport, below every retry of the clients.

A process that is killed is one from which nothing more is sent: `Died` is no Exception, so nothing catches it, and from
then on every call raises it. An answer that is lost is a request that was carried out, and told otherwise."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport

Send = Callable[[], Any]
Hook = Callable[[Any, Send], Any]
"""Given a request and what sends it: the answer."""


class Died(BaseException):
    """The process is dead."""


class Traffic:
    """`count`: requests so far. `paused`: seconds that clients wanted to wait before their next tries."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.paused = 0.0
        self._hook: Hook | None = None
        self._lock = threading.Lock()
        self._inside = threading.local()
        self._used: set[RequestsTransport] = set()
        self._dead: set[RequestsTransport] = set()
        send = RequestsTransport.send

        def hooked(transport: RequestsTransport, request: Any, **options: Any) -> Any:
            return self._send(transport, request, lambda: send(transport, request, **options))

        def no_pause(_: RequestsTransport, seconds: float) -> None:
            self.paused += seconds

        monkeypatch.setattr(RequestsTransport, "send", hooked)
        monkeypatch.setattr(RequestsTransport, "sleep", no_pause)

    def _send(self, transport: RequestsTransport, request: Any, send: Send) -> Any:
        hook = self._hook
        if transport in self._dead:
            raise Died
        if hook:
            self._used.add(transport)
        if hook is None or getattr(self._inside, "hook", False):
            return send()
        self._inside.hook = True  # what a hook sends itself is left alone
        try:
            return hook(request, send)
        finally:
            self._inside.hook = False

    @contextmanager
    def hooked(self, hook: Hook) -> Iterator[None]:
        self._hook = hook
        try:
            yield
        finally:
            self._hook = None

    @contextmanager
    def dying(self, at: int) -> Iterator[None]:
        """The process dies instead of sending its request number `at`, counted from 1. Died does not get out, and the
        clients that it used stay dead: its threads may have more to send."""
        self.count = 0
        self._used.clear()

        def hook(_: Any, send: Send) -> Any:
            if self._counted() >= at:
                raise Died
            return send()

        with self.hooked(hook):
            try:
                yield
            except Died:
                self._dead |= self._used

    @contextmanager
    def losing(self, at: int, how: "Loss") -> Iterator[None]:
        """The answer to request number `at`, counted from 1, is lost."""
        self.count = 0

        def hook(_: Any, send: Send) -> Any:
            lost = self._counted() == at
            answer = send()
            return how(answer) if lost else answer

        with self.hooked(hook):
            yield

    def _counted(self) -> int:
        with self._lock:
            self.count += 1
            return self.count


Loss = Callable[[Any], Any]


def answered_503(answer: Any) -> Any:
    """The server had done it, and says that it was too busy."""
    answer.internal_response.close()
    answer.status_code = 503
    return answer


def reset(answer: Any) -> Any:
    """The connection broke before the answer came."""
    answer.internal_response.close()
    raise ServiceResponseError("connection reset")
