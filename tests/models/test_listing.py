"""`python dev.py models` tells what is there, proves it, and fails where something that is needed is not."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.engine.manifest import load
from tests.engine.conftest import MODELS

CHECKOUT = Path(__file__).parents[2]
DOUBTFUL_DATA = {"mobilefacenet-128", "lightqnet-dm100", "yunet-2026may", "aizoo-mask"}


def listed(*arguments: str, **variables: str) -> tuple[int, str]:
    """Exit code and output."""
    command = [sys.executable, "-m", "infra.models", *arguments]
    ended = subprocess.run(command, cwd=CHECKOUT, env=variables, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout + ended.stderr


def blocks(text: str) -> dict[str, str]:
    """Model -> what is said about it."""
    return {block.split(":")[0]: block for block in text.split("\n\n") if "sha256" in block}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for model in load().models.values():
        shutil.copy(MODELS / model.file, tmp_path / model.file)
    return tmp_path


def test_every_model_is_listed_with_role_hash_terms_and_sources() -> None:
    code, text = listed()
    said = blocks(text)
    assert code == 0
    assert said.keys() == load().models.keys()
    for name, model in load().models.items():
        for fact in (model.role, model.sha256, model.licence, model.training_data, model.sources[0].url):
            assert fact in said[name]
        assert f"commercial use: {model.commercial_use}" in said[name]


def test_an_altered_model_is_found_out(folder: Path) -> None:
    file = folder / "face_mask_aizoo.onnx"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    code, text = listed("list", FACE_MODELS_DIR=str(folder))
    assert code == 1
    assert "altered" in blocks(text)["aizoo-mask"]
    assert text.splitlines()[-1] == "Missing or altered: aizoo-mask"


def test_a_missing_model_matters_only_where_it_is_needed(folder: Path) -> None:
    (folder / "face_recognition_mobilefacenet_128.onnx").unlink()
    code, text = listed(FACE_MODELS_DIR=str(folder))
    assert (code, text.splitlines()[-1]) == (1, "Missing or altered: mobilefacenet-128")
    without = ",".join(f"{name}=reidentification-256" for name in load().recognition_models)
    code, text = listed(FACE_MODELS_DIR=str(folder), FACE_RECOGNITION_MODELS=without)
    assert code == 0
    assert "optional, missing" in blocks(text)["mobilefacenet-128"]


def test_the_model_of_ages_and_genders_is_needed_where_the_setting_names_one(folder: Path) -> None:
    (folder / "age_gender_recognition_retail_0013.onnx").unlink()
    code, text = listed(FACE_MODELS_DIR=str(folder), FACE_SENSITIVE_ATTRIBUTES="smile")
    assert (code, "optional, missing" in blocks(text)["age-gender-0013"]) == (0, True)
    code, text = listed(FACE_MODELS_DIR=str(folder), FACE_SENSITIVE_ATTRIBUTES="smile,gender")
    assert (code, text.splitlines()[-1]) == (1, "Missing or altered: age-gender-0013")


def test_a_model_that_is_left_out_is_not_needed(folder: Path) -> None:
    (folder / "face_quality_lightqnet_dm100.onnx").unlink()
    code, text = listed(FACE_MODELS_DIR=str(folder), FACE_LEFT_OUT_MODELS="lightqnet-dm100")
    assert (code, "optional, missing" in blocks(text)["lightqnet-dm100"]) == (0, True)


def test_a_setting_that_does_not_fit_is_told_without_a_traceback() -> None:
    code, text = listed(FACE_RECOGNITION_MODELS="recognition_04=nobody")
    assert code == 1
    assert "nobody" in text


def test_each_of_our_models_stands_in_the_docs_with_its_terms() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*?) \| `(\w+)`: ", (CHECKOUT / "docs" / "models.md").read_text(), re.MULTILINE)
    said = {name: row[1:] for row in rows for name in re.findall(r"`(.*?)`", row[0])}
    for name, model in load().models.items():
        assert said[name] == (model.licence, model.commercial_use)


def test_each_of_our_models_says_what_it_was_trained_on() -> None:
    models = load().models
    assert not [name for name, model in models.items() if model.training_data == "not stated"]
    assert all(models[name].commercial_use == "review" for name in DOUBTFUL_DATA)
