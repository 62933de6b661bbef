"""The shipped readouts: made for the model that is pinned, of strips that lie level on the face."""

import json
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.engine import Engine, ModelLibrary, ModelsMissing, decode
from shared.engine.attributes import readouts, strips
from shared.engine.attributes.sight import Sight
from shared.engine.manifest import load
from shared.engine.sessions import Session
from shared.engine.taps import tapped
from tests.engine import samples
from tests.engine.conftest import MODELS
from tests.engine.strangers import NAMES

MEASURED = json.loads(readouts.PATH.read_bytes())


def test_readouts_are_of_the_pinned_model() -> None:
    assert MEASURED["model"] == load().models[strips.MODEL].sha256


def test_every_readout_has_a_weight_for_each_feature() -> None:
    assert len(MEASURED["readouts"]) == 7
    for entry in MEASURED["readouts"].values():
        weights = np.frombuffer(b64decode(entry["weights"]), "<f2")
        assert weights.shape == (768,)
        assert np.isfinite(weights).all()
        assert weights.any()
        assert entry["strip"] in strips.STRIPS


@pytest.mark.parametrize(("name", "area"), [("headwear", 0.97), ("glasses", 0.98), ("foreheadCovered", 0.97)])
def test_readouts_told_people_that_they_had_not_seen_when_they_were_made(name: str, area: float) -> None:
    """Area under the ROC curve; one half is chance."""
    assert MEASURED["readouts"][name]["measured"]["area"] >= area


def test_an_installation_without_the_withdrawn_recogniser_reads_them_off_as_well(tmp_path: Path) -> None:
    """They hang on the glasses and the dense landmark model alone, and these are needed whatever recognises."""
    manifest = load().choosing(dict.fromkeys(load().recognition_models, "reidentification-256"))
    for name in manifest.needed():
        file = manifest.models[name].file
        (tmp_path / file).symlink_to(MODELS / file)
    assert not (tmp_path / manifest.models["mobilefacenet-128"].file).exists()
    alone = Engine(ModelLibrary(manifest, [tmp_path]), 1)
    picture = decode(samples.PORTRAIT.read_bytes())
    (found,) = alone.attributes(picture, alone.detect(picture), NAMES)
    assert all(getattr(found, name) is not None for name in NAMES)


def test_an_installation_without_the_glasses_model_is_told_which_file_it_lacks(tmp_path: Path) -> None:
    """Before it serves anything; and where an attribute asks for it."""
    lacking = load().models[strips.MODEL].file
    for model in load().models.values():
        if model.file != lacking:
            (tmp_path / model.file).symlink_to(MODELS / model.file)
    library = ModelLibrary(load(), [tmp_path])
    with pytest.raises(ModelsMissing, match=lacking):
        Engine(library).warm()
    picture = decode(samples.PORTRAIT.read_bytes())
    found = Engine(library).detect(picture)
    for name in NAMES:
        with pytest.raises(ModelsMissing, match=lacking):
            Engine(library).attributes(picture, found, [name])


def test_tapping_a_model_changes_none_of_its_answers() -> None:
    content = (MODELS / load().models[strips.MODEL].file).read_bytes()
    pieces = np.random.default_rng(0).integers(0, 256, (3, 64, 128, 3)).astype(np.float32)
    plain, more = Session(content, 1), Session(tapped(content, [strips.FEATURES]), 1)
    assert list(plain.outputs) == ["logit"]
    assert list(more.outputs) == ["logit", strips.FEATURES]
    logit, features = more.run(["logit", strips.FEATURES], {"input": pieces})
    assert np.array_equal(logit, plain.run(["logit"], {"input": pieces})[0])
    assert features.shape == (3, 96, 2, 4)
    assert features.std(axis=0).min() > 0


def test_a_name_longer_than_a_byte_counts_taps_as_well() -> None:
    """Protobuf gives lengths in groups of seven bits."""
    ending = tapped(b"", ["x" * 300])
    assert ending[:8] == bytes([0x3A, 0xB2, 0x02, 0x62, 0xAF, 0x02, 0x0A, 0xAC])
    assert ending.endswith(b"\x02" + b"x" * 300)


def test_strips_turn_with_the_face(engine: Engine, library: ModelLibrary) -> None:
    """What is read off a picture is nearly what is read off it when it is turned, and not what another strip gives."""
    photo = samples.portrait()
    level, turned = (_sight(engine, library, image) for image in (photo, photo.rotate(25, expand=True)))
    for name, strip in strips.STRIPS.items():
        seen, again = strips.features(level, strip)[0], strips.features(turned, strip)[0]
        other = strips.features(level, strips.TOP if name != "top" else strips.MOUTH)[0]
        assert _alike(seen, again) > 0.9, name
        assert _alike(seen, again) > _alike(seen, other) + 0.1, name


def test_mirrored_faces_are_judged_nearly_alike(engine: Engine, library: ModelLibrary) -> None:
    photo = samples.portrait()
    one, other = (_sight(engine, library, image) for image in (photo, ImageOps.mirror(photo)))
    for name in readouts.readouts():
        (seen,), (mirrored,) = readouts.judged(one, name), readouts.judged(other, name)
        assert seen.chance == pytest.approx(mirrored.chance, abs=0.25), name


def _sight(engine: Engine, library: ModelLibrary, image: Image.Image) -> Sight:
    picture = decode(samples.encoded(image, "PNG"))
    found = engine.detect(picture, limit=1)
    return Sight(library, 1, picture, found, lambda: engine.landmarks(picture, found))


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one, other)[0, 1])
