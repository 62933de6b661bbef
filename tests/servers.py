"""Web servers of the tests' own, on this machine."""

import http.server
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    """Its port; until the end of the block it serves."""
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def http_server(handler: Callable[..., Any]) -> Iterator[int]:
    """The port of one that answers as `handler`, a class of http.server's, says."""
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as port:
        yield port
