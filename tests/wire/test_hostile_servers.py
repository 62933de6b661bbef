"""Servers that are slow, send too much, or send something else: time, memory and answers stay within bounds."""

import gzip
import http.client
import http.server
import socket
import socketserver
import threading
import time
from contextlib import suppress

import pytest

from shared.errors import InvalidImageSize, InvalidUrl, OperationTimeOut
from tests import servers
from tests.wire.origin import LIMIT, PICTURE, Answer, fetch, send, serving


def test_endless_body_is_cut_at_the_limit() -> None:
    sent = 0

    def pour(handler: http.server.BaseHTTPRequestHandler) -> None:
        nonlocal sent
        send(handler, 200)
        for _ in range(10_000):
            handler.wfile.write(bytes(10_000))
            sent += 10_000

    with serving(pour) as (host, _), pytest.raises(InvalidImageSize):
        fetch(f"http://{host}/", host)
    assert sent < 50_000_000


def test_body_whose_declared_length_is_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    monkeypatch.setattr(http.client.HTTPResponse, "read1", lambda *_: reads.append(1))
    with (
        serving(lambda handler: send(handler, 200, Content_Length=str(LIMIT + 1))) as (host, _),
        pytest.raises(InvalidImageSize),
    ):
        fetch(f"http://{host}/", host)
    assert reads == []


def chunks(*sizes_and_bodies: bytes) -> Answer:
    def give(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        send(handler, 200, b"\r\n".join(sizes_and_bodies), Transfer_Encoding="chunked", Connection="close")

    return give


def test_body_in_chunks_is_put_together() -> None:
    answer = chunks(b"400;note=x", PICTURE[:1024], b"2400", PICTURE[1024:], b"0", b"", b"")
    with serving(answer) as (host, _):
        assert fetch(f"http://{host}/", host) == PICTURE


@pytest.mark.parametrize("size", [b"ffffff", b"-1", b"-ffffff", b"+5000", b"1_0000"])
def test_chunk_of_any_size_is_cut_at_the_limit(size: bytes) -> None:
    """A negative size meant all that there is, and nothing bounded it."""
    sent = 0

    def pour(handler: http.server.BaseHTTPRequestHandler) -> None:
        nonlocal sent
        chunks(size, b"")(handler)
        for _ in range(10_000):
            handler.wfile.write(bytes(10_000))
            sent += 10_000

    with serving(pour) as (host, _), pytest.raises((InvalidImageSize, InvalidUrl)):
        fetch(f"http://{host}/", host)
    assert sent < 50_000_000


@pytest.mark.parametrize(
    "answer",
    [
        chunks(b"400", PICTURE[:1000]),
        chunks(b"400", PICTURE[:1024], b""),
        chunks(b"x", b""),
        chunks(b"1" * 70_000, b""),
    ],
    ids=["within a chunk", "before the last", "no number", "endless number"],
)
def test_body_in_chunks_that_ends_early_is_an_error_not_half_a_picture(answer: Answer) -> None:
    with serving(answer) as (host, _), pytest.raises(InvalidUrl, match="the connection failed"):
        fetch(f"http://{host}/", host)


def test_more_than_the_declared_length_is_not_read() -> None:
    with serving(lambda handler: send(handler, 200, PICTURE * 9, Content_Length=str(len(PICTURE)))) as (host, _):
        assert fetch(f"http://{host}/", host) == PICTURE


@pytest.mark.parametrize("length", ["", "-5", "x", "9" * 5000, "1, 2"])
def test_length_that_is_none_does_not_count(length: str) -> None:
    with serving(lambda handler: send(handler, 200, PICTURE, Content_Length=length)) as (host, _):
        assert fetch(f"http://{host}/", host) == PICTURE


def test_what_is_compressed_is_neither_asked_for_nor_opened() -> None:
    """So there is nothing that swells."""
    bomb = gzip.compress(bytes(50_000_000))[:LIMIT]
    with serving(lambda handler: send(handler, 200, bomb, Content_Encoding="gzip")) as (host, seen):
        assert fetch(f"http://{host}/", host) == bomb
    assert seen[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"nonsense\r\n\r\n", b"\0" * 100_000, b"HTTP/9.9 200 OK\r\n"),
        *(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200, b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000),
        *(b"HTTP/1.1 99999 OK\r\n\r\n", b"HTTP/1.1 204 \r\n\r\n"),
    ],
)
def test_answer_that_is_no_http_or_too_much_of_it_is_an_error(head: bytes) -> None:
    def give(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)

    with serving(give) as (host, _), pytest.raises(InvalidUrl):
        fetch(f"http://{host}/", host)


