"""Every attribute with every model and version: answered or refused as models.md says."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import httpx
import pytest

from shared import services
from shared.engine import ModelLibrary
from shared.wire.attributes import RULES
from shared.wire.operation import VERSIONS
from tests.contract.conformance.schemas import misfits
from tests.contract.conformance.specification import API, document
from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

FACE = FACES / "lfw/images/AJ_Cook_0001.jpg"
OCTETS = {"Content-Type": "application/octet-stream"}
OLDEST = {"v1.0", "v1.0-preview"}
DETECTION = ("detection_01", "detection_02", "detection_03")
RECOGNITION = ("recognition_01", "recognition_02", "recognition_03", "recognition_04")
SENSITIVE = {name for name, rule in RULES.items() if rule.sensitive}
CAPITALS = {"blurLevel", "noiseLevel", "exposureLevel"}
"""Versions 1.0 declare these in capitals, but Azure Face answers lower case there as well."""


@dataclass(frozen=True)
class Support:
    """What a row of the contract's table says: the detection models, and whether a recognition model matters."""

    detection: tuple[str, ...]
    recognition: tuple[str, ...]


def published() -> dict[str, Support]:
    """The table "FaceAttributeType and model support" of models.md."""
    text = (API / "models.md").read_text(encoding="utf-8").partition("### FaceAttributeType and model support")[2]
    found = {}
    for names, one, two, three, extra, _ in re.findall(
        r"^\| ([^|*-]+)" + r"\|([^|]*)" * 5 + r"\|$", text, re.MULTILINE
    )[1:]:
        said = (one.strip() or "-", two.strip() or "-", three.strip() or "-")
        models = tuple(model for model, cell in zip(DETECTION, said, strict=True) if cell.startswith(("yes", "01")))
        needed = tuple(re.findall(r"recognition_0\d", extra)) or RECOGNITION
        found.update({name.strip(): Support(models, needed) for name in names.split(",")})
    return {name: support for name, support in found.items() if not name.startswith("landmarks")}


SUPPORT = published()


@pytest.fixture
def trusted(service: Service) -> Iterator[Service]:
    """The service, told to answer every sensitive attribute that it can."""
    before = services.current()
    settings = replace(before.settings, sensitive_attributes=frozenset(SENSITIVE))
    services.use(replace(before, settings=settings))
    yield service
    services.use(before)


def ask(service: Service, name: str, version: str, detection: str, recognition: str) -> httpx.Response:
    query = {"returnFaceId": "false", "returnFaceAttributes": name}
    query |= {"detectionModel": detection, "recognitionModel": recognition}
    return service.http.post(f"/face/{version}/detect", params=query, content=FACE.read_bytes(), headers=OCTETS)


def test_the_contracts_table_is_read_whole() -> None:
    assert {"headPose", "glasses", "mask", "noise", "hair", "makeup", "gender", "emotion"} <= SUPPORT.keys()
    assert len(SUPPORT) == 16
    assert SUPPORT["mask"] == Support(("detection_03",), RECOGNITION)
    assert SUPPORT["noise"] == Support(("detection_01",), RECOGNITION)
    assert SUPPORT["qualityForRecognition"] == Support(("detection_01", "detection_03"), RECOGNITION[2:])
    assert RULES.keys() <= SUPPORT.keys()


@pytest.mark.parametrize("name", RULES)
def test_an_attribute_is_answered_with_the_models_of_the_contract_and_refused_with_others(
    name: str, trusted: Service
) -> None:
    for detection, recognition in product(DETECTION, RECOGNITION):
        answer = ask(trusted, name, "v1.0", detection, recognition)
        if detection in SUPPORT[name].detection and recognition in SUPPORT[name].recognition:
            assert answer.status_code == 200, answer.text
            assert list(answer.json()[0]["faceAttributes"]) == [name]
        else:
            assert answer.status_code == 400
            assert answer.json()["error"]["code"] == "BadArgument"
            assert "returnFaceAttributes" in answer.json()["error"]["message"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_attribute_fits_the_schema_of_each_version_that_declares_it(version: str, trusted: Service) -> None:
    schema = document(version)["definitions"]["FaceAttributes"]
    for name in RULES:
        answer = ask(trusted, name, version, SUPPORT[name].detection[-1], "recognition_04")
        if name not in schema["properties"]:
            assert (name, answer.status_code) == ("gender", 403)
            continue
        assert answer.status_code == 200
        (face,) = answer.json()
        given = face["faceAttributes"]
        assert misfits(capitalised(given) if version in OLDEST else given, schema, document(version)) == []


def capitalised(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """As the oldest versions declare their levels."""
    return {name: _capitals(name, value) for name, value in attributes.items()}


def _capitals(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _capitals(key, part) for key, part in value.items()}
    return value[0].upper() + value[1:] if name in CAPITALS | {"qualityForRecognition"} else value


@pytest.mark.parametrize("version", VERSIONS)
def test_sensitive_attributes_are_refused_unless_the_setting_names_them(version: str, service: Service) -> None:
    for name in ("age", "gender", "smile", "facialHair", "hair", "makeup", "emotion"):
        answer = ask(service, f"headPose,{name}", version, "detection_01", "recognition_04")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "UnsupportedFeature")


def test_what_has_no_model_is_refused_whatever_the_setting_names(trusted: Service) -> None:
    for name in ("facialHair", "hair", "makeup", "emotion"):
        answer = ask(trusted, f"age,{name}", "v1.0", "detection_01", "recognition_04")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "UnsupportedFeature")


def test_sensitive_attributes_that_are_named_are_answered_with_the_others(trusted: Service) -> None:
    answer = ask(trusted, "smile,AGE,gender,blur,exposure,noise", "v1.0", "detection_01", "recognition_01")
    (face,) = answer.json()
    given = face["faceAttributes"]
    assert sorted(given) == ["age", "blur", "exposure", "gender", "noise", "smile"]
    assert given["gender"] == "female"
    assert 18 <= given["age"] <= 45
    assert 0 <= given["smile"] <= 1
    assert (given["blur"]["blurLevel"], given["noise"]["noiseLevel"]) == ("low", "low")
    assert given["exposure"]["exposureLevel"] == "goodExposure"


def test_a_detect_that_asks_for_no_attribute_runs_the_detector_alone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    session = ModelLibrary.session

    def noted(library: ModelLibrary, name: str, threads: int = 1) -> Any:
        asked.append(name)
        return session(library, name, threads)

    monkeypatch.setattr(ModelLibrary, "session", noted)
    service.detect(FACE, returnFaceId="false")
    assert len(asked) == 1
    service.detect(FACE, returnFaceId="false", returnFaceAttributes="blur,exposure,noise")
    assert set(asked) == {asked[0]}
