"""TCP ports of this machine's loopback address."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> tuple[int, ...]:
    """Ports nobody listens on, all different. Another process may still take one before it is used."""
    with ExitStack() as stack:
        return tuple(stack.enter_context(_bound(0)).getsockname()[1] for _ in range(count))


def are_free(ports: Sequence[int]) -> bool:
    try:
        with ExitStack() as stack:
            for port in ports:
                stack.enter_context(_bound(port))
    except OSError:
        return False
    return True


def _bound(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((LOOPBACK, port))
    except OSError:
        found.close()
        raise
    return found
