"""From impostor scores to a confidence scale, on distributions whose tails are known."""

import math
from collections.abc import Callable
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.gallery import impostors
from shared.gallery.confidence import ConfidenceScale
from shared.gallery.impostors import MATCHES, NoScale, Point, scale_points

PAIRS = 400_000
DECADE = 0.07  # cosine for a factor of ten, as with the shipped recognisers


def exponential(cosine: float) -> float:
    """A false match rate that falls by ten every DECADE from 1 at cosine 0.1 on."""
    return float(min(1.0, 10 ** (-(cosine - 0.1) / DECADE)))


def normal(cosine: float) -> float:
    """That of scores around 0 with standard deviation 0.1: a tail that is lighter than an exponential one."""
    return math.erfc(cosine / 0.1 / math.sqrt(2)) / 2


def drawn(kind: Callable[[float], float], seed: int = 1) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    if kind is exponential:
        return (0.1 + DECADE * random.exponential(1 / math.log(10), PAIRS)).astype(np.float32)
    return random.normal(0, 0.1, PAIRS).astype(np.float32)


def scale(points: list[Point]) -> ConfidenceScale:
    return ConfidenceScale.through([(point.cosine, point.false_match_rate) for point in points])


@pytest.mark.parametrize("kind", [exponential, normal])
def test_measured_points_tell_the_rate_of_the_distribution(kind: Callable[[float], float]) -> None:
    measured = [point for point in scale_points(drawn(kind)) if point.false_matches is not None]
    assert len(measured) == 8
    for point in measured:
        noise = 4 / math.sqrt(point.false_matches or 1)
        assert point.false_match_rate == pytest.approx(kind(point.cosine), rel=noise)
        assert point.false_match_rate == point.false_matches / PAIRS  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(5))
def test_an_exponential_tail_is_found_again_beyond_the_data(seed: int) -> None:
    made = scale(scale_points(drawn(exponential, seed)))
    for confidence in (0.5, 0.6, 0.8):
        decades = -math.log10(exponential(made.cosine_at(confidence)))
        assert decades == pytest.approx(10 * confidence, rel=0.15)


def test_with_a_lighter_tail_more_false_matches_are_stated_than_there_are() -> None:
    exact = [NormalDist(0, 0.1).inv_cdf((rank + 0.5) / PAIRS) for rank in range(PAIRS)]
    made = scale(scale_points(np.array(exact, np.float32)))
    for confidence in (0.5, 0.6, 0.7, 0.8):
        assert normal(made.cosine_at(confidence)) < 10 ** (-10 * confidence)


def test_points_say_whether_they_are_measured_and_none_is_with_few_false_matches() -> None:
    points = scale_points(drawn(exponential))
    backed = [point.false_matches for point in points]
    first = backed.index(None)
    assert all(matches is not None and matches >= MATCHES for matches in backed[:first])
    assert set(backed[first:]) == {None}
    assert [round(-math.log10(point.false_match_rate) / 10, 1) for point in points[first:]] == [
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
        1.0,
    ]
    assert all(one.cosine < other.cosine for one, other in pairwise(points))


def test_no_point_lies_beyond_the_greatest_cosine() -> None:
    wide = (drawn(exponential) * 2).clip(-1, 1)
    assert max(point.cosine for point in scale_points(wide)) < 1


def test_scores_that_are_all_alike_make_no_scale() -> None:
    with pytest.raises(NoScale, match="do not differ"):
        scale_points(np.full(PAIRS, 0.5, np.float32))


def test_too_few_comparisons_are_refused_with_how_many_are_needed() -> None:
    with pytest.raises(NoScale, match="19999 comparisons of different people; at least 20000"):
        scale_points(drawn(normal)[:19_999])


def test_impostor_scores_are_those_of_two_people_each_pair_once() -> None:
    templates = np.eye(4, dtype=np.float32)
    templates[3] = [0.6, 0.8, 0, 0]
    people = ["ann", "bob", "ann", "cid"]
    assert sorted(impostors.impostor_scores(templates, people)) == pytest.approx([0, 0, 0, 0.6, 0.8])
    closest = impostors.closest(templates, people, 2)
    assert [rows for _, *rows in closest] == [[1, 3], [0, 3]]
    assert [cosine for cosine, *_ in closest] == pytest.approx([0.8, 0.6])
    assert len(impostors.impostor_scores(templates, ["ann"] * 4)) == 0
    assert impostors.impostor_scores(templates, people, first=1) == pytest.approx([0, 0.6])


def test_a_person_is_always_in_the_same_half() -> None:
    names = [f"person {number}" for number in range(1000)]
    half = [name for name in names if impostors.is_for_calibration(name)]
    assert len(half) == pytest.approx(500, abs=60)
    assert (impostors.is_for_calibration("person 0"), impostors.is_for_calibration("person 2")) == (True, False)
