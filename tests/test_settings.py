import inspect
import re
from dataclasses import replace
from pathlib import Path

import pytest

from shared import settings
from shared.settings import Limits, Settings, SettingsError

ROOT = Path(__file__).parents[1]
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
MINIMAL = {
    "FACE_KEY1": "0123456789abcdef",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "FACE_KEY_RING_FILE": "/nowhere/ring.json",
}


def test_defaults_are_the_contracts_limits() -> None:
    assert Settings.from_environment(MINIMAL).max_image_bytes == 6 * 1024 * 1024
    assert Settings.from_environment(MINIMAL).url_allowed_hosts == frozenset()
    assert Settings.from_environment(MINIMAL).limits == Limits()
    documented = re.findall(r"^## `FACE_MAX_(\w+)`\n.*Default (\d+)", SETTINGS_PAGE.read_text(), re.MULTILINE)
    defaults = {name.upper(): str(getattr(Limits(), name)) for name in Limits.__slots__}
    assert {name: value for name, value in documented if name != "IMAGE_BYTES"} == defaults


def test_each_limit_is_read_from_its_own_setting() -> None:
    for number, name in enumerate(Limits.__slots__, start=1):
        read = Settings.from_environment({**MINIMAL, f"FACE_MAX_{name.upper()}": str(number)})
        assert read.limits == replace(Limits(), **{name: number})


@pytest.mark.parametrize("url", ["face.example.com", "ftp://face.example.com", "https://", "https://a.example/?x=1"])
def test_a_public_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="FACE_PUBLIC_URL"):
        Settings.from_environment({**MINIMAL, "FACE_PUBLIC_URL": url})
    assert Settings.from_environment({**MINIMAL, "FACE_PUBLIC_URL": "https://a.example/x/"}).public_url == (
        "https://a.example/x"
    )


def test_allowed_hosts_are_a_comma_separated_list() -> None:
    read = Settings.from_environment({**MINIMAL, "FACE_URL_ALLOWED_HOSTS": " Intranet:8080, 10.0.0.5:80 ,"})
    assert read.url_allowed_hosts == {"intranet:8080", "10.0.0.5:80"}


def test_recognisers_are_chosen_by_recognition_model() -> None:
    text = " recognition_04 = reidentification-256, recognition_01=arc ,"
    read = Settings.from_environment({**MINIMAL, "FACE_RECOGNITION_MODELS": text, "FACE_OWN_MODELS_DIR": "/own"})
    assert read.recognition_models == {"recognition_04": "reidentification-256", "recognition_01": "arc"}
    assert read.own_models_dir == Path("/own")
    assert Settings.from_environment(MINIMAL).recognition_models == {}


def test_sensitive_attributes_are_a_list_in_any_case_and_none_unless_named() -> None:
    assert Settings.from_environment(MINIMAL).sensitive_attributes == frozenset()
    read = Settings.from_environment({**MINIMAL, "FACE_SENSITIVE_ATTRIBUTES": " AGE,smile ,"})
    assert read.sensitive_attributes == {"age", "smile"}


def test_left_out_models_are_a_list_and_none_unless_named() -> None:
    assert Settings.from_environment(MINIMAL).left_out_models == frozenset()
    read = Settings.from_environment({**MINIMAL, "FACE_LEFT_OUT_MODELS": "lightqnet-dm100, Aizoo-Mask,"})
    assert read.left_out_models == {"lightqnet-dm100", "aizoo-mask"}


@pytest.mark.parametrize("name", ["emotion", "facialHair", "hair", "MAKEUP"])
def test_sensitive_attribute_without_a_model_is_refused_as_such(name: str) -> None:
    with pytest.raises(SettingsError, match="FACE_SENSITIVE_ATTRIBUTES: there is no model"):
        Settings.from_environment({**MINIMAL, "FACE_SENSITIVE_ATTRIBUTES": f"age,{name}"})


@pytest.mark.parametrize(("text", "on"), [("", False), ("false", False), ("true", True), (" True ", True)])
def test_pages_are_off_unless_they_are_turned_on(text: str, on: bool) -> None:
    assert Settings.from_environment({**MINIMAL, "FACE_PAGES": text}).pages is on
    assert not Settings.from_environment(MINIMAL).pages


@pytest.mark.parametrize("name", ["FACE_KEY1", "AzureWebJobsStorage", "FACE_KEY_RING_FILE"])
def test_missing_required_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({key: value for key, value in MINIMAL.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FACE_KEY1", "short"),
        ("FACE_KEY2", "short"),
        ("FACE_MODEL_THREADS", "-1"),
        ("FACE_MODEL_THREADS", "many"),
        ("FACE_SENSITIVE_ATTRIBUTES", "age,shoesize"),
        ("FACE_SENSITIVE_ATTRIBUTES", "headPose"),
        ("FACE_MAX_IMAGE_BYTES", "12"),
        ("FACE_URL_TIMEOUT_SECONDS", "0"),
        ("FACE_MAX_FACE_LISTS", "0"),
        ("FACE_MAX_FACES_PER_PERSON", "4001"),
        ("FACE_GALLERY_MEMORY_MB", "15"),
        ("FACE_RECOGNITION_MODELS", "some-recogniser"),
        ("FACE_RECOGNITION_MODELS", "recognition_05=some-recogniser"),
        ("FACE_RECOGNITION_MODELS", "recognition_03="),
        ("FACE_RECOGNITION_MODELS", "recognition_04=one,recognition_04=other"),
        ("FACE_PAGES", "perhaps"),
    ],
)
def test_value_out_of_range_is_refused_by_name_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_environment({**MINIMAL, name: value})
    assert value not in str(refused.value) or value.isdigit()


def test_repr_shows_no_secret() -> None:
    shown = repr(Settings.from_environment({**MINIMAL, "AzureWebJobsStorage": "AccountKey=hidden"}))
    assert MINIMAL["FACE_KEY1"] not in shown
    assert "hidden" not in shown


def test_every_setting_that_the_code_reads_has_its_heading_in_the_docs() -> None:
    read = set(re.findall(r'"((?:FACE_|AzureWebJobs)\w*[A-Za-z0-9])"', inspect.getsource(settings)))
    read |= {f"FACE_MAX_{name.upper()}" for name in Limits.__slots__}
    headings = re.findall(r"^## `(\w+)`$", SETTINGS_PAGE.read_text(), re.MULTILINE)
    assert read == set(headings)
