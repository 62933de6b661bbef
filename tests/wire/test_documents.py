"""What a download asks for, how far it follows, and documents from addresses that the owner chose."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.errors import InvalidImageSize, InvalidUrl, OperationTimeOut
from shared.wire.destination import Destination
from shared.wire.download import _Pinned, fetched_from
from tests.wire.origin import PICTURE, fetch, give_picture, send, serving


def test_document_comes_from_this_machine_where_the_owner_says_so() -> None:
    with serving(give_picture) as (host, seen):
        assert fetched_from(f"http://{host}/keys?v=2")() == PICTURE
        assert seen[0]["path"] == "/keys?v=2"


def test_document_has_at_most_256_kilobytes() -> None:
    most = 256 * 1024
    for size in (most, most + 1):
        with serving(lambda handler, size=size: send(handler, 200, b"x" * size)) as (host, _):  # type: ignore[misc]
            if size == most:
                assert len(fetched_from(f"http://{host}/")()) == most
                continue
            with pytest.raises(InvalidImageSize):
                fetched_from(f"http://{host}/")()


def test_pictures_are_asked_for_as_they_are() -> None:
    with serving(give_picture) as (host, seen):
        fetch(f"http://{host}/", host)
    assert (seen[0]["accept"], seen[0]["accept-encoding"]) == ("image/*, */*;q=0.5", "identity")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 306, 307, 308, 309])
def test_redirects_are_followed_and_nothing_else_that_names_a_place(status: int) -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.path == "/there":
            give_picture(handler)
        else:
            send(handler, status, Location="/there", Content_Length="0")

    with serving(answer) as (host, seen):
        if status in {301, 302, 303, 307, 308}:
            assert fetch(f"http://{host}/", host) == PICTURE
        else:
            with pytest.raises(InvalidUrl, match=str(status)):
                fetch(f"http://{host}/", host)
    assert len(seen) == (2 if status in {301, 302, 303, 307, 308} else 1)


@contextmanager
def silent() -> Iterator[str]:
    """A listener whose queue is full: it stands for a host that drops packets."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(hole.getsockname())
        yield f"127.0.0.1:{hole.getsockname()[1]}"
        for filler in fillers:
            filler.close()


def test_host_with_one_address_that_does_not_answer_is_given_up_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, connect = time.monotonic(), socket.create_connection
    allowed: list[float] = []

    def reach(address: tuple[str, int], timeout: float) -> socket.socket:
        allowed.append(timeout)
        return connect(address, timeout)

    monkeypatch.setattr(socket, "create_connection", reach)
    with silent() as host, pytest.raises(OperationTimeOut):
        fetch(f"http://{host}/", host, seconds=0.3)
    assert time.monotonic() - begun < 3
    assert 0 < allowed[0] <= 0.3


def test_status_that_has_no_name_is_told_by_its_number() -> None:
    with serving(lambda handler: send(handler, 299)) as (host, _), pytest.raises(InvalidUrl) as refused:
        fetch(f"http://{host}/", host)
    assert refused.value.message.endswith('returned: "299"')


def test_end_of_the_process_waits_for_no_watchdog() -> None:
    watching: list[bool] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        watching.extend(thread.daemon for thread in threading.enumerate() if isinstance(thread, threading.Timer))
        give_picture(handler)

    with serving(answer) as (host, _):
        fetch(f"http://{host}/", host)
    assert watching == [True]


def test_cut_of_a_connection_that_has_ended_is_no_error() -> None:
    with serving(give_picture) as (host, _):
        at = Destination("http", "127.0.0.1", int(host.split(":")[1]), "/", ["127.0.0.1"])
        connection = _Pinned(at, time.monotonic() + 5)
        connection.cut()  # there is none yet
        connection.connect()
        connection.close()
        connection.cut()
