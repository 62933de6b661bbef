"""The service as a process of its own whose queue and timer functions run: training goes its real way.

Prints its URL, then serves until its standard input ends. The hosts of an address book (short_links.py) are found on
this machine; the guard of shared/wire/destination.py sees the public addresses that the book gives them."""

import json
import os
import socket
import sys
from typing import Any

from function_app import app
from infra.local.host import LocalHost
from shared.wire import destination
from tests.sdk.short_links import BOOK


def use(book: dict[str, tuple[str, int]]) -> None:
    """For this process's name resolution and routing: `book` is host -> public address, port here."""
    resolve, connect = destination.resolve, socket.create_connection
    routes = {address: ("127.0.0.1", port) for address, port in book.values()}

    def resolved(host: str, port: int) -> list[str]:
        return [book[host][0]] if host in book else resolve(host, port)

    def connected(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
        return connect(routes.get(address[0], address), *arguments, **options)

    destination.resolve = resolved
    socket.create_connection = connected  # type: ignore[assignment]


if __name__ == "__main__":
    use(json.loads(os.environ.get(BOOK, "{}")))
    with LocalHost(app, port=0) as host:
        print(host.url, flush=True)
        sys.stdin.read()
