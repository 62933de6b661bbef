"""`python dev.py models fetch`: from the publishers' files to a folder of verified models, whatever comes between."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from infra.convert import encoding
from infra.models import cache
from infra.models.__main__ import main
from infra.models.errors import CannotStore
from infra.models.fetch import Progress
from shared.engine.manifest import load
from tests import own_models
from tests.engine.conftest import MODELS
from tests.models import publishers
from tests.models.publishers import Publishers

CHECKOUT = Path(__file__).parents[2]
SMALL = ("yunet-2026may", "minifasnet-v2")
FILES = tuple(load().models[name].file for name in SMALL)
PUBLISHED = ("yunet_s_640_640.onnx", "MiniFASNetV2.onnx")


@pytest.fixture
def server() -> Iterator[Publishers]:
    with publishers.serving() as running:
        yield running


def process(folder: Path, server: Publishers, *names: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "infra.models", "fetch", "--mirror", server.url, *names],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "FACE_MODELS_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


class Command:
    """The command as a function: exit code, output, and what was said of errors."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._captured = monkeypatch, captured

    def __call__(self, folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
        with self._monkeypatch.context() as environment:
            for name, value in {"FACE_MODELS_DIR": str(folder), **settings}.items():
                environment.setenv(name, value)
            code = main(["fetch", *arguments])
        return code, *self._captured.readouterr()


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def models_in(folder: Path) -> set[str]:
    """Of the files that the service would look at."""
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_models_are_fetched_once_after_their_sizes_and_licences_were_shown(
    fetch: Command, server: Publishers, tmp_path: Path
) -> None:
    code, output, _ = fetch(tmp_path, "--mirror", server.url, *SMALL)
    assert code == 0
    shown, _, after = output.partition("docs/models.md")
    for name in SMALL:
        model = load().models[name]
        assert f"{name}: {model.sources[0].bytes / 1e6:.1f} MB; {model.licence}; commercial use: review" in shown
        assert model.training_data in shown
        assert f"{name}: verified" in after
    assert models_in(tmp_path) == set(FILES)
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (MODELS / file).read_bytes()
    asked = len(server.asked)
    assert asked == 2
    code, output, _ = fetch(tmp_path, "--mirror", server.url, *SMALL)
    assert (code, output) == (0, "Every model that is asked for is here and verified.\n")
    assert len(server.asked) == asked
    assert models_in(tmp_path / cache.FETCHING) == {"lock"}  # the published files are not kept


def test_a_plan_fetches_nothing(fetch: Command, server: Publishers, tmp_path: Path) -> None:
    code, output, _ = fetch(tmp_path / "new", "--mirror", server.url, "--plan")
    assert code == 0
    assert "reidentification-0095: 2.6 MB" in output
    assert not server.asked
    assert not (tmp_path / "new").exists()


def test_a_download_that_fails_leaves_what_is_whole_and_the_next_run_recovers(
    fetch: Command, server: Publishers, tmp_path: Path
) -> None:
    server.fails(PUBLISHED[1], *[publishers.altered] * 2)
    code, _, errors = fetch(tmp_path, "--mirror", server.url, *SMALL)
    assert code == 1
    assert errors.splitlines()[-1].startswith("models: MiniFASNetV2.onnx was not to be had: ")
    assert models_in(tmp_path) == {FILES[0]}
    code, _, _ = fetch(tmp_path, "--mirror", server.url, *SMALL)
    assert (code, models_in(tmp_path)) == (0, set(FILES))
    assert len(server.asked_for(PUBLISHED[0])) == 1


def test_an_altered_file_in_the_cache_is_replaced(fetch: Command, server: Publishers, tmp_path: Path) -> None:
    (tmp_path / FILES[0]).write_bytes(b"altered")
    assert fetch(tmp_path, "--mirror", server.url, SMALL[0])[0] == 0
    assert (tmp_path / FILES[0]).read_bytes() == (MODELS / FILES[0]).read_bytes()


def test_two_at_once_fetch_everything_once(server: Publishers, tmp_path: Path) -> None:
    server.fails(PUBLISHED[0], publishers.unhurried)
    with process(tmp_path, server, *SMALL) as one, process(tmp_path, server, *SMALL) as other:
        said = [running.communicate(timeout=120)[0] for running in (one, other)]
    assert (one.returncode, other.returncode) == (0, 0)
    assert any("Another process fetches models" in text for text in said)
    assert len(server.asked) == 2
    assert models_in(tmp_path) == set(FILES)


@pytest.mark.slow
def test_a_killed_run_is_gone_on_from(fetch: Command, server: Publishers, tmp_path: Path) -> None:
    server.fails(PUBLISHED[1], publishers.silent)
    with process(tmp_path, server, SMALL[1]) as running:
        part = tmp_path / cache.FETCHING / f"{load().models[SMALL[1]].sources[0].sha256}.part"
        half = load().models[SMALL[1]].sources[0].bytes // 2
        while not (part.exists() and part.stat().st_size == half):
            assert running.poll() is None
        running.kill()
    assert fetch(tmp_path, "--mirror", server.url, SMALL[1])[0] == 0
    assert server.asked_for(PUBLISHED[1]) == ["", f"bytes={half}-"]


def test_a_full_disk_is_named_and_leaves_no_model(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"the old one")
    (tmp_path / "model.onnx.unfinished").symlink_to("/dev/full")
    with pytest.raises(CannotStore, match=r"model\.onnx: No space left on device"):
        cache.store(b"the new one", file)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    assert file.read_bytes() == b"the old one"
    with pytest.raises(CannotStore, match="MB are free"):
        cache.check_space(tmp_path, shutil.disk_usage(tmp_path).free)


def test_a_folder_that_is_not_to_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotStore, match="file/models/fetching: "), cache.alone(tmp_path / "file" / "models", ""):
        pass


