"""A front end before the running service that breaks one thing, as a deployment that went wrong would."""

import http.client
import http.server
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tests.servers import http_server

PASSED_ON = ("content-type", "ocp-apim-subscription-key", "authorization")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def chunked(self) -> bool:
        return "transfer-encoding" in self.headers

    def with_key(self, key: str) -> "Request":
        return replace(self, headers={**self.headers, "ocp-apim-subscription-key": key})


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""


Forward = Callable[[Request], Reply]
Fault = Callable[[Request, Forward], Reply]
"""What is wrong: it answers a request itself, or passes it on, altered or not."""


@contextmanager
def broken(url: str, fault: Fault) -> Iterator[str]:
    """The URL of a front end before the service at `url`."""

    class Handler(_Handler):
        def answer(self, request: Request) -> Reply:
            return fault(request, lambda passed: _forward(url, passed))

    with http_server(Handler) as port:
        yield f"http://127.0.0.1:{port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def handle_all(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.answer(Request(self.command, self.path, headers, self._body(headers)))
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_all  # noqa: N815 what the base class calls

    def log_message(self, *_: object) -> None:
        return

    def _body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" not in headers:
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def _forward(url: str, request: Request) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        headers = {name: value for name, value in request.headers.items() if name in PASSED_ON}
        connection.request(request.method, request.path, request.body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read())
    finally:
        connection.close()
