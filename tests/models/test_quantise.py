"""`python dev.py models quantise` makes a recogniser of 8 bits with nearly the same templates, or says why not."""

import json
from pathlib import Path

import pytest

from infra.models import eight_bits, quantise
from infra.models.__main__ import main
from shared.engine import Engine, ModelLibrary, decode
from shared.engine.manifest import load
from tests import faces, own_models
from tests.engine import samples

CROWD = faces.folder("crowd")
NAMES = ("fused-384", "fused-384-8bit")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an owner who has none yet."""
    folder = tmp_path / "own"
    monkeypatch.setenv("FACE_OWN_MODELS_DIR", str(folder))
    return folder


def quantised(recogniser: str, pictures: Path = CROWD) -> int:
    return main(["quantise", recogniser, "--pictures", str(pictures)])


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_default_recogniser_in_8_bits_makes_nearly_the_same_templates_of_real_faces(own: Path) -> None:
    assert quantised("fused-384") == 0
    picture = decode(samples.FAMILY.read_bytes())
    libraries = [ModelLibrary.find(own=own, chosen={"recognition_04": name}) for name in NAMES]
    before, after = map(Engine, libraries)
    after.warm()
    found = before.detect(picture)
    one, other = (engine.embed(picture, found, "recognition_04") for engine in (before, after))
    assert len(found) == 4
    assert (one * other).sum(axis=1).min() > 0.97
    assert (one * other).sum(axis=1).max() < 0.99999
    for model in ("reidentification-0095", "mobilefacenet-128"):
        made = libraries[1].manifest.models[f"{model}-8bit"]
        assert made.bytes < 0.55 * load().models[model].bytes
        assert made.training_data == load().models[model].training_data


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_same_pictures_make_the_same_files_beside_what_the_owner_has(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantise, "MOST_FACES", quantise.LEAST_FACES)
    own_models.make(own)
    kept = json.loads((own / "manifest.json").read_text())
    contents = []
    for _ in range(2):
        assert quantised("arc") == 0
        contents.append({file.name: file.read_bytes() for file in own.iterdir()})
    assert contents[0] == contents[1]
    assert contents[0].keys() == {"manifest.json", "arc.onnx", "arc_8bit.onnx"}
    described = json.loads(contents[0]["manifest.json"])
    assert {**described["models"], **kept["models"]} == described["models"]
    assert {**described["recognisers"], **kept["recognisers"]} == described["recognisers"]
    library = ModelLibrary.find(own=own, chosen={"recognition_04": "arc-8bit"})
    assert library.manifest.recogniser("recognition_04").id != library.manifest.recognisers["arc"].id
    Engine(library).warm()


def test_too_few_faces_are_refused_in_one_line_and_nothing_is_made(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quantised("reidentification-256", faces.folder("no_face")) == 1
    said = capsys.readouterr().err
    assert "at least 64 are needed" in said
    assert said.count("\n") == 1
    assert not own.exists()


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_model_that_8_bits_would_spoil_is_refused_by_name(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quantise, "MOST_FACES", quantise.LEAST_FACES)
    monkeypatch.setattr(eight_bits, "LEAST_ALONE", -1)  # all of its convolutions, also those that do not bear it
    assert quantised("reidentification-256") == 1
    assert "reidentification-0095: what 8 bits answer is too far from what it answered" in capsys.readouterr().err
    assert not own.exists()


def test_a_folder_to_put_it_into_has_to_be_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FACE_OWN_MODELS_DIR", raising=False)
    assert quantised("fused-384") == 1
    assert capsys.readouterr().err == "models: FACE_OWN_MODELS_DIR does not name the folder that it goes into\n"


@pytest.mark.usefixtures("own")
def test_an_unknown_recogniser_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert quantised("nobody") == 1
    assert "'nobody'; there are fused-384, reidentification-256" in capsys.readouterr().err