def test_an_owners_model_goes_into_its_folder(fetch: Command, server: Publishers, tmp_path: Path) -> None:
    own = own_models.make(tmp_path / "own")
    content = (own / "arc.onnx").read_bytes()
    (own / "arc.onnx").unlink()
    server.files["/example.com/a"] = content
    code, _, _ = fetch(tmp_path / "ours", "--mirror", server.url, "arc-file", FACE_OWN_MODELS_DIR=str(own))
    assert (code, (own / "arc.onnx").read_bytes()) == (0, content)
    assert models_in(tmp_path / "ours") == set()


def test_an_owners_model_that_asks_for_another_file_is_refused_and_not_stored(
    fetch: Command, server: Publishers, tmp_path: Path
) -> None:
    document = own_models.document()
    outside = encoding.sized(13, encoding.text(1, "location") + encoding.text(2, "../../key"))
    graph = encoding.sized(5, encoding.text(8, "weights") + outside)
    content = encoding.integer(1, 8) + encoding.sized(7, graph)
    pinned = hashlib.sha256(content).hexdigest()
    document["models"]["arc-file"].update(sha256=pinned, sources=[{"url": "https://example.com/a", "sha256": pinned}])
    own = own_models.make(tmp_path / "own", document)
    (own / "arc.onnx").unlink()
    server.files["/example.com/a"] = content
    code, _, errors = fetch(tmp_path / "ours", "--mirror", server.url, "arc-file", FACE_OWN_MODELS_DIR=str(own))
    assert (code, errors.splitlines()[-1]) == (1, "models: a model file has weights in another file: weights")
    assert not (own / "arc.onnx").exists()


def test_a_terminal_shows_how_far_a_download_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr("infra.models.fetch.TOLD_EVERY", 0)
    progress = Progress("model.tflite", 4_000_000)
    for have in (1_000_000, 3_000_000, 4_000_000):
        progress(have)
    lines = [f"\r  model.tflite: {done}.0 of 4.0 MB, {done * 25} %" for done in (1, 3, 4)]
    assert shown.getvalue() == "".join(lines) + "\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "there is no model 'nobody'"),
        (["--mirror", "ftp://mirror", SMALL[0]], "'ftp://mirror' is no address of a mirror"),
        (["--mirror", "http://127.0.0.1:9", SMALL[0]], "Behind a proxy, set HTTPS_PROXY"),
    ],
)
def test_what_cannot_be_fetched_is_one_line(fetch: Command, tmp_path: Path, arguments: list[str], said: str) -> None:
    code, _, errors = fetch(tmp_path, *arguments)
    assert code == 1
    assert said in errors
    assert errors.count("\n") == 1
