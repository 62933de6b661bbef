"""A server on this machine that pictures are fetched from, with a test's answers."""

import http.server
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from shared.wire.download import Downloader
from tests.servers import http_server

PICTURE = bytes(range(256)) * 40
LIMIT = 20_000

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def send(handler: http.server.BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server on this machine: its "host:port" and the headers (with the path) that it was sent."""
    seen: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            try:
                answer(self)
            except OSError:
                self.close_connection = True  # the client hung up, as a guard should

        def log_message(self, *_: Any) -> None:
            return

    with http_server(Handler) as port:
        yield f"127.0.0.1:{port}", seen


def fetch(url: str, *allowed: str, seconds: float = 5) -> bytes:
    return Downloader(LIMIT, seconds, frozenset(allowed)).fetch(url)


def give_picture(handler: http.server.BaseHTTPRequestHandler) -> None:
    send(handler, 200, PICTURE, Content_Length=str(len(PICTURE)))
