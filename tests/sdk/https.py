"""Servers that speak TLS, and the way of a client's process to them."""

import contextlib
import http.server
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import http_server, serving


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def https_server(certificate: Path, handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    """Its port on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = _context(certificate).wrap_socket(server.socket, server_side=True)
    with serving(server) as port:
        yield port


@contextmanager
def tls_front(certificate: Path, port: int) -> Iterator[int]:
    """Before a plain server, as a deployment has one: ends TLS, and passes on what is said. Its port."""
    context = _context(certificate)

    class Front(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with (
                contextlib.suppress(OSError),
                context.wrap_socket(self.request, server_side=True) as client,
                socket.create_connection(("127.0.0.1", port)) as plain,
            ):
                _join(client, plain)

    with serving(_Threads(("127.0.0.1", 0), Front)) as found:
        yield found


@contextmanager
def proxy(routes: Mapping[str, int]) -> Iterator[int]:
    """For HTTPS_PROXY: leads each host (`name:port`) to a port on this machine, and to no other at all. Its port."""

    class Tunnel(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            if self.path not in routes:
                self.send_error(403)
                return
            self.send_response(200)
            self.end_headers()
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", routes[self.path])) as reached,
            ):
                _join(self.connection, reached)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            return

    with http_server(Tunnel) as port:
        yield port


class _Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _join(one: socket.socket, other: socket.socket) -> None:
    """Until either ends."""
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
