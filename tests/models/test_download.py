"""A published file is taken whole and as it is pinned, or not at all; what was interrupted goes on where it stopped."""

import hashlib
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.models import download
from infra.models.download import Patience
from infra.models.errors import CannotStore, Unavailable
from infra.models.published import PublishedFile
from tests.models import publishers
from tests.models.publishers import Publishers

CONTENT = bytes(range(256)) * 2000  # several blocks
HASH = hashlib.sha256(CONTENT).hexdigest()
FILE = "model.tflite"


@pytest.fixture
def server() -> Iterator[Publishers]:
    with publishers.serving({f"/one/{FILE}": CONTENT, f"/two/{FILE}": CONTENT}) as running:
        yield running


def published(server: Publishers, *roots: str) -> PublishedFile:
    addresses = tuple(f"{server.url}/{root}/{FILE}" for root in roots or ("one",))
    return PublishedFile(FILE, ".tflite", HASH, len(CONTENT), addresses)


class Waits:
    """Seconds that were waited, none of them really."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def patience(self, **other: float) -> Patience:
        return replace(Patience(silence=1, wait=self.seconds.append), **other)  # type: ignore[arg-type]


def fetched(file: PublishedFile, folder: Path, patience: Patience | None = None) -> bytes:
    return download.fetch(file, folder, patience or Waits().patience(), lambda _: None).read_bytes()


def refused(file: PublishedFile, folder: Path, patience: Patience | None = None) -> str:
    with pytest.raises(Unavailable) as caught:
        fetched(file, folder, patience)
    assert not (folder / HASH).exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_asked_for_once(server: Publishers, tmp_path: Path) -> None:
    assert fetched(published(server), tmp_path) == CONTENT
    assert fetched(published(server), tmp_path) == CONTENT
    assert server.asked_for(FILE) == [""]


def test_an_interrupted_download_goes_on_where_it_stopped(server: Publishers, tmp_path: Path) -> None:
    server.fails(FILE, publishers.cut, publishers.cut)
    assert fetched(published(server), tmp_path) == CONTENT
    half, quarter = len(CONTENT) // 2, len(CONTENT) // 4
    assert server.asked_for(FILE) == ["", f"bytes={half}-", f"bytes={half + quarter}-"]


def test_what_an_earlier_run_got_is_not_fetched_again(server: Publishers, tmp_path: Path) -> None:
    (tmp_path / f"{HASH}.part").write_bytes(CONTENT[:1000])
    assert fetched(published(server), tmp_path) == CONTENT
    assert server.asked_for(FILE) == ["bytes=1000-"]


def test_a_server_that_cannot_go_on_gives_the_whole(server: Publishers, tmp_path: Path) -> None:
    (tmp_path / f"{HASH}.part").write_bytes(CONTENT[:1000])
    server.fails(FILE, publishers.starting_anew)
    assert fetched(published(server), tmp_path) == CONTENT


@pytest.mark.parametrize("rubbish", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 9)])
def test_rubbish_of_an_earlier_run_is_thrown_away(server: Publishers, tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / f"{HASH}.part").write_bytes(rubbish)
    (tmp_path / HASH).write_bytes(rubbish)
    assert fetched(published(server), tmp_path) == CONTENT


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (publishers.altered, rf"sha256 is \w+, not {HASH}"),
        (publishers.shorter, f"it is {len(CONTENT) // 2} bytes, not {len(CONTENT)}"),
        (publishers.login, f"it is 26 bytes, not {len(CONTENT)}"),
        (publishers.endless, f"it is more than {len(CONTENT)} bytes"),
        (publishers.absent, "it answers 404"),
        (publishers.trickling, "bytes came in 0.2 s"),
    ],
)
def test_another_address_is_asked_where_one_has_no_such_file(
    server: Publishers, tmp_path: Path, answer: publishers.Answer, said: str
) -> None:
    patience = Waits().patience(window=0.2)
    server.fails(FILE, answer, answer)
    text = refused(published(server, "one", "two"), tmp_path, patience)
    assert len(re.findall(said, text)) == 2
    assert len(server.asked_for(FILE)) == 2  # nothing is gained by asking one of them again
    server.fails(FILE, answer)
    assert fetched(published(server, "one", "two"), tmp_path, patience) == CONTENT


def test_a_busy_or_silent_server_is_asked_again_after_longer_and_longer(server: Publishers, tmp_path: Path) -> None:
    waits = Waits()
    server.fails(FILE, publishers.busy, publishers.busy, publishers.busy)
    assert fetched(published(server), tmp_path, waits.patience()) == CONTENT
    assert waits.seconds == [1, 2, 4]
    server.fails(FILE, *[publishers.busy] * 4)
    (tmp_path / HASH).unlink()
    assert "it answers 503" in refused(published(server), tmp_path, waits.patience())


def test_a_server_that_falls_silent_is_asked_for_the_rest(server: Publishers, tmp_path: Path) -> None:
    server.fails(FILE, publishers.silent)
    assert fetched(published(server), tmp_path, Waits().patience(silence=0.3)) == CONTENT
    assert server.asked_for(FILE) == ["", f"bytes={len(CONTENT) // 2}-"]


def test_without_a_network_the_error_says_what_can_be_done(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/{FILE}"
        text = refused(PublishedFile(FILE, ".tflite", HASH, len(CONTENT), (address,)), tmp_path)
    assert "no connection: Connection refused" in text
    assert download.OFFLINE in text


def test_a_proxy_is_used_and_named_where_it_wants_a_login(
    server: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    file = PublishedFile(FILE, ".tflite", HASH, len(CONTENT), (f"http://far.example/{FILE}",))
    server.files[f"http://far.example/{FILE}"] = CONTENT
    server.fails(FILE, lambda handler, _: handler.send_error(407))
    assert "the proxy wants a login" in refused(file, tmp_path)
    assert fetched(file, tmp_path) == CONTENT


def test_a_full_disk_is_named_and_the_next_run_goes_on(server: Publishers, tmp_path: Path) -> None:
    part = tmp_path / f"{HASH}.part"
    part.symlink_to("/dev/full")
    with pytest.raises(CannotStore, match="No space left on device"):
        fetched(published(server, "one", "two"), tmp_path)
    assert len(server.asked_for(FILE)) == 1  # another address would not help
    part.unlink()
    assert fetched(published(server), tmp_path) == CONTENT
