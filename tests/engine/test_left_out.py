"""An installation may do without some models: then it does without what takes them, and all else goes on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from shared.engine import Engine, ModelLibrary, ModelsMissing, UnknownModel, attributes, decode
from shared.engine.attributes import MEASURES, NEEDS
from shared.engine.liveness import MODELS as FOR_LIVENESS
from shared.engine.manifest import load
from tests.engine import samples
from tests.engine.conftest import MODELS

LEAVABLE = frozenset({"aizoo-mask", "glasses-mobilenetv3", "lightqnet-dm100", "minifasnet-v2", "minifasnet-v1se"})


def test_what_can_be_left_out_is_what_one_attribute_or_liveness_takes() -> None:
    for name in load().models:
        if name in LEAVABLE:
            assert name not in load().without({name}).needed()
        else:
            with pytest.raises(
                UnknownModel, match=f"'{name}' is no model that can be left out; those are aizoo-mask, "
            ):
                load().without({name})
    assert FOR_LIVENESS == LEAVABLE


@pytest.mark.parametrize(
    "needs",
    list(dict.fromkeys([frozenset(), *NEEDS.values()])),
    ids=lambda needs: " ".join(sorted(needs)) or "none",
)
def test_attributes_take_no_other_models_than_they_say(needs: frozenset[str]) -> None:
    names = [name for name in MEASURES if NEEDS.get(name, frozenset()) == needs]
    engine = Engine(ModelLibrary(load().without(LEAVABLE - needs), [MODELS]))
    picture = decode(samples.PORTRAIT.read_bytes())
    assert not engine.unavailable & set(names)
    (measured,) = engine.attributes(picture, engine.detect(picture, limit=1), names)
    assert all(getattr(measured, name) is not None for name in names)
    for model in needs & LEAVABLE:
        assert set(names) <= Engine(ModelLibrary(load().without({model}), [MODELS])).unavailable


def test_liveness_takes_no_other_models_than_it_says() -> None:
    engine = Engine(ModelLibrary(load().without(LEAVABLE - FOR_LIVENESS), [MODELS]))
    assert engine.judges_liveness
    engine.looks([decode(samples.PORTRAIT.read_bytes())], "recognition_04")
    for model in FOR_LIVENESS:
        assert not Engine(ModelLibrary(load().without({model}), [MODELS])).judges_liveness


def test_a_model_that_is_left_out_need_not_be_there_and_is_not_loaded_where_it_is(tmp_path: Path) -> None:
    for name in load().without(LEAVABLE).needed():
        shutil.copy(MODELS / load().models[name].file, tmp_path)
    with pytest.raises(ModelsMissing):
        ModelLibrary.find(tmp_path)
    Engine(ModelLibrary.find(tmp_path, left_out=LEAVABLE)).warm()
    with pytest.raises(UnknownModel, match="aizoo-mask is left out"):
        ModelLibrary.find(left_out=LEAVABLE).session("aizoo-mask")


def test_recognisers_may_not_lose_a_part_this_way() -> None:
    manifest = load()
    everywhere = dict.fromkeys(manifest.recognition_models, "reidentification-256")
    with pytest.raises(UnknownModel, match="mobilefacenet-128"):
        manifest.choosing(everywhere).without({"mobilefacenet-128"})
    assert replace(manifest, left_out=frozenset()) == manifest
    assert attributes.optional_models(["age"]) == ["age-gender-0013"]
