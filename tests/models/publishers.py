"""The publishers' servers, in one: what they publish, under the addresses of the manifest, on this machine.

Faults are told to it by the file's name: each is used up by one request for that file.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from infra.models.published import files
from shared.engine.manifest import load
from tests.engine.conftest import MODELS

PUBLISHED = MODELS / "sources"

Answer = Callable[["Handler", bytes], None]


@cache
def by_hash() -> dict[str, Path]:
    files = [*PUBLISHED.iterdir(), *MODELS.glob("*.onnx")]
    return {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}


def published() -> dict[str, Path]:
    """Path on the server -> the file, for all addresses of all files that models are made from."""
    return {
        unquote(address.removeprefix("https:/")): by_hash()[file.sha256]
        for model in load().models.values()
        for file in files(model)
        for address in file.addresses
    }


@dataclass(slots=True)
class Publishers:
    """`asked`: path and Range of every request."""

    files: dict[str, Path | bytes]
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def fails(self, name: str, *answers: Answer) -> None:
        """The next requests for that file are answered so."""
        self.faults.setdefault(name, []).extend(answers)

    def asked_for(self, name: str) -> list[str]:
        """The Range of each request for a file of that name."""
        return [span for path, span in self.asked if path.endswith("/" + name)]


class Handler(BaseHTTPRequestHandler):
    publishers: Publishers

    def do_GET(self) -> None:
        path = unquote(self.path)
        self.publishers.asked.append((path, self.headers.get("Range", "")))
        waiting = self.publishers.faults.get(path.rpartition("/")[2], [])
        found = self.publishers.files.get(path)
        if found is None:
            self.send_error(404)
            return
        content = found if isinstance(found, bytes) else found.read_bytes()
        answer = waiting.pop(0) if waiting else whole
        answer(self, content)

    def head(self, code: int, length: int, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def rest(self, content: bytes) -> bytes:
        """What is asked for, behind the head that says so."""
        start = int((re.findall(r"bytes=(\d+)-", self.headers.get("Range", "")) or ["0"])[0])
        if start >= len(content):
            self.send_error(416)
            return b""
        code = 206 if start else 200
        self.head(code, len(content) - start, Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}")
        return content[start:]

    def log_message(self, *_: object) -> None:
        pass


def whole(handler: Handler, content: bytes) -> None:
    handler.wfile.write(handler.rest(content))


def cut(handler: Handler, content: bytes) -> None:
    """The connection ends in the middle."""
    rest = handler.rest(content)
    handler.wfile.write(rest[: len(rest) // 2])


def shorter(handler: Handler, content: bytes) -> None:
    """It says that it is whole and is not."""
    whole(handler, content[: len(content) // 2])


def altered(handler: Handler, content: bytes) -> None:
    middle = len(content) // 2
    whole(handler, content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


def login(handler: Handler, _: bytes) -> None:
    """What a network that wants a login answers in the file's place."""
    page = b"<html>Please log in</html>"
    handler.head(200, len(page))
    handler.wfile.write(page)


def endless(handler: Handler, content: bytes) -> None:
    """More than the file, of a length that is not stated."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content + content)


def starting_anew(handler: Handler, content: bytes) -> None:
    """It does not know how to go on."""
    handler.head(200, len(content))
    handler.wfile.write(content)


def silent(handler: Handler, content: bytes) -> None:
    """A first half, then nothing any more."""
    rest = handler.rest(content)
    handler.wfile.write(rest[: len(rest) // 2])
    handler.wfile.flush()
    time.sleep(3)


def unhurried(handler: Handler, content: bytes) -> None:
    """Long enough for a second process to start meanwhile."""
    time.sleep(2)
    whole(handler, content)


def trickling(handler: Handler, content: bytes) -> None:
    for byte in handler.rest(content)[:300]:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.01)


def busy(handler: Handler, _: bytes) -> None:
    handler.send_error(503)


def absent(handler: Handler, _: bytes) -> None:
    handler.send_error(404)


@contextmanager
def serving(files: dict[str, Path | bytes] | None = None) -> Iterator[Publishers]:
    publishers = Publishers({**(published() if files is None else files)})
    handler = type("Bound", (Handler,), {"publishers": publishers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        publishers.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield publishers
        finally:
            server.shutdown()
            thread.join()
