"""Attributes are measured face by face, only those that were asked for, with only the models that they need."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from shared.engine import Attributes, Engine, ModelLibrary, ModelsMissing, decode
from shared.engine.attributes import MEASURES, mask, quality
from shared.engine.manifest import load
from tests import faces
from tests.engine import samples
from tests.engine.conftest import MODELS


def test_every_attribute_has_a_measure_and_its_model_a_pin() -> None:
    assert [field.name for field in fields(Attributes)] == list(MEASURES)
    assert {mask.MODEL, quality.MODEL} <= load().models.keys()


@pytest.mark.parametrize("name", MEASURES)
def test_only_what_was_asked_for_is_there(name: str, engine: Engine) -> None:
    picture = decode(samples.PORTRAIT.read_bytes())
    (found,) = engine.attributes(picture, engine.detect(picture), [name])
    assert [field.name for field in fields(found) if getattr(found, field.name) is not None] == [name]


def test_an_attribute_runs_no_model_but_its_own(engine: Engine, tmp_path: Path) -> None:
    """In an installation that has no other: a small face needs no mesh for its quality either."""
    for model in (mask.MODEL, quality.MODEL):
        file = load().models[model].file
        (tmp_path / file).symlink_to(MODELS / file)
    alone = Engine(ModelLibrary(load(), [tmp_path]))
    picture = decode(samples.encoded(samples.collage((600, 400), 60, 2), "PNG"))
    found = engine.detect(picture)
    assert len(alone.attributes(picture, found, ["mask", "quality_for_recognition"])) == 2
    with pytest.raises(ModelsMissing, match="landmarks"):
        alone.attributes(picture, found, ["head_pose"])


def test_a_batch_gives_each_face_what_it_gets_alone(engine: Engine) -> None:
    picture = decode(faces.pictures("crowd")[0].read_bytes())
    found = engine.detect(picture, limit=20)
    assert len(found) == 20
    together = engine.attributes(picture, found, MEASURES)
    for face, attributes in zip(found, together, strict=True):
        (alone,) = engine.attributes(picture, [face], MEASURES)
        assert (alone.quality_for_recognition, _numbers(alone)[0]) == (
            attributes.quality_for_recognition,
            _numbers(attributes)[0],
        )
        assert _numbers(alone)[1:] == pytest.approx(_numbers(attributes)[1:], abs=0.01)


def _numbers(attributes: Attributes) -> tuple[str, float, float, float, float]:
    pose, worn = attributes.head_pose, attributes.mask
    assert pose is not None
    assert worn is not None
    return worn.kind, worn.score, pose.pitch, pose.roll, pose.yaw


def test_meshes_that_the_caller_has_are_not_made_again(engine: Engine) -> None:
    picture = decode(samples.FAMILY.read_bytes())
    found = engine.detect(picture)
    meshes = engine.landmarks(picture, found)
    made = engine.attributes(picture, found, ["head_pose"])
    assert engine.attributes(picture, found, ["head_pose"], meshes) == made
    assert engine.attributes(picture, found, ["head_pose"], np.flip(meshes, axis=0)) == made[::-1]


def test_no_faces_have_no_attributes(engine: Engine) -> None:
    assert engine.attributes(decode(samples.PORTRAIT.read_bytes()), [], MEASURES) == []
