"""The figures of `bench accuracy`, against examples worked out by hand and against the plainest way to count."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.benchmarks.accuracy.statistics import clusters, open_set, proportions
from tests.benchmarks.accuracy.statistics.bootstrap import Resampled, mean_by_person
from tests.benchmarks.accuracy.statistics.comparisons import (
    Comparisons,
    all_pairs,
    compared,
    equal_error_rate,
    fmr,
    fnmr,
    threshold_at,
)
from tests.benchmarks.accuracy.statistics.matching import one_to_one
from tests.benchmarks.accuracy.statistics.open_set import Search


def _scores(genuine: Sequence[float], impostor: Sequence[float]) -> Comparisons:
    """Each genuine comparison of a person of its own, each impostor one of the first two."""
    return Comparisons(
        np.array(genuine), np.array(impostor), np.arange(len(genuine)), np.tile((0, 1), (len(impostor), 1))
    )


def _unit_rows(chance: np.random.Generator, people: Sequence[int]) -> NDArray[np.float32]:
    own = chance.normal(size=(max(people) + 1, 8))
    rows = own[list(people)] + chance.normal(size=(len(people), 8)) * 0.7
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_error_rates_count_a_score_at_the_threshold_as_a_match() -> None:
    some = _scores([0.9, 0.6, 0.5, 0.2], [0.5, 0.4, 0.3, 0.2, 0.1])
    assert fnmr(some, 0.5) == 1 / 4
    assert fmr(some, 0.5) == 1 / 5
    assert (fnmr(some, 0.51), fmr(some, 0.51)) == (2 / 4, 0)


def test_the_threshold_at_a_rate_is_the_least_that_keeps_it() -> None:
    some = _scores([], [0.5, 0.4, 0.4, 0.3, 0.2, 0.1, 0.0, -0.1, -0.2, -0.3])
    assert fmr(some, threshold_at(some, 0.1)) == 0.1, "0.5 may match"
    assert fmr(some, threshold_at(some, 0.2)) == 0.1, "two at 0.4 match together or not at all"
    assert fmr(some, threshold_at(some, 0.3)) == 0.3
    assert threshold_at(some, 0.05) == np.nextafter(0.5, 1)
    assert threshold_at(some, 1.0) == -np.inf


def test_the_threshold_at_a_rate_agrees_with_trying_them_all() -> None:
    chance = np.random.default_rng(1)
    some = _scores([], (chance.integers(0, 40, 300) / 40).tolist())
    for rate in (0.0, 0.003, 0.01, 0.05, 0.2, 0.77):
        tried = [value for value in np.nextafter(np.unique(some.impostor), np.inf) if fmr(some, value) <= rate]
        assert threshold_at(some, rate) == min(tried)


def test_the_equal_error_rate_is_where_both_rates_meet() -> None:
    assert equal_error_rate(_scores([0.9, 0.8, 0.7, 0.3], [0.5, 0.2, 0.1, 0.0])) == 0.25
    assert equal_error_rate(_scores([0.9, 0.8], [0.5, 0.2])) == 0


def test_all_pairs_are_compared_once_and_told_apart_by_person() -> None:
    chance = np.random.default_rng(2)
    people = [0, 0, 1, 2, 2, 2, 3]
    rows = _unit_rows(chance, people)
    found = all_pairs(rows, np.array(people))
    genuine = [float(rows[a] @ rows[b]) for a, b in combinations(range(7), 2) if people[a] == people[b]]
    impostor = [float(rows[a] @ rows[b]) for a, b in combinations(range(7), 2) if people[a] != people[b]]
    assert found.genuine == pytest.approx(genuine, abs=1e-6)
    assert found.impostor == pytest.approx(impostor, abs=1e-6)
    assert found.genuine_persons.tolist() == [0, 2, 2, 2]
    assert len(genuine) == 4
    assert {frozenset(pair) for pair in found.impostor_persons.tolist()} == set(
        map(frozenset, combinations(range(4), 2))
    )


def _copied(rows: NDArray[np.float32], people: NDArray[np.intp], drawn: NDArray[np.intp]) -> Comparisons:
    """Comparisons of a draw, made the plainest way: each time a person was drawn, a copy of that person's pictures,
    which is compared within itself and with everybody else's, but not with other copies of the same person."""
    copies = [(copy, person, row) for copy, person in enumerate(drawn) for row in np.flatnonzero(people == person)]
    pairs = [(one, other) for one, other in combinations(copies, 2) if one[0] == other[0] or one[1] != other[1]]
    scores = np.array([rows[one[2]].astype(np.float64) @ rows[other[2]].astype(np.float64) for one, other in pairs])
    return compared(scores, np.array([one[1] for one, _ in pairs]), np.array([other[1] for _, other in pairs]))


def test_intervals_are_those_of_draws_of_persons_made_one_by_one() -> None:
    people = np.array([0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 5])
    rows = _unit_rows(np.random.default_rng(3), people.tolist())
    # Each copy's own pairs are genuine once for each time that its person was drawn; pairs of persons multiply.
    every = all_pairs(rows, people)
    chance = np.random.default_rng(19795)
    draws = [chance.choice(np.arange(6), 6) for _ in range(60)]
    copied = [_copied(rows, people, drawn) for drawn in draws]
    resampled = Resampled(every, largest_rate=0.3, replicates=60)
    for rate in (0.05, 0.3):
        expected = [fnmr(draw, threshold_at(draw, rate)) for draw in copied if len(draw.genuine) and len(draw.impostor)]
        assert resampled.fnmr_at(rate) == pytest.approx(np.percentile(expected, (2.5, 97.5)), abs=1e-9)
    expected = [fmr(draw, 0.2) for draw in copied if len(draw.impostor)]
    assert resampled.fmr(0.2) == pytest.approx(np.percentile(expected, (2.5, 97.5)), abs=1e-9)


