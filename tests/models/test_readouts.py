"""`python dev.py models train-readouts` makes the file that is shipped, by arithmetic that does what it says."""

import json
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from infra.models import ridge
from infra.models.readouts import FILE

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_shipped_readouts_are_what_their_script_makes(tmp_path: Path) -> None:
    """But for the rounding of another processor."""
    command = [sys.executable, "-m", "infra.models", "train-readouts", "--file", str(tmp_path / "made.json")]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    made, shipped = json.loads((tmp_path / "made.json").read_bytes()), json.loads(FILE.read_bytes())
    assert made["model"] == shipped["model"]
    assert made["readouts"].keys() == shipped["readouts"].keys()
    for name, readout in shipped["readouts"].items():
        again = made["readouts"][name]
        assert again["measured"]["area"] == pytest.approx(readout["measured"]["area"], abs=0.002)
        assert again["threshold"] == pytest.approx(readout["threshold"], abs=0.05)
        assert np.corrcoef(_weights(again), _weights(readout))[0, 1] > 0.999


def _weights(readout: dict[str, Any]) -> NDArray[np.float64]:
    return np.frombuffer(b64decode(readout["weights"]), "<f2").astype(np.float64)


def _two_classes(rows: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """One in five is of the first, which lies 2 further along the first of eight features."""
    rng = np.random.default_rng(5)
    truth = rng.random(rows) < 0.2
    features = rng.normal(size=(rows, 8)).astype(np.float32)
    features[truth, 0] += 2
    return features, truth


def test_a_line_tells_classes_by_what_they_differ_in() -> None:
    """As well as can be: two normal distributions that lie 2 deviations apart have an area of 0.921."""
    features, truth = _two_classes(4000)
    line = ridge.fit(features[:2000], truth[:2000], np.ones(2000), 0.001)
    assert np.abs(line.weights[1:]).max() < 0.15 * line.weights[0]
    assert ridge.area(line(features[2000:]), truth[2000:]) == pytest.approx(0.921, abs=0.015)


def test_a_row_that_counts_nothing_changes_nothing() -> None:
    features, truth = _two_classes(500)
    worth = np.ones(500)
    worth[::7] = 0
    one = ridge.fit(features, truth, worth, 0.5)
    other = ridge.fit(features, np.where(worth > 0, truth, ~truth), worth, 0.5)
    assert one.weights == pytest.approx(other.weights)
    assert one.bias == pytest.approx(other.bias)


def test_calibrated_scores_are_log_odds() -> None:
    rng = np.random.default_rng(6)
    odds = rng.normal(-1, 2, 20_000)
    truth = rng.random(20_000) < 1 / (1 + np.exp(-odds))
    scale, shift = ridge.calibration((odds - 3) / 5, truth)
    assert scale == pytest.approx(5, rel=0.05)
    assert shift == pytest.approx(3, abs=0.15)


def test_the_area_is_how_often_one_of_the_one_class_scores_above_one_of_the_other() -> None:
    scores, truth = np.array([0.1, 0.9, 0.4, 0.7, 0.3]), np.array([False, True, True, False, False])
    assert ridge.area(scores, truth) == pytest.approx(5 / 6)
    assert ridge.area(-scores, truth) == pytest.approx(1 / 6)