def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
    for _ in range(100):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def drip_headers(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    drip(handler)


def drip_body(handler: http.server.BaseHTTPRequestHandler) -> None:
    send(handler, 200)
    drip(handler)


def drip_chunks(handler: http.server.BaseHTTPRequestHandler) -> None:
    chunks(b"")(handler)
    for _ in range(100):
        handler.wfile.write(b"1\r\nx\r\n")
        time.sleep(0.05)


def go_on(handler: http.server.BaseHTTPRequestHandler) -> None:
    for _ in range(100):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        time.sleep(0.05)


def keep_silent(handler: http.server.BaseHTTPRequestHandler) -> None:
    del handler
    time.sleep(2)


def redirect_slowly(handler: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(0.15)
    send(handler, 302, Location="/again")


@pytest.mark.parametrize("slow", [drip_headers, drip_body, drip_chunks, go_on, keep_silent, redirect_slowly])
def test_server_that_drips_is_cut_at_the_deadline(slow: Answer) -> None:
    with serving(slow) as (host, _), pytest.raises(OperationTimeOut):
        fetch(f"http://{host}/", host, seconds=0.4)


class DripsTls(socketserver.BaseRequestHandler):
    """The head of a handshake that never ends, byte by byte."""

    def handle(self) -> None:
        with suppress(OSError):
            self.request.recv(10_000)
            for byte in b"\x16\x03\x03\x40\x00" + bytes(100):
                self.request.sendall(bytes([byte]))
                time.sleep(0.05)


@pytest.mark.parametrize("connecting", [0.0, 1.1])
def test_handshake_that_drips_is_cut_at_the_deadline(connecting: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where connecting took all the time, so that the watchdog found nothing to cut."""
    connect = socket.create_connection

    def slowly(address: tuple[str, int], timeout: float) -> socket.socket:
        time.sleep(connecting)
        return connect(address, timeout)

    with servers.serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), DripsTls)) as port:
        monkeypatch.setattr(socket, "create_connection", slowly)
        begun = time.monotonic()
        with pytest.raises(OperationTimeOut):
            fetch(f"https://127.0.0.1:{port}/", f"127.0.0.1:{port}", seconds=1)
        assert time.monotonic() - begun < 1.8


def test_name_server_that_is_slow_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asleep.wait(10) and [])
    begun = time.monotonic()
    with pytest.raises(OperationTimeOut):
        fetch("http://pictures.example/", seconds=0.3)
    assert time.monotonic() - begun < 2
    asleep.set()


def test_addresses_that_do_not_answer_share_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose queue is full stands for a host that drops packets."""
    drops = 0

    def count_drops(handler: http.server.BaseHTTPRequestHandler) -> None:
        nonlocal drops
        send(handler, 200)
        for drops in range(1, 101):  # noqa: B007 the last one that was sent is what counts
            handler.wfile.write(b"x")
            time.sleep(0.05)

    with socket.socket() as hole, serving(count_drops) as (host, _):
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        port = int(host.split(":")[1])
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(hole.getsockname())
        connect = socket.create_connection
        holes = iter([True, True, False])

        def reach(address: tuple[str, int], timeout: float) -> socket.socket:
            return connect(hole.getsockname() if next(holes) else address, timeout)

        monkeypatch.setattr(socket, "create_connection", reach)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 3
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(OperationTimeOut):
            fetch(f"http://pictures.example:{port}/", f"pictures.example:{port}", seconds=0.8)
        assert drops < 50
        for filler in fillers:
            filler.close()


def test_body_that_ends_early_is_an_error_not_half_a_picture() -> None:
    with (
        serving(lambda handler: send(handler, 200, PICTURE[:100], Content_Length="5000")) as (host, _),
        pytest.raises(InvalidUrl),
    ):
        fetch(f"http://{host}/", host)
