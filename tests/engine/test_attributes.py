"""Attributes are measured face by face, only those that were asked for, with only the models that they need."""

from collections import Counter
from collections.abc import Collection
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.engine import Attributes, Engine, ModelLibrary, ModelsMissing, decode
from shared.engine.attributes import MEASURES, OPTIONAL, age_gender, mask, quality, strips
from shared.engine.manifest import load
from shared.engine.sessions import Session
from tests import faces
from tests.engine import samples
from tests.engine.conftest import MODELS
from tests.engine.degraded import blurred, lit, noisy, taken

MESH = load().mesh.model
RUN = {
    "head_pose": {MESH},
    "glasses": {MESH, strips.MODEL},
    "occlusion": {MESH, strips.MODEL},
    "accessories": {MESH, strips.MODEL, mask.MODEL},
    "blur": set(),
    "exposure": set(),
    "noise": set(),
    "mask": {mask.MODEL, MESH, strips.MODEL},
    "quality_for_recognition": {quality.MODEL, MESH, mask.MODEL, strips.MODEL},
    "age": {age_gender.MODEL},
    "gender": {age_gender.MODEL},
    "smile": {MESH},
}
"""Attribute -> the models that run for it."""


class WatchedLibrary(ModelLibrary):
    """Notes every model that is asked for, which is before each batch of faces that it sees."""

    def __init__(self, directories: Collection[Path] = (MODELS,)) -> None:
        super().__init__(load(), tuple(directories))
        self.asked: list[str] = []

    def session(self, name: str, threads: int = 1) -> Session:
        self.asked.append(name)
        return super().session(name, threads)


@pytest.fixture(scope="module")
def watched() -> WatchedLibrary:
    return WatchedLibrary()


def test_every_attribute_has_a_measure_and_its_models_a_pin() -> None:
    assert [field.name for field in fields(Attributes)] == list(MEASURES) == list(RUN)
    for name, models in RUN.items():
        pinned = [load().models[model] for model in models]
        assert {model.name for model in pinned if not model.default} == (
            {OPTIONAL[name]} if name in OPTIONAL else set()
        )


@pytest.mark.parametrize("name", MEASURES)
def test_only_what_was_asked_for_is_there_and_only_its_models_run(name: str, watched: WatchedLibrary) -> None:
    alone = Engine(watched, 1)
    picture = decode(samples.PORTRAIT.read_bytes())
    portrait = alone.detect(picture)
    watched.asked.clear()
    (found,) = alone.attributes(picture, portrait, [name])
    assert [field.name for field in fields(found) if getattr(found, field.name) is not None] == [name]
    assert set(watched.asked) == RUN[name]


def test_asking_for_nothing_runs_nothing(watched: WatchedLibrary) -> None:
    alone = Engine(watched, 1)
    picture = decode(samples.FAMILY.read_bytes())
    family = alone.detect(picture)
    watched.asked.clear()
    assert alone.attributes(picture, family, []) == [Attributes()] * 4
    assert watched.asked == []


def test_what_several_attributes_need_is_worked_out_once(watched: WatchedLibrary) -> None:
    """For all faces of a picture together, too."""
    alone = Engine(watched, 1)
    picture = decode(samples.FAMILY.read_bytes())
    family = alone.detect(picture)
    watched.asked.clear()
    alone.attributes(picture, family, MEASURES)
    assert Counter(watched.asked) == {**dict.fromkeys(set.union(*RUN.values()), 1), strips.MODEL: len(strips.STRIPS)}


def test_a_face_that_is_not_good_anyway_needs_no_mesh_and_no_mask_for_its_quality(
    tmp_path: Path, engine: Engine
) -> None:
    """In an installation that has no other model."""
    file = load().models[quality.MODEL].file
    (tmp_path / file).symlink_to(MODELS / file)
    alone = Engine(WatchedLibrary([tmp_path]))
    picture = decode(samples.encoded(samples.collage((600, 400), 34, 2), "PNG"))
    found = engine.detect(picture)
    assert len(alone.attributes(picture, found, ["quality_for_recognition", "blur", "exposure", "noise"])) == 2
    with pytest.raises(ModelsMissing, match="landmarks"):
        alone.attributes(picture, found, ["head_pose"])


def test_an_installation_that_must_have_an_optional_model_and_lacks_it_says_so_at_once(tmp_path: Path) -> None:
    for name in ("age", "gender"):
        with pytest.raises(ModelsMissing, match="age_gender"):
            Engine(WatchedLibrary([tmp_path]), optional=[name])
    Engine(WatchedLibrary([tmp_path]), optional=["smile"])


def test_no_attribute_is_the_same_for_every_face(engine: Engine) -> None:
    paths = [*faces.pictures("lfw")[::150], *faces.pictures("mask")[:8]]
    image, face = taken(engine, faces.pictures("lfw")[0])
    worse = [blurred(image, face, 0.1), lit(image, -3), lit(image, 3), noisy(image, 40)]
    pictures = [decode(path.read_bytes()) for path in paths]
    pictures += [decode(samples.encoded(one, "BMP")) for one in worse]
    seen: dict[str, list[Any]] = {name: [] for name in MEASURES}
    for picture in pictures:
        for attributes in engine.attributes(picture, engine.detect(picture, limit=1), MEASURES):
            for name in MEASURES:
                seen[name].append(getattr(attributes, name))
    for name, values in seen.items():
        assert len({getattr(value, "level", getattr(value, "kind", value)) for value in values}) >= 2, name


def test_a_batch_gives_each_face_what_it_gets_alone(engine: Engine) -> None:
    picture = decode(faces.pictures("crowd")[0].read_bytes())
    found = engine.detect(picture, limit=20)
    assert len(found) == 20
    together = engine.attributes(picture, found, MEASURES)
    for face, attributes in zip(found, together, strict=True):
        (alone,) = engine.attributes(picture, [face], MEASURES)
        assert _words(alone) == _words(attributes)
        assert _numbers(alone) == pytest.approx(_numbers(attributes), abs=0.01)


def _words(attributes: Attributes) -> list[str]:
    return [value for value in _leaves(attributes) if isinstance(value, str)]


def _numbers(attributes: Attributes) -> list[float]:
    return [value for value in _leaves(attributes) if not isinstance(value, str)]


def _leaves(value: Any) -> list[Any]:
    """The words and numbers that dataclasses are made of."""
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    if not is_dataclass(value):
        return [value]
    return [leaf for field in fields(value) for leaf in _leaves(getattr(value, field.name))]


def test_meshes_that_the_caller_has_are_not_made_again(engine: Engine) -> None:
    picture = decode(samples.FAMILY.read_bytes())
    found = engine.detect(picture)
    meshes = engine.landmarks(picture, found)
    made = engine.attributes(picture, found, ["head_pose"])
    assert engine.attributes(picture, found, ["head_pose"], meshes) == made
    assert engine.attributes(picture, found, ["head_pose"], np.flip(meshes, axis=0)) == made[::-1]


def test_no_faces_have_no_attributes(engine: Engine) -> None:
    assert engine.attributes(decode(samples.PORTRAIT.read_bytes()), [], MEASURES) == []
