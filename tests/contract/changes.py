"""Which tables, containers and queues each operation changes: seen in what the service sends to storage."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import azure.functions as func
import pytest
from azure.core.pipeline.transport import RequestsTransport

from shared.wire import operation

INNER = re.compile(rb"^(?:POST|PUT|PATCH|MERGE|DELETE) (http\S+) HTTP/1.1\r?$", re.MULTILINE)
NONE = {"Tables", "$batch"}  # where tables are made, and where a transaction is sent


class Changes:
    """`of`: the names by operation. One call at a time: what is sent while an operation is answered is its own."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}
        self._current = ""

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        self.of.setdefault(name, set())
        self._current = name
        try:
            yield
        finally:
            self._current = ""

    def note(self, request: Any) -> None:
        if self._current and request.method != "GET":
            body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
            urls = [request.url, *(inner.decode() for inner in INNER.findall(body))]
            self.of[self._current] |= {name for name in map(_holder, urls) if name not in NONE}


def _holder(url: str) -> str:
    """The table, container or queue of a URL of the emulator: /account/name, then "(keys)", "/blob" or nothing."""
    return re.split(r"[(/]", urlsplit(url).path.removeprefix("/"))[1]


@contextmanager
def watched() -> Iterator[Changes]:
    changes = Changes()
    send, respond = RequestsTransport.send, operation.respond

    def sent(self: RequestsTransport, request: Any, **options: Any) -> Any:
        changes.note(request)
        return send(self, request, **options)

    def responded(name: str, req: func.HttpRequest, produce: Callable[[str], Any]) -> func.HttpResponse:
        with changes.during(name):
            return respond(name, req, produce)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestsTransport, "send", sent)
        patch.setattr(operation, "respond", responded)
        yield changes
