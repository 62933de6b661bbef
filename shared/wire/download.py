"""Guarded download of a picture from a URL that a client chose.

The name is resolved once, every address of it must be public, and the connection goes to an address that was checked:
a name that answers differently the next time gains nothing. Redirects pass the same guard. Size and time are bounded;
the time by a watchdog that cuts the connection, because a slow server can keep single reads alive for ever.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from shared.errors import FaceError, InvalidImageSize, InvalidUrl, OperationTimeOut

MAX_REDIRECTS = 4
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
CHUNK = 64 * 1024
MOST_DOCUMENT_BYTES, DOCUMENT_SECONDS = 256 * 1024, 5
HEADERS = {"Accept": "image/*, */*;q=0.5", "Accept-Encoding": "identity"}
URL_SAFE = "/%:@!$&'()*+,;=~-._?"
WIRE_SERVER = ipaddress.ip_address("168.63.129.16")  # Azure's own agent: a public address that only looks outside
# Tunnels into other addresses, and ranges that Python 3.11 still takes for public.
NOT_PUBLIC = [
    ipaddress.ip_network(net)
    for net in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/23",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
    )
]
ISATAP = {0x0000_5EFE, 0x0200_5EFE}  # upper half of an interface id that holds an IPv4 address


class Downloader:
    """`allowed_hosts`: "host:port" pairs that the owner exempts from the address and port rules, in lower case."""

    def __init__(self, max_bytes: int, seconds: float, allowed_hosts: frozenset[str] = frozenset()) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._allowed_hosts = allowed_hosts

    def fetch(self, url: str) -> bytes:
        """The body behind an http or https URL. Raises InvalidUrl, InvalidImageSize, OperationTimeOut."""
        deadline = time.monotonic() + self._seconds
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._get(_split(url), deadline)
            if isinstance(answer, bytes):
                return answer
            url = _joined(url, answer)
        raise _failed("too many redirects")

    def _get(self, url: SplitResult, deadline: float) -> bytes | str:
        """One request: the body, or the place that a redirect names."""
        connection = self._connect(url, deadline)
        with _until(deadline, connection):
            connection.request("GET", _target(url), headers=HEADERS)
            with connection.getresponse() as response:
                return self._accept(response, deadline)

    def _accept(self, response: http.client.HTTPResponse, deadline: float) -> bytes | str:
        if response.status in REDIRECTS and (target := response.getheader("Location")):
            return target
        if response.status != 200:
            raise _failed(f"{response.status} {http.client.responses.get(response.status, '')}".strip())
        return self._read(response, deadline)

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.read(CHUNK):
            body += chunk
            if len(body) > self._max_bytes:
                raise InvalidImageSize
        if time.monotonic() >= deadline:  # a cut connection reads like one that ended
            raise OperationTimeOut
        if response.length:
            raise _failed("the answer ended early")
        return bytes(body)

    def _connect(self, url: SplitResult, deadline: float) -> "_Pinned":
        host, port = str(url.hostname), url.port or PORTS[url.scheme]
        exempt = f"{host}:{port}" in self._allowed_hosts
        if not exempt and port != PORTS[url.scheme]:
            raise InvalidUrl
        addresses = _resolve(host, port)
        if not exempt and not all(is_public(address) for address in addresses):
            raise InvalidUrl
        return _Pinned(url.scheme, host, port, addresses, deadline)


def fetched_from(url: str) -> Callable[[], bytes]:
    """What gets a document from an address that the owner chose, which may therefore be any, in bounded size and time.
    It raises as `fetch` does."""
    parts = urlsplit(url)
    host = f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"
    return partial(Downloader(MOST_DOCUMENT_BYTES, DOCUMENT_SECONDS, frozenset({host})).fetch, url)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, local, reserved, multicast, a tunnel
    into another address or a cloud's own service."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if (int(ip) >> 32) & 0xFFFF_FFFF in ISATAP:
            return False
    if any(ip in network for network in NOT_PUBLIC):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip != WIRE_SERVER


class _Pinned(http.client.HTTPConnection):
    """A connection to checked addresses that speaks to the host by its name (Host header, TLS server name)."""

    def __init__(self, scheme: str, host: str, port: int, addresses: list[str], deadline: float) -> None:
        super().__init__(host, port)
        self._scheme = scheme
        self._addresses = addresses
        self._deadline = deadline
        self._live: socket.socket | None = None  # kept apart: http.client forgets its socket while a body is read

    def connect(self) -> None:
        self._live = self.sock = self._reach()
        if self._scheme == "https":
            tls = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self._live = self.sock = tls
            tls.do_handshake()
        if time.monotonic() >= self._deadline:  # the watchdog may have looked for a connection before there was one
            raise TimeoutError

    def _reach(self) -> socket.socket:
        """The first address that answers; a host may have some that this network does not reach."""
        for address in self._addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, self.port), self._left() / 2)
        return socket.create_connection((self._addresses[-1], self.port), self._left())

    def _left(self) -> float:
        """Seconds until the deadline; socket calls need more than none."""
        return max(self._deadline - time.monotonic(), 0.001)

    def cut(self) -> None:
        """End the connection from another thread, whatever it is doing."""
        if self._live is not None:
            with suppress(OSError):  # it ended by itself
                socket.socket.shutdown(self._live, socket.SHUT_RDWR)  # TLS would put its own state away under a read


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        acceptable = parts.scheme in PORTS and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        raise InvalidUrl from None
    if not acceptable:
        raise InvalidUrl
    return parts


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise InvalidUrl from None


def _target(url: SplitResult) -> str:
    """Path and query as they go on the wire: what people leave unescaped, such as spaces and umlauts, is escaped."""
    query = f"?{quote(url.query, URL_SAFE)}" if url.query else ""
    return quote(url.path or "/", URL_SAFE) + query


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _failed("the host name could not be resolved") from None
    return [str(sockaddr[0]) for *_, sockaddr in found]


@contextmanager
def _until(deadline: float, connection: _Pinned) -> Iterator[None]:
    """Cut the connection at the deadline, and tell a cut from a failure."""
    watchdog = threading.Timer(max(deadline - time.monotonic(), 0.0), connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except (OSError, http.client.HTTPException, UnicodeError):
        if time.monotonic() >= deadline:
            raise OperationTimeOut from None
        raise _failed("the connection failed") from None
    finally:
        watchdog.cancel()
        connection.close()


def _failed(reason: str) -> FaceError:
    return InvalidUrl(
        f'Invalid image URL or error downloading from target server. Remote server error returned: "{reason}"'
    )
