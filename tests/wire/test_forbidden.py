"""No URL leads the download to an address that is not public: told by who was asked for, not by what was answered."""

import http.server
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from shared.errors import FaceError
from shared.wire import destination
from shared.wire.download import Downloader
from tests.servers import http_server
from tests.wire.forbidden import MIXED, NAMES, PUBLIC, SIX, forms
from tests.wire.network import Network, Place, network

FORMS = forms()
OPEN: set[Place] = {(PUBLIC, 80), (PUBLIC, 443), (SIX, 80)}
PICTURE = bytes(range(256)) * 8
REFUSED = (400, "InvalidURL")
BOOK = {
    **{name: [[address]] for name, address in NAMES.items()},
    **{name: [addresses] for name, addresses in MIXED.items()},
    "pictures.example": [[PUBLIC]],
    "xn--bcher-kva.example": [[PUBLIC]],
    "both.example": [[SIX, PUBLIC]],
}


class Redirecting(http.server.BaseHTTPRequestHandler):
    """Leads with the redirects that there are, in turn, from /{number} to a form, and gives a picture elsewhere."""

    targets: ClassVar = FORMS

    def do_GET(self) -> None:
        name = self.path[1:]
        self.send_response((301, 302, 303, 307, 308)[int(name) % 5] if name.isdigit() else 200)
        if name.isdigit():
            self._headers_buffer.append(b"Location: " + _sent(self.targets[int(name)]) + b"\r\n")  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0" if name.isdigit() else str(len(PICTURE)))
        self.end_headers()
        self.wfile.write(b"" if name.isdigit() else PICTURE)

    def log_message(self, *_: Any) -> None:
        return


def _sent(url: str) -> bytes:
    return url.encode("utf-8", "surrogatepass")


@contextmanager
def internet(
    patch: pytest.MonkeyPatch, book: Mapping[str, list[list[str]]] = MappingProxyType({}), *, routes: bool = True
) -> Iterator[Network]:
    """Behind every public address the server above, unless there are to be no routes."""
    with http_server(Redirecting) as port:
        named = {name: [*answers] for name, answers in {**BOOK, **book}.items()}
        with network(patch, book=named, routes=dict.fromkeys(OPEN, port) if routes else {}) as now:
            yield now
            assert set(now.left) <= {
                ("127.0.0.1", port),
                ("::ffff:127.0.0.1", port),
            }  # nothing went round the layer that records


def told(url: str) -> tuple[int, str] | bytes:
    """What a fetch answers: the picture, or status and code."""
    error: FaceError
    try:
        return Downloader(10_000, 5).fetch(url)
    except FaceError as refused:
        error = refused
    assert PUBLIC not in error.message
    assert "word" not in error.message
    return error.status, error.code


def test_there_are_hundreds_of_forms() -> None:
    assert len(FORMS) >= 300


def test_no_form_of_a_forbidden_address_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with internet(monkeypatch, routes=False) as now:
        answers = {url: told(url) for url in FORMS}
    assert {url: answer for url, answer in answers.items() if answer != REFUSED} == {}
    assert now.wanted == []


def test_no_redirect_leads_to_a_forbidden_address(monkeypatch: pytest.MonkeyPatch) -> None:
    on_one_line = {number: url for number, url in enumerate(FORMS) if not set(url) & set("\r\n")}
    with internet(monkeypatch) as now:
        answers = {url: told(f"http://pictures.example/{number}") for number, url in on_one_line.items()}
    within = {url for url, answer in answers.items() if answer == PICTURE}  # relative: on the server that was asked
    assert len(answers) - len(within) >= 300
    assert {url for url, answer in answers.items() if answer != REFUSED} == within
    assert set(now.wanted) == {(PUBLIC, 80)}


def test_without_the_check_the_same_forms_would_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What shows that the layer sees, and that a form was refused for where it leads."""
    monkeypatch.setattr(destination, "is_public", lambda _: True)
    with internet(monkeypatch) as now:
        reached = 0
        for url in FORMS:
            before = len(now.wanted)
            told(url)
            reached += any(place not in OPEN for place in now.wanted[before:])
    assert reached >= 200
    assert {("127.0.0.1", 80), ("169.254.169.254", 80), ("fd00:ec2::254", 80), ("10.0.0.1", 443)} <= set(now.wanted)


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/picture",
        "HTTP://PICTURES.example:80/picture",
        "http://pictures.example./picture",
        "http://bücher.example/picture",
        "http://xn--bcher-kva.example/picture?x=http://127.0.0.1/",
        "http://both.example/picture#@127.0.0.1/",
        f"http://{PUBLIC}/picture?@10.0.0.1/",
        f"http://{PUBLIC}/127.0.0.1/",
        f"http://[::ffff:{PUBLIC}]/picture",
        f"http://[{SIX}]/picture",
    ],
)
def test_public_address_is_asked_for_and_gives_its_picture(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with internet(monkeypatch) as now:
        now.routes[f"::ffff:{PUBLIC}", 80] = now.routes[PUBLIC, 80]
        assert told(url) == PICTURE
    assert len(now.wanted) == len(now.left) == 1


def test_name_that_answers_otherwise_the_second_time_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    inward = [["10.0.0.1"], ["127.0.0.1"]]
    with internet(monkeypatch, {"rebound.example": [[PUBLIC], *inward], "again.example": [*inward, [PUBLIC]]}) as now:
        assert told("http://rebound.example/picture") == PICTURE  # resolved once
        assert told("http://rebound.example/picture") == REFUSED
        assert told("http://again.example/picture") == REFUSED
        assert now.resolved.count("rebound.example") == 2
    assert set(now.wanted) == {(PUBLIC, 80)}


def test_name_that_turns_inwards_between_two_redirects_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with internet(monkeypatch, {"turning.example": [[PUBLIC], ["127.0.0.1"]]}) as now:
        monkeypatch.setattr(Redirecting, "targets", ["http://turning.example/picture"])
        assert told("http://turning.example/0") == REFUSED
    assert now.wanted == [(PUBLIC, 80)]
