"""`python dev.py models calibrate` makes a scale of one half of the people that holds for the other half."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from infra.models import __main__ as models
from infra.models.calibrate import calibration
from infra.models.pictures import Faces, embed, labels
from shared.engine import Engine, ModelLibrary
from shared.engine.manifest import load
from shared.gallery import impostors
from shared.gallery.confidence import CALIBRATIONS, ConfidenceScale
from tests import faces
from tests.own_models import make

ROOT = Path(__file__).parents[2]
OURS = sorted(load().recognisers)


def random_faces(people: int, pictures: int = 2, dimension: int = 32) -> Faces:
    """Templates without any likeness, so that impostor scores follow a known law."""
    count = people * pictures
    values = np.random.default_rng(3).standard_normal((count, dimension)).astype(np.float32)
    names = tuple(f"person {row // pictures}" for row in range(count))
    return Faces(names, names, values / np.linalg.norm(values, axis=1, keepdims=True))


def test_a_calibration_holds_for_the_people_that_it_was_not_made_of() -> None:
    recogniser = load().recognisers["fused-384"]
    document = calibration(recogniser, random_faces(1000), "made to measure")
    assert (document["recogniser"], document["fingerprint"]) == (recogniser.name, recogniser.fingerprint)
    checked = document["checked_on"]
    assert (document["people"], document["pictures"]) == (1000, 2000)
    assert 450 < checked["people"] < 550
    assert document["impostor_pairs"] + checked["impostor_pairs"] == 2000 * 1998 / 2  # none makes it and checks it
    for rate, expected in zip(checked["false_match_rates"], (1e-3, 1e-4), strict=True):
        assert expected / 1.5 < rate["measured"] < expected * 1.5


@pytest.mark.parametrize("name", OURS)
def test_a_shipped_calibration_says_what_it_was_made_of_and_how_it_was_checked(name: str) -> None:
    document = json.loads((CALIBRATIONS / f"{name}.json").read_text())
    ConfidenceScale.load(name, load().recognisers[name].fingerprint)
    assert document["recogniser"] == name
    assert document["impostor_pairs"] > 1_000_000
    measured = [point for point in document["points"] if point["false_matches"] is not None]
    assert min(point["false_matches"] for point in measured) >= impostors.MATCHES
    assert measured[-1]["false_match_rate"] == pytest.approx(10**-4.5, rel=0.05)
    assert len(document["points"]) - len(measured) > 0
    rates = {rate["confidence"]: rate["measured"] for rate in document["checked_on"]["false_match_rates"]}
    assert 5e-4 < rates[0.3] < 2e-3
    assert 5e-5 < rates[0.4] < 2e-4


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", OURS)
def test_a_shipped_scale_holds_for_pairs_of_lfw_that_it_was_not_made_of(name: str) -> None:
    """Within a factor of two at confidence 0.3 and 0.4; and the file is what the command makes of the other half."""
    engine = Engine(ModelLibrary.find(chosen={"recognition_04": name}))
    folder = faces.folder("lfw")
    found = embed(engine, "recognition_04", folder, labels(folder), lambda *_: None)
    held_out = found.of(lambda person: not impostors.is_for_calibration(person))
    scores = impostors.impostor_scores(held_out.templates, held_out.people)
    assert len(scores) > 340_000
    shipped = ConfidenceScale.load(name)
    for confidence in (0.3, 0.4):
        expected = 10 ** (-10 * confidence)
        assert expected / 2 < impostors.false_match_rate(scores, shipped.cosine_at(confidence)) < expected * 2
    made = calibration(load().recognisers[name], found, "lfw")
    for point, other in zip(
        made["points"], json.loads((CALIBRATIONS / f"{name}.json").read_text())["points"], strict=True
    ):
        assert point["cosine"] == pytest.approx(other["cosine"], abs=2e-3)  # another processor rounds otherwise


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "infra.models", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_an_owners_recogniser_is_calibrated_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, pictures = make(tmp_path / "own"), tmp_path / "pictures"
    labelled(pictures)
    monkeypatch.setattr(impostors, "LEAST_PAIRS", 400)
    monkeypatch.setattr(impostors, "MATCHES", 1)
    monkeypatch.setattr(impostors, "TAIL", 20)
    monkeypatch.setenv("FACE_OWN_MODELS_DIR", str(own))
    assert models.main(["calibrate", "arc", "--pictures", str(pictures)]) == 0
    document = json.loads((own / "calibration" / "arc.json").read_text())
    assert document["source"] == "pictures"
    library = ModelLibrary.find(own=own, chosen={"recognition_01": "arc"})
    ConfidenceScale.load("arc", library.manifest.recognisers["arc"].fingerprint, [own / "calibration"])


def labelled(folder: Path) -> None:
    """Of ORL, ten people with ten pictures each."""
    folder.mkdir()
    lines = ["file,person"]
    for path, person in faces.identities("orl").items():
        (folder / path.name).symlink_to(path)
        lines.append(f"{path.name},{person}")
    (folder / "identities.csv").write_text("\n".join(lines))


def test_too_few_pictures_are_refused_in_one_line_and_write_nothing(tmp_path: Path) -> None:
    own = make(tmp_path)
    done = run("calibrate", "arc", "--pictures", str(faces.folder("azure")), FACE_OWN_MODELS_DIR=str(own))
    assert done.returncode == 1
    assert "at least 20000 are needed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (own / "calibration").exists()


@pytest.mark.parametrize("labels", [None, "picture,name\n1.jpg,Ann\n"])
def test_a_folder_without_labels_is_named(tmp_path: Path, labels: str | None) -> None:
    if labels:
        (tmp_path / "identities.csv").write_text(labels)
    done = run("calibrate", "fused-384", "--pictures", str(tmp_path))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"{tmp_path / 'identities.csv'} does not list file,person" in done.stderr


def test_an_unknown_recogniser_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    done = run("calibrate", "nobody", "--pictures", str(tmp_path))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "'nobody'; there are fused-384, reidentification-256" in done.stderr
