"""A model file that asks for what none may is refused before ONNX Runtime is given it, whatever hash is pinned."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from infra.convert import encoding
from shared.engine import ManifestInvalid, ModelLibrary, ModelUnsafe, ModelUnusable, models
from shared.engine.onnx_file import inspect
from tests import own_models
from tests.engine.conftest import MODELS

SHAPE = ("N", 3, 112, 112)
NODE = encoding.node("Relu", ("input",), "output", {})
WEIGHTS = encoding.tensor("weights", np.ones((2, 3), np.float32))


def graph(*fields: bytes) -> bytes:
    """An ONNX file with these fields in its graph beside an input and an output."""
    inside = b"".join(
        (
            *fields,
            encoding.sized(11, encoding.value_info("input", SHAPE)),
            encoding.sized(12, encoding.value_info("output", SHAPE)),
        )
    )
    return encoding.integer(1, 8) + encoding.sized(7, inside) + encoding.sized(8, encoding.integer(2, 13))


def with_attribute(content: bytes) -> bytes:
    return graph(encoding.sized(1, NODE + encoding.sized(5, content)))


def nested(deep: int) -> bytes:
    inside = encoding.sized(1, NODE)
    for _ in range(deep):
        inside = encoding.sized(1, NODE + encoding.sized(5, encoding.sized(6, inside)))
    return graph(inside)


ELSEWHERE = encoding.sized(13, encoding.text(1, "location") + encoding.text(2, "../../../etc/passwd"))
HUGE = encoding.integer(1, 1 << 40) + encoding.integer(2, 1) + encoding.text(8, "huge")

UNSAFE = {
    "weights in another file": graph(encoding.sized(5, WEIGHTS + ELSEWHERE)),
    "weights in another file: weights": graph(encoding.sized(5, WEIGHTS + encoding.integer(14, 1))),
    "another file: ": with_attribute(encoding.text(1, "value") + encoding.sized(5, ELSEWHERE)),
    "declares more than it holds: huge": graph(encoding.sized(5, HUGE)),
    "more than it holds: negative": graph(encoding.sized(5, encoding.integer(1, -1) + encoding.text(8, "negative"))),
    "an attribute twice": with_attribute(encoding.sized(5, WEIGHTS) * 2),
    "sparse weights": graph(encoding.sized(15, b"")),
    "not ONNX's: evil.Relu": graph(encoding.sized(1, NODE + encoding.text(7, "evil"))),
    "graphs in graphs": nested(6),
    "functions of its own": graph(encoding.sized(1, NODE)) + encoding.sized(25, b""),
    "not one graph": graph() + encoding.sized(7, b""),
    "no ONNX file": b"MZ\x90\x00" * 20,
    "no ONNX file: a field reaches over": graph(encoding.sized(1, NODE))[:-9],
}


@pytest.mark.parametrize("said", UNSAFE)
def test_a_file_that_asks_for_what_none_may_is_refused_by_what_it_asks(said: str) -> None:
    with pytest.raises(ModelUnsafe, match=said):
        inspect(UNSAFE[said])


def test_graphs_in_a_graph_are_looked_through() -> None:
    inspect(nested(2))
    outside = encoding.sized(1, NODE + encoding.sized(5, encoding.sized(6, encoding.sized(5, WEIGHTS + ELSEWHERE))))
    with pytest.raises(ModelUnsafe, match="another file"):
        inspect(graph(outside))


@pytest.mark.parametrize("file", sorted(MODELS.glob("*.onnx")), ids=lambda file: file.stem)
def test_real_models_are_read_as_onnx_runtime_reads_them(file: Path, library: ModelLibrary) -> None:
    found = inspect(file.read_bytes())
    for name, model in library.manifest.models.items():
        if model.file == file.name:
            session = library.session(name)
            assert found.inputs == session.inputs
            assert found.outputs.keys() == session.outputs.keys() - model.inner.keys()
    assert all(shape for shape in (*found.inputs.values(), *found.outputs.values()))


def _own(folder: Path, content: bytes) -> ModelLibrary:
    """A library with an owner's model of these bytes, `arc-file`, whose hash is pinned."""
    described = own_models.document()
    described["models"]["arc-file"]["sha256"] = sha256(content).hexdigest()
    own_models.make(folder, described)
    (folder / "arc.onnx").write_bytes(content)
    return ModelLibrary.survey(own=folder)


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """ONNX Runtime is not to be reached."""
    monkeypatch.setattr(models, "Session", lambda *_: pytest.fail("a session was made"))
    return iter(())


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("said", UNSAFE)
def test_an_owners_file_is_refused_before_a_session_is_made(tmp_path: Path, said: str) -> None:
    with pytest.raises(ModelUnsafe):
        _own(tmp_path, UNSAFE[said]).session("arc-file")


@pytest.mark.usefixtures("no_session")
def test_a_file_of_another_shape_is_refused_before_a_session_is_made(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="outputs are not those"):
        _own(tmp_path, graph(encoding.sized(1, NODE))).session("arc-file")


def test_an_operator_that_is_not_known_is_named_and_nothing_runs(tmp_path: Path) -> None:
    inside = (
        encoding.sized(1, encoding.node("Frobnicate", ("input",), "embedding", {}))
        + encoding.text(2, "graph")
        + encoding.sized(11, encoding.value_info("input", SHAPE))
        + encoding.sized(12, encoding.value_info("embedding", ("N", 128)))
    )
    operators = encoding.sized(8, encoding.text(1, "") + encoding.integer(2, 13))
    content = encoding.integer(1, 8) + encoding.sized(7, inside) + operators
    with pytest.raises(ModelUnusable, match="Frobnicate"):
        _own(tmp_path, content).session("arc-file")
