"""Where a URL leads: how an exemption is written, what a refusal says, and how long a name is waited for."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from shared.errors import InvalidUrl, OperationTimeOut
from shared.wire.destination import authority, find

FAILED = "Invalid image URL or error downloading from target server. Remote server error returned: "


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://Pictures.Example/a", "pictures.example:80"),
        ("https://pictures.example", "pictures.example:443"),
        ("https://pictures.example:8443/", "pictures.example:8443"),
        ("http://[2001:DB8::1]/", "[2001:db8::1]:80"),
        ("http://[::1]:81/", "[::1]:81"),
    ],
)
def test_exemption_is_host_and_port_with_an_ipv6_address_in_brackets(url: str, written: str) -> None:
    assert authority(urlsplit(url)) == written


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://192.168.0.1/"])
def test_refusal_tells_nothing_of_what_the_host_leads_to(url: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        find(url, time.monotonic() + 5, frozenset())
    assert refused.value.message == f'{FAILED}"the host does not lead to public addresses"'


def test_name_is_waited_for_until_the_deadline_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep, before = threading.Event(), set(threading.enumerate())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asleep.wait(10) and [])
    begun = time.monotonic()
    with pytest.raises(OperationTimeOut):
        find("http://pictures.example/", begun - 1, frozenset())  # it is over already
    assert time.monotonic() - begun < 0.9
    assert all(thread.daemon for thread in set(threading.enumerate()) - before)  # the end of the process waits for none
    asleep.set()
