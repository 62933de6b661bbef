"""A network for this process that leads nowhere but to servers on this machine, and tells who was asked for.

Names are resolved by a book, with ill will: what stands in none is read as an address however somebody might read it.
Parsing, checking, connecting and TLS are the code's own. An audit hook, which the interpreter calls for every socket
whoever made it, tells where it really went.
"""

import errno
import re
import socket
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest

Place = tuple[str, int]

_really_resolve, _real_socket = socket.getaddrinfo, socket.socket
_watching: "list[Network]" = []


@dataclass
class Network:
    """`book`: what a name resolves to, a list of addresses for each time that it is asked; the last one stays.
    `routes`: a place -> the port on this machine that stands for it; nothing else can be reached.
    `wanted`: where the code wanted to connect or send to; `left`: where the interpreter really went."""

    book: dict[str, list[list[str]]] = field(default_factory=dict)
    routes: dict[Place, int] = field(default_factory=dict)
    wanted: list[Place] = field(default_factory=list)
    left: list[Place] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        """Stands for getaddrinfo. Of the real one it uses what reads addresses and asks nobody."""
        name = host.lower().rstrip(".")
        answers = self.book.get(name)
        self.resolved.append(name)
        if answers is None:
            return _read(host, port) or _read(readable(host), port) or _nobody()
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [found for address in addresses for found in _read(address, port)]

    def lead(self, place: Any) -> Place:
        """Where a connection to `place`, of four parts in IPv6, goes. Raises OSError where nothing stands for it."""
        self.wanted.append(place[:2])
        if place[:2] not in self.routes:
            raise OSError(errno.ENETUNREACH, "nothing is there")
        return ("127.0.0.1" if len(place) == 2 else "::ffff:127.0.0.1"), self.routes[place[:2]]


def _read(address: str, port: int) -> list[Any]:
    with suppress(OSError, ValueError):
        return list(_really_resolve(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    return []


def _nobody() -> list[Any]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def readable(host: str) -> str:
    """The address that the worst of resolvers might see in a name."""
    text = unicodedata.normalize("NFKC", unquote(host)).strip()
    if hidden := re.search(r"(\d+)[.-](\d+)[.-](\d+)[.-](\d+)\.(?:nip|sslip)\.io", text):
        return ".".join(hidden.groups())
    if hidden := re.search(r"\b([0-9a-f]{8})\.nip\.io", text):
        return f"0x{hidden[1]}"
    return re.split(r"[\x00-\x20\x7f\\/%@?#;,]", text)[0].rstrip(".")


@contextmanager
def network(patch: pytest.MonkeyPatch, **given: Any) -> Iterator[Network]:
    """The only one that this process has, until the end of the block."""
    now = Network(**given)

    class Diverted(_real_socket):  # type: ignore[misc, valid-type]
        def connect(self, place: Any) -> None:
            super().connect(now.lead(place))

        def connect_ex(self, place: Any) -> int:
            return int(super().connect_ex(now.lead(place)))

        def sendto(self, data: Any, *flags_and_place: Any) -> int:
            return int(super().sendto(data, now.lead(flags_and_place[-1])))

    with patch.context() as patched:
        patched.setattr(socket, "getaddrinfo", now.resolve)
        patched.setattr(socket, "socket", Diverted)
        _watching.append(now)
        try:
            yield now
        finally:
            _watching.remove(now)


def _heard(event: str, arguments: Any) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        for each in _watching:
            each.left.append(arguments[1][:2])


sys.addaudithook(_heard)  # for good: an interpreter forgets none, so it is one for all tests
