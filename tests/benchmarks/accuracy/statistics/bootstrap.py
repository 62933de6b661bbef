"""Intervals of error rates, by drawing persons anew.

Comparisons that share a person are not independent: a twin or a poor enrolment weighs on all of a person's. So persons
are drawn, with replacement, and each comparison counts as often as its persons were drawn (Bolle, Ratha and Pankanti
2004; for pairs of two persons the product, Owen 2007). A person drawn twice is not compared with itself as an impostor.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .comparisons import Comparisons

REPLICATES = 500
_SEED = 19795
_LEVEL = (2.5, 97.5)
_SPARE = 4.0  # times the wanted share of impostors is looked at: the share that matches varies with who is drawn

Weights = NDArray[np.float64]


class Resampled:
    """The error rates of one set of comparisons in many draws of its persons; all figures are from the same draws."""

    def __init__(self, comparisons: Comparisons, largest_rate: float = 0.1, replicates: int = REPLICATES) -> None:
        """`largest_rate`: the highest FMR that will be asked about."""
        self._comparisons = comparisons
        order = np.argsort(-comparisons.impostor, kind="stable")
        tail = order[: int(len(order) * min(largest_rate * _SPARE, 1)) + 1]
        self._scores, self._pairs = comparisons.impostor[tail], comparisons.impostor_persons[tail]
        self._persons = 1 + max(comparisons.genuine_persons.max(initial=0), comparisons.impostor_persons.max(initial=0))
        self._counts = np.zeros((self._persons, self._persons))
        one, other = comparisons.impostor_persons.T
        np.add.at(self._counts, (one, other), 1.0)
        self._draws = list(_draws(_present(comparisons), self._persons, replicates))

    def fnmr_at(self, rate: float) -> tuple[float, float]:
        """The interval of the FNMR where the FMR is `rate`: threshold and genuine scores from the same persons."""
        return self._interval(lambda weights: self._missed(weights, self._threshold(weights, rate)))

    def fmr(self, threshold: float) -> tuple[float, float]:
        """The interval of the FMR at a threshold."""
        matches = self._pairs[self._scores >= threshold]
        return self._interval(lambda weights: float(_products(weights, matches).sum()) / self._impostors(weights))

    def _interval(self, figure: Callable[[Weights], float]) -> tuple[float, float]:
        low, high = np.nanpercentile([figure(weights) for weights in self._draws], _LEVEL)
        return float(low), float(high)

    def _impostors(self, weights: Weights) -> float:
        return float(weights @ self._counts @ weights) or float("nan")

    def _threshold(self, weights: Weights, rate: float) -> float:
        """Above it lies no more than `rate` of the weighted impostors."""
        above = np.cumsum(_products(weights, self._pairs))
        allowed = int(np.searchsorted(above, rate * self._impostors(weights) * (1 + 1e-12), side="right"))
        return float(self._scores[min(allowed, len(self._scores) - 1)])

    def _missed(self, weights: Weights, threshold: float) -> float:
        own = weights[self._comparisons.genuine_persons]
        missed = self._comparisons.genuine <= threshold
        return float(own[missed].sum() / own.sum()) if own.sum() else float("nan")


def _present(comparisons: Comparisons) -> NDArray[np.intp]:
    return np.unique(np.concatenate((comparisons.genuine_persons, comparisons.impostor_persons.ravel())))


def _draws(present: NDArray[np.intp], persons: int, replicates: int) -> Iterator[Weights]:
    """How often each person was drawn, [persons]."""
    chance = np.random.default_rng(_SEED)
    for _ in range(replicates):
        yield np.bincount(chance.choice(present, len(present)), minlength=persons).astype(np.float64)


def _products(weights: Weights, pairs: NDArray[np.intp]) -> Weights:
    product: Weights = weights[pairs[:, 0]] * weights[pairs[:, 1]]
    return product


def mean_by_person(
    values: NDArray[np.float64], persons: Sequence[Hashable], replicates: int = REPLICATES
) -> tuple[float, float]:
    """The interval of a mean of values [n] that belong to persons: a person's come and go together."""
    _, own = np.unique([hash(person) for person in persons], return_inverse=True)
    sums, sizes = np.bincount(own, values), np.bincount(own).astype(np.float64)
    drawn = np.stack(list(_draws(np.arange(len(sums)), len(sums), replicates)))
    low, high = np.percentile((drawn @ sums) / (drawn @ sizes), _LEVEL)
    return float(low), float(high)
