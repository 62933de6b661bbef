"""The download guard against real servers on this machine, which only an explicit exemption makes reachable."""

import http.server
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.errors import InvalidImageSize, InvalidUrl, OperationTimeOut
from shared.wire.download import Downloader, is_public
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


def test_exempted_host_is_fetched_with_path_and_query_escaped() -> None:
    with serving(give_picture) as (host, seen):
        assert fetch(f"http://{host}/a b/ü.jpg?c=d e&f=%20#fragment", host) == PICTURE
    assert seen[0]["path"] == "/a%20b/%C3%BC.jpg?c=d%20e&f=%20"
    assert seen[0]["host"] == host


def test_this_machine_is_refused_without_exemption_and_never_asked() -> None:
    with serving(give_picture) as (host, seen):
        port = host.split(":")[1]
        for name in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f.1"):
            with pytest.raises(InvalidUrl):
                fetch(f"http://{name}:{port}/")
    assert seen == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "picture.jpg",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://example.com/a.jpg",
        "gopher://example.com/",
        "data:image/png;base64,AAAA",
        "http://",
        "http://user:secret@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:22/",
        "https://example.com:80/",
        "http://[::1/",
        "http://169.254.169.254/metadata/instance?api-version=2021-02-01",
        "http://168.63.129.16/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://10.0.0.1/",
        "http://\x00/",
        "http://a" + "b" * 70 + ".example/",
    ],
)
def test_unfit_url_is_refused_and_not_repeated_to_the_client(url: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        fetch(url)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("192.0.2.1", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("fec0::1", False),
        ("192.88.99.1", False),
        ("192.0.0.8", False),
        ("3fff::1", False),
        ("2606:4700::5efe:7f00:1", False),
        ("2606:4700::200:5efe:7f00:1", False),
    ],
)
def test_only_addresses_of_the_public_internet_pass(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_name_is_resolved_once_and_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(give_picture) as (host, seen):
        port = int(host.split(":")[1])
        resolved: list[str] = []

        def resolver(name: str, port: int, *_: Any, **__: Any) -> list[Any]:
            if name[0].isalpha():
                resolved.append(name)
            address = "127.0.0.1" if len(resolved) == 1 else "10.9.9.9"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        assert fetch(f"http://pictures.example:{port}/", f"pictures.example:{port}") == PICTURE
    assert resolved == ["pictures.example"]
    assert seen[0]["host"] == f"pictures.example:{port}"


def test_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ("93.184.216.34", "10.0.0.1")
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(InvalidUrl):
        fetch("http://pictures.example/")


def test_redirect_is_followed_and_guarded_like_the_first_address() -> None:
    with serving(give_picture) as (inner, inner_seen):

        def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
            if handler.path == "/relative":
                send(handler, 302, Location="/picture")
            elif handler.path == "/elsewhere":
                send(handler, 307, Location=f"http://{inner}/")
            elif handler.path == "/broken":
                send(handler, 302, Location="http://[")
            elif handler.path == "/loop":
                send(handler, 301, Location="/loop")
            else:
                give_picture(handler)

        with serving(redirect) as (outer, outer_seen):
            assert fetch(f"http://{outer}/relative", outer) == PICTURE
            with pytest.raises(InvalidUrl):
                fetch(f"http://{outer}/elsewhere", outer)
            assert inner_seen == []
            assert fetch(f"http://{outer}/elsewhere", outer, inner) == PICTURE
            with pytest.raises(InvalidUrl):
                fetch(f"http://{outer}/broken", outer)
            outer_seen.clear()
            with pytest.raises(InvalidUrl, match="too many redirects"):
                fetch(f"http://{outer}/loop", outer)
            assert len(outer_seen) == 5


def test_status_other_than_200_is_told_without_the_body() -> None:
    with (
        serving(lambda handler: send(handler, 403, b"internal note")) as (host, _),
        pytest.raises(InvalidUrl, match='Remote server error returned: "403 Forbidden"') as failed,
    ):
        fetch(f"http://{host}/", host)
    assert "internal note" not in failed.value.message


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


@pytest.mark.parametrize("slow", [drip_headers, drip_body])
def test_server_that_drips_is_cut_at_the_deadline(slow: Answer) -> None:
    with serving(slow) as (host, _), pytest.raises(OperationTimeOut):
        fetch(f"http://{host}/", host, seconds=0.4)


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


def test_server_that_is_not_there_is_an_invalid_url() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(InvalidUrl, match="the connection failed"):
            fetch(f"http://{host}/", host)