def test_intervals_widen_where_few_people_give_many_comparisons() -> None:
    chance = np.random.default_rng(4)
    values = np.repeat(chance.random(10) < 0.5, 100).astype(np.float64)
    low, high = mean_by_person(values, [f"person {at // 100}" for at in range(1000)])
    alone_low, alone_high = mean_by_person(values, list(range(1000)))
    assert high - low > 5 * (alone_high - alone_low)
    assert low < values.mean() < high


def test_intervals_cover_the_true_rate_about_as_often_as_they_say() -> None:
    """Forty experiments, each of 60 people whose failures are their own."""
    chance = np.random.default_rng(5)
    covered = 0
    for _ in range(40):
        own = np.repeat(chance.beta(2, 6, 60), 5)
        low, high = mean_by_person((chance.random(300) < own).astype(np.float64), [at // 5 for at in range(300)], 200)
        covered += low <= 0.25 <= high
    assert covered >= 34


def test_wilson_intervals_are_the_published_ones() -> None:
    """81 of 263: Newcombe 1998, table I, method 3; 0 of 20 and 1 of 29 likewise."""
    assert proportions.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert proportions.wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert proportions.wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert proportions.wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert proportions.wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("trials", "support"), [(299, "none"), (300, "weak"), (2_999, "weak"), (3_000, "full"), (0, "none")]
)
def test_a_rate_is_only_supported_by_the_errors_that_it_brings(trials: int, support: str) -> None:
    assert proportions.support(0.01, trials) == support


def test_the_trials_for_a_rate_bring_as_many_errors() -> None:
    assert proportions.trials_for(1e-5, 3) == 300_000
    assert proportions.trials_for(1e-2, 30) == 3_000


SEARCHES = (
    Search(True, (0.9, 0.3), (True, False)),
    Search(True, (0.6, 0.5), (False, True)),
    Search(True, (0.4,), (True,)),
    Search(True, (), ()),
    Search(False, (0.7, 0.2), (False, False)),
    Search(False, (0.5,), (False,)),
    Search(False, (), ()),
    Search(False, (0.1,), (False,)),
)


def test_a_search_hits_where_the_right_person_is_first_from_the_threshold_on() -> None:
    assert open_set.fnir(SEARCHES, -np.inf) == 2 / 4, "second is no hit, and neither is a picture without a face"
    assert open_set.fnir(SEARCHES, -np.inf, rank=2) == 1 / 4
    assert open_set.fnir(SEARCHES, 0.5) == 3 / 4
    assert open_set.fpir(SEARCHES, 0.5) == 2 / 4
    assert open_set.fpir(SEARCHES, 0.6) == 1 / 4


def test_the_threshold_at_a_false_positive_identification_rate_keeps_it() -> None:
    assert open_set.threshold_at(SEARCHES, 0.25) == np.nextafter(0.5, 1)
    assert open_set.threshold_at(SEARCHES, 0.0) == np.nextafter(0.7, 1)
    for rate in (0.0, 0.25, 0.5, 0.75):
        assert open_set.fpir(SEARCHES, open_set.threshold_at(SEARCHES, rate)) == rate


def test_grouping_is_judged_by_pairs_and_by_faces() -> None:
    groups, persons = "aaabbc", "xxyyyy"
    pairs = clusters.pairwise(groups, persons)
    assert pairs == clusters.Agreement(2 / 4, 2 / 7)
    cubed = clusters.bcubed(groups, persons)
    assert cubed.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6)
    assert cubed.recall == pytest.approx((1 + 1 + 1 / 4 + 2 / 4 + 2 / 4 + 1 / 4) / 6)
    assert cubed.f == pytest.approx(2 * cubed.precision * cubed.recall / (cubed.precision + cubed.recall))


def test_grouping_figures_agree_with_looking_at_every_pair() -> None:
    chance = np.random.default_rng(6)
    groups, persons = chance.integers(0, 9, 60).tolist(), chance.integers(0, 7, 60).tolist()
    together = {(a, b) for a, b in combinations(range(60), 2) if groups[a] == groups[b]}
    same = {(a, b) for a, b in combinations(range(60), 2) if persons[a] == persons[b]}
    found = clusters.pairwise(groups, persons)
    assert found.precision == pytest.approx(len(together & same) / len(together))
    assert found.recall == pytest.approx(len(together & same) / len(same))
    pure = [
        np.mean([persons[other] == persons[face] for other in range(60) if groups[other] == groups[face]])
        for face in range(60)
    ]
    assert clusters.bcubed(groups, persons).precision == pytest.approx(np.mean(pure))


def test_the_best_fit_is_matched_first_and_nothing_twice() -> None:
    fit = np.array([[0.9, 0.8, 0.0], [0.85, 0.1, 0.0], [0.0, 0.0, 0.05]])
    assert one_to_one(fit, 0.1) == {0: 0, 1: 1}
    assert one_to_one(fit, 0.01) == {0: 0, 1: 1, 2: 2}
    assert one_to_one(np.zeros((0, 3)), 0.1) == {}
