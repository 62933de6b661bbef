"""What is built from the published files answers as the files that were compared with their own frameworks."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.engine import Engine, ModelLibrary, decode
from shared.engine.attributes import Attributes
from shared.engine.manifest import load
from shared.engine.sessions import Session, Shape
from tests import faces
from tests.engine import samples
from tests.engine.conftest import MODELS

TOLERANCES = {
    "yunet-2026may": 0.0,
    "reidentification-0095": 2.8e-6,
    "mobilefacenet-128": 0.0,
    "mediapipe-478": 2.7e-4,
    "aizoo-mask": 6.7e-6,
    "glasses-mobilenetv3": 3.5e-6,
    "lightqnet-dm100": 6e-8,
    "age-gender-0013": 2e-7,
    "minifasnet-v2": 0.0,
    "minifasnet-v1se": 0.0,
}
"""Greatest difference, by section 11 of the models' contracts."""

MOST_FEEDS = 3  # of one model

Feed = dict[str, NDArray[np.float32]]


class Watching(Session):
    """A session that notes what it is fed."""

    def __init__(self, session: Session, feeds: list[Feed]) -> None:
        self._watched, self._feeds = session, feeds
        self.threads = session.threads

    @property
    def inputs(self) -> Mapping[str, Shape]:
        return self._watched.inputs

    def run(self, outputs: list[str], inputs: Feed) -> list[NDArray[np.float32]]:
        if len(self._feeds) < MOST_FEEDS:
            self._feeds.append({name: values.copy() for name, values in inputs.items()})
        return self._watched.run(outputs, inputs)


class WatchedLibrary(ModelLibrary):
    """`feeds`: model -> what the engine fed it."""

    feeds: dict[str, list[Feed]]

    def session(self, name: str, threads: int = 1) -> Session:
        return Watching(super().session(name, threads), self.feeds.setdefault(name, []))


def pictures() -> Iterator[bytes]:
    yield samples.FAMILY.read_bytes()
    for name in ("AJ_Cook_0001.jpg", "Aaron_Eckhart_0001.jpg", "Abba_Eban_0001.jpg"):
        file = faces.folder("lfw") / "images" / name
        if file.exists():
            yield file.read_bytes()


@pytest.fixture(scope="session")
def fed() -> dict[str, list[Feed]]:
    """What each model is fed for real pictures: the service's own crops."""
    watched = WatchedLibrary(load(), [MODELS])
    watched.feeds = {}
    engine = Engine(watched, 1, optional=("age", "gender"))
    for data in pictures():
        picture = decode(data)
        found = engine.detect(picture)
        engine.embed(picture, found)
        engine.attributes(picture, found, [*Attributes.__slots__])
        engine.looks([picture], "recognition_04")
    return watched.feeds


@pytest.fixture(scope="session")
def ours(built: Path) -> ModelLibrary:
    return ModelLibrary(load(), [built])


@pytest.mark.parametrize("name", load().models)
def test_a_model_that_is_built_here_answers_to_real_crops_as_the_one_that_was_compared(
    name: str, fed: dict[str, list[Feed]], ours: ModelLibrary, library: ModelLibrary
) -> None:
    outputs = [*load().models[name].outputs, *load().models[name].inner]
    assert fed[name]
    for feed in fed[name]:
        built, compared = (of.session(name).run(outputs, feed) for of in (ours, library))
        for one, other in zip(built, compared, strict=True):
            assert one.shape == other.shape
            assert np.abs(one - other).max() <= TOLERANCES[name]


def test_what_is_built_is_pinned(built: Path) -> None:
    for model in load().models.values():
        assert hashlib.sha256((built / model.file).read_bytes()).hexdigest() == model.pins[-1]


def test_a_batch_gives_what_its_faces_give_alone(ours: ModelLibrary, fed: dict[str, list[Feed]]) -> None:
    for name, model in load().models.items():
        ((source, axes),) = model.inputs.items()
        if isinstance(axes[0], int):
            continue
        outputs, batch = list(model.outputs), np.concatenate([feed[source] for feed in fed[name]])[:3]
        alone = [ours.session(name).run(outputs, {source: batch[[row]]}) for row in range(len(batch))]
        together = ours.session(name).run(outputs, {source: batch})
        for place, values in enumerate(together):
            assert np.allclose(values, np.concatenate([one[place] for one in alone]), atol=1e-5)
