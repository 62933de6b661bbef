"""Model files are found, checked before they are parsed, and loaded once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from shared.engine import (
    Engine,
    ManifestInvalid,
    ModelCorrupt,
    ModelLibrary,
    ModelsMissing,
    ModelUnusable,
    UnknownModel,
    decode,
)
from shared.engine.attributes import strips
from shared.engine.manifest import load
from tests.engine import samples
from tests.engine.conftest import MODELS

YUNET = "yunet-2026may"


def _copy(name: str, folder: Path) -> Path:
    file = folder / load().models[name].file
    file.write_bytes((MODELS / file.name).read_bytes())
    return file


def test_missing_models_are_named_with_where_to_put_them(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing) as caught:
        ModelLibrary(load(), [tmp_path / "a", tmp_path / "b"]).session(YUNET)
    text = str(caught.value)
    assert "face_detection_yunet_2026may.onnx" in text
    assert f"looked in {tmp_path / 'a'}, {tmp_path / 'b'}" in text
    assert text.endswith(f"put them in {tmp_path / 'a'}")
    assert "\n" not in text


def test_a_changed_model_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    file = _copy(YUNET, tmp_path)
    file.write_bytes(b"\0" + file.read_bytes()[1:])
    with pytest.raises(ModelCorrupt, match="face_detection_yunet_2026may"):
        ModelLibrary(load(), [tmp_path]).session(YUNET)


def test_an_explicit_directory_is_the_only_place_that_is_searched(tmp_path: Path) -> None:
    _copy(YUNET, tmp_path)
    with pytest.raises(ModelsMissing, match="face_reidentification_retail_0095") as missing:
        ModelLibrary.find(tmp_path)
    assert "face_detection_yunet_2026may" not in str(missing.value)
    for model in ModelLibrary.find().manifest.models:
        _copy(model, tmp_path)
    picture = decode(samples.PORTRAIT.read_bytes())
    engine = Engine(ModelLibrary.find(tmp_path))
    assert engine.embed(picture, engine.detect(picture)).shape == (1, 384)


def test_a_session_is_made_once_whichever_thread_asks_first() -> None:
    library = ModelLibrary.find()
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: library.session(YUNET), range(32)))
    assert len({id(session) for session in sessions}) == 1


def test_an_unknown_model_is_named_in_the_error(library: ModelLibrary) -> None:
    with pytest.raises(UnknownModel, match="nobody"):
        library.session("nobody")


def test_a_manifest_that_misdescribes_its_file_is_refused_at_loading() -> None:
    manifest = load()
    wrong = replace(manifest.models[YUNET], inputs={"picture": (1, 3, "height", "width")})
    library = ModelLibrary(replace(manifest, models={**manifest.models, YUNET: wrong}), [MODELS])
    with pytest.raises(ManifestInvalid, match="inputs"):
        library.session(YUNET)


def test_an_inner_value_that_a_file_lacks_or_has_in_another_shape_is_refused_at_loading() -> None:
    manifest = load()
    tapped = manifest.models[strips.MODEL]
    for inner, error in (({"nobody": (1,)}, ModelUnusable), ({strips.FEATURES: ("faces", 96, 4, 8)}, ManifestInvalid)):
        models = {**manifest.models, strips.MODEL: replace(tapped, inner=inner)}
        with pytest.raises(error):
            ModelLibrary(replace(manifest, models=models), [MODELS]).session(strips.MODEL)


def test_warming_loads_every_default_model() -> None:
    library = ModelLibrary.find()
    Engine(library, threads=1).warm()
    sessions = {name: library.session(name, 1) for name in library.manifest.models}
    Engine(library, threads=1).warm()
    assert all(library.session(name, 1) is session for name, session in sessions.items())


def test_one_engine_serves_several_threads(engine: Engine) -> None:
    data = samples.FAMILY.read_bytes()

    def work(_: int) -> bytes:
        picture = decode(data)
        return engine.embed(picture, engine.detect(picture)).tobytes()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(8)))) == 1
