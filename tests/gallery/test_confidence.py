import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from shared.gallery.confidence import IDENTICAL, ConfidenceScale


@pytest.fixture
def scale() -> ConfidenceScale:
    return ConfidenceScale.load("fused-384")


@pytest.mark.parametrize(("cosine", "confidence"), [(0.319, 0.3), (0.396, 0.4), (0.465, 0.5), (0.546, 0.6)])
def test_confidence_is_the_logarithm_of_the_measured_false_match_rate(
    scale: ConfidenceScale, cosine: float, confidence: float
) -> None:
    assert scale.of(cosine) == pytest.approx(confidence)


def test_one_false_match_in_100_000_is_where_faces_become_identical(scale: ConfidenceScale) -> None:
    assert scale.of(0.4651) >= IDENTICAL > scale.of(0.4649)


def test_confidence_never_falls_and_stays_within_its_range(scale: ConfidenceScale) -> None:
    values = [scale.of(float(cosine)) for cosine in np.linspace(-1, 1, 2001)]
    assert all(later >= earlier for earlier, later in pairwise(values))
    assert (values[0], values[-1]) == (0.0, 1.0)


def test_the_same_picture_twice_is_above_what_the_official_tests_ask(scale: ConfidenceScale) -> None:
    assert scale.of(0.9999) > 0.9


@pytest.mark.parametrize("confidence", [0.05, 0.25, 0.3, 0.37, 0.5, 0.6, 0.85, 1.0])
def test_the_cosine_of_a_confidence_is_the_least_that_has_it(scale: ConfidenceScale, confidence: float) -> None:
    cosine = scale.cosine_at(confidence)
    assert scale.of(cosine) == pytest.approx(confidence)
    assert scale.of(cosine - 1e-6) < confidence


def test_every_cosine_has_a_confidence_of_0(scale: ConfidenceScale) -> None:
    assert scale.cosine_at(0.0) == -1.0


def test_no_confidence_asks_for_more_than_the_same_template(tmp_path: Path) -> None:
    points = [{"cosine": 0.5, "false_match_rate": 1e-3}, {"cosine": 0.7, "false_match_rate": 1e-4}]
    (tmp_path / "steep.json").write_text(json.dumps({"points": points}))
    assert ConfidenceScale.load("steep", tmp_path).cosine_at(1.0) == 1.0


@pytest.mark.parametrize("cosines", [[0.3], [0.3, 0.3], [0.4, 0.3]])
def test_calibration_that_does_not_rise_is_refused(tmp_path: Path, cosines: list[float]) -> None:
    points = [{"cosine": cosine, "false_match_rate": 10.0**-index} for index, cosine in enumerate(cosines, 3)]
    (tmp_path / "bad.json").write_text(json.dumps({"points": points}))
    with pytest.raises(ValueError, match="must both rise"):
        ConfidenceScale.load("bad", tmp_path)
