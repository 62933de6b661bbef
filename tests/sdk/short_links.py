"""https://aka.ms on this machine: where Microsoft's samples fetch a picture from.

A TLS server, and an address book that leads the service's process alone to it (serve.py). The service resolves, checks,
connects, verifies and follows as it does anywhere: the name stands in the book with a public address, as its guard
wants."""

import http.server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sdk.https import https_server

HOST = "aka.ms"
BOOK = "SDK_TESTS_ADDRESS_BOOK"
"""Variable of serve.py: JSON, host -> [public address, port on this machine that stands for it]."""


@dataclass(frozen=True, slots=True)
class ShortLinks:
    """`port`: where it listens. `asked`: the paths that were asked for."""

    port: int
    asked: list[str]


@contextmanager
def short_links(certificate: Path, target: str) -> Iterator[ShortLinks]:
    """Every path redirects to `target`."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(301)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with https_server(certificate, Handler) as port:
        yield ShortLinks(port, asked)
