"""The download guard against real servers on this machine, which only an explicit exemption makes reachable."""

import http.server
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from shared.errors import InvalidUrl
from shared.wire.destination import is_public
from tests.sdk.certificates import issue
from tests.sdk.https import https_server
from tests.servers import http_server
from tests.wire.network import Network, network
from tests.wire.origin import PICTURE, fetch, give_picture, send, serving


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


def test_server_that_is_not_there_is_an_invalid_url() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(InvalidUrl, match="the connection failed"):
            fetch(f"http://{host}/", host)


def test_default_port_is_not_named_in_the_host_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signed URL is signed for the host without it."""
    with serving(give_picture) as (host, seen):
        route = {("93.184.216.34", 80): int(host.split(":")[1])}
        with network(monkeypatch, book={"pictures.example": [["93.184.216.34"]]}, routes=route):
            assert fetch("http://pictures.example:80/") == PICTURE
    assert seen[0]["host"] == "pictures.example"


class Leading(http.server.BaseHTTPRequestHandler):
    """Leads to what stands after /to/, and gives a picture elsewhere."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']}{self.path}")
        if self.path.startswith("/to/"):
            send(self, 302, Location=self.path.removeprefix("/to/"))
        else:
            give_picture(self)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Network]:
    """Both ports of a public address, which pictures.example and other.example have; the first has a certificate."""
    Leading.asked.clear()
    issued = issue(tmp_path, "pictures.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(issued.authority))
    book = {name: [["93.184.216.34"]] for name in ("pictures.example", "other.example")}
    with (
        https_server(issued.server, Leading) as tls,
        http_server(Leading) as plain,
        network(monkeypatch, book=book, routes={("93.184.216.34", 443): tls, ("93.184.216.34", 80): plain}) as now,
    ):
        yield now


@pytest.mark.usefixtures("public")
def test_tls_is_spoken_to_the_name_and_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetch("https://pictures.example/") == PICTURE
    with pytest.raises(InvalidUrl, match="the connection failed"):
        fetch("https://other.example/")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(InvalidUrl, match="the connection failed"):
        fetch("https://pictures.example/")
    assert Leading.asked == ["pictures.example/"]


def test_redirect_to_another_scheme_is_guarded_like_any(public: Network) -> None:
    assert fetch("https://pictures.example/to/http://other.example/a") == PICTURE
    assert fetch("http://other.example/to/https://pictures.example/b") == PICTURE
    for inwards in (
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "http://pictures.example:443/",
        "//[::1]/",
        "file:///etc/passwd",
    ):
        for first in ("https", "http"):
            with pytest.raises(InvalidUrl):
                fetch(f"{first}://pictures.example/to/{inwards}")
    assert set(public.wanted) == {("93.184.216.34", 443), ("93.184.216.34", 80)}
    assert [place for place in Leading.asked if "/to/" not in place] == ["other.example/a", "pictures.example/b"]
