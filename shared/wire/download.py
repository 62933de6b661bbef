"""Guarded download of a picture from a URL that a client chose.

`destination.py` says where a URL may lead. The name is resolved once, and the connection goes to an address that was
checked: a name that answers differently the next time gains nothing. Redirects pass the same guard. Size and time are
bounded; the time by a watchdog that cuts the connection, because a slow server can keep single reads alive for ever.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urljoin, urlsplit

from shared.errors import InvalidImageSize, InvalidUrl, OperationTimeOut
from shared.wire.destination import PORTS, Destination, authority, failed, find

MAX_REDIRECTS = 4
REDIRECTS = {301, 302, 303, 307, 308}
CHUNK = 64 * 1024
MOST_DOCUMENT_BYTES, DOCUMENT_SECONDS = 256 * 1024, 5
HEADERS = {"Accept": "image/*, */*;q=0.5", "Accept-Encoding": "identity"}


class Downloader:
    """`allowed_hosts`: those that the owner exempts from the address and port rules, as `authority` writes them."""

    def __init__(self, max_bytes: int, seconds: float, allowed_hosts: frozenset[str] = frozenset()) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._allowed_hosts = allowed_hosts

    def fetch(self, url: str) -> bytes:
        """The body behind an http or https URL. Raises InvalidUrl, InvalidImageSize, OperationTimeOut."""
        deadline = time.monotonic() + self._seconds
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._get(find(url, deadline, self._allowed_hosts), deadline)
            if isinstance(answer, bytes):
                return answer
            url = _joined(url, answer)
        raise failed("too many redirects")

    def _get(self, at: Destination, deadline: float) -> bytes | str:
        """One request: the body, or the place that a redirect names."""
        connection = _Pinned(at, deadline)
        with _until(deadline, connection):
            connection.request("GET", at.target, headers=HEADERS)
            with connection.getresponse() as response:
                return self._accept(response, deadline)

    def _accept(self, response: http.client.HTTPResponse, deadline: float) -> bytes | str:
        if response.status in REDIRECTS and (target := response.getheader("Location")):
            return target
        if response.status != 200:
            raise failed(f"{response.status} {http.client.responses.get(response.status, '')}".strip())
        return self._read(response, deadline)

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        body = bytearray()
        if (response.length or 0) > self._max_bytes:
            raise InvalidImageSize
        while chunk := response.read1(CHUNK):  # read() would take all there is for a chunk whose size is negative
            body += chunk
            if len(body) > self._max_bytes:
                raise InvalidImageSize
        if time.monotonic() >= deadline:  # a cut connection reads like one that ended
            raise OperationTimeOut
        if response.length:
            raise failed("the answer ended early")
        return bytes(body)


def fetched_from(url: str) -> Callable[[], bytes]:
    """What gets a document from an address that the owner chose, which may therefore be any, in bounded size and time.
    It raises as `fetch` does."""
    host = authority(urlsplit(url))
    return partial(Downloader(MOST_DOCUMENT_BYTES, DOCUMENT_SECONDS, frozenset({host})).fetch, url)


class _Pinned(http.client.HTTPConnection):
    """A connection to checked addresses that speaks to the host by its name (Host header, TLS server name)."""

    def __init__(self, at: Destination, deadline: float) -> None:
        self.default_port = PORTS[at.scheme]  # the Host header names any other
        super().__init__(at.host, at.port)
        self._at = at
        self._deadline = deadline
        self._live: socket.socket | None = None  # kept apart: http.client forgets its socket while a body is read

    def connect(self) -> None:
        self._watched(self._reach())
        if self._at.scheme == "https":
            context = ssl.create_default_context()
            tls = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._watched(tls)
            tls.do_handshake()

    def _watched(self, connected: socket.socket) -> None:
        """From here on the watchdog sees it; it may have looked before there was one."""
        self._live = self.sock = connected
        if time.monotonic() >= self._deadline:
            raise TimeoutError

    def _reach(self) -> socket.socket:
        """The first address that answers; a host may have some that this network does not reach."""
        for address in self._at.addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, self.port), self._left() / 2)
        return socket.create_connection((self._at.addresses[-1], self.port), self._left())

    def _left(self) -> float:
        """Seconds until the deadline; socket calls need more than none."""
        return max(self._deadline - time.monotonic(), 0.001)

    def cut(self) -> None:
        """End the connection from another thread, whatever it is doing."""
        if self._live is not None:
            with suppress(OSError):  # it ended by itself
                socket.socket.shutdown(self._live, socket.SHUT_RDWR)  # TLS would put its own state away under a read


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise InvalidUrl from None


@contextmanager
def _until(deadline: float, connection: _Pinned) -> Iterator[None]:
    """Cut the connection at the deadline, and tell a cut from a failure."""
    watchdog = threading.Timer(max(deadline - time.monotonic(), 0.0), connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if time.monotonic() >= deadline:
            raise OperationTimeOut from None
        raise failed("the connection failed") from None
    finally:
        watchdog.cancel()
        connection.close()
