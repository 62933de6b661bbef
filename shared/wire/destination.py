"""Where a URL that a client chose may lead: which host, which port, and which addresses, of the public internet alone.

A host is what it says: a name of letters, digits, hyphens, dots and underscores, or an address in its usual form. What
programs read in different ways (0x7f.1, 2130706433, credentials, zones, spaces, percent signs) is refused before
anybody is asked.
"""

import ipaddress
import queue
import re
import socket
import threading
import time
from collections.abc import Set
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from shared.errors import FaceError, InvalidUrl, OperationTimeOut

PORTS = {"http": 80, "https": 443}
URL_SAFE = "/%:@!$&'()*+,;=~-._?"
NAME = re.compile(r"[a-z0-9._-]{1,253}\.?")
NUMBER = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?")  # no name ends so, and some read it as an address
NO_MORE = "the host does not lead to public addresses"
"""One answer, whatever the reason: it does not tell which names a private network knows."""

WIRE_SERVER = ipaddress.ip_address("168.63.129.16")  # Azure's own agent: a public address that only looks outside
INTERNET = ipaddress.ip_network(
    "2000::/3"
)  # all that IPv6 has given out; NAT64, local and mapped addresses are outside
# Tunnels into other addresses, and ranges that Python 3.11 still takes for public.
NOT_PUBLIC = [
    ipaddress.ip_network(net) for net in ("2001::/23", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")
]
ISATAP, ISATAP_BITS = 0x0000_5EFE, 0xFCFF_FFFF  # upper half of an interface id that holds an IPv4 address


@dataclass(frozen=True, slots=True)
class Destination:
    """`target`: path and query as they go on the wire. `addresses`: every one of them may be connected to."""

    scheme: str
    host: str
    port: int
    target: str
    addresses: list[str]


def find(url: str, deadline: float, allowed_hosts: Set[str]) -> Destination:
    """`allowed_hosts`: see `authority`; they may have any address and port. Raises InvalidUrl, OperationTimeOut."""
    parts = _split(url)
    host, port = _host(str(parts.hostname)), parts.port or PORTS[parts.scheme]
    exempt = authority(parts) in allowed_hosts
    if not exempt and port != PORTS[parts.scheme]:
        raise InvalidUrl
    addresses = _resolved(host, port, deadline)
    if not addresses or not (exempt or all(is_public(address) for address in addresses)):
        raise failed(NO_MORE)
    return Destination(parts.scheme, host, port, _target(parts), addresses)


def authority(parts: SplitResult) -> str:
    """Host and port, as an owner names those that are exempt: in lower case, an IPv6 address in brackets."""
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{host}:{parts.port or PORTS[parts.scheme]}"


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, local, reserved, multicast, a tunnel
    into another address or a cloud's own service."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip not in INTERNET or (int(ip) >> 32) & ISATAP_BITS == ISATAP:
            return False
    if any(ip in network for network in NOT_PUBLIC):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip != WIRE_SERVER


def failed(reason: str) -> FaceError:
    return InvalidUrl(
        f'Invalid image URL or error downloading from target server. Remote server error returned: "{reason}"'
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        acceptable = parts.scheme in PORTS and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        raise InvalidUrl from None
    if not acceptable:
        raise InvalidUrl
    return parts


def _host(host: str) -> str:
    """In ASCII, the one form that is resolved, checked and spoken to."""
    try:
        if ":" in host and "%" not in host:
            return str(ipaddress.IPv6Address(host))
        name = host.encode("idna").decode("ascii").lower()
        if NUMBER.fullmatch(name):
            return str(ipaddress.IPv4Address(name))
    except ValueError:
        raise InvalidUrl from None
    if not NAME.fullmatch(name):
        raise InvalidUrl
    return name


def _target(url: SplitResult) -> str:
    """What people leave unescaped, such as spaces and umlauts, is escaped."""
    query = f"?{quote(url.query, URL_SAFE)}" if url.query else ""
    try:
        return quote(url.path or "/", URL_SAFE) + query
    except UnicodeError:
        raise InvalidUrl from None


def _resolved(host: str, port: int, deadline: float) -> list[str]:
    """A name server may be as slow as any other: the system's own limit is not ours, so it is waited for no longer."""
    found: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    threading.Thread(target=lambda: found.put(resolve(host, port)), daemon=True).start()
    try:
        return found.get(timeout=max(deadline - time.monotonic(), 0.0))
    except queue.Empty:
        raise OperationTimeOut from None


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host; none where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return []
    return [str(sockaddr[0]) for *_, sockaddr in found]
