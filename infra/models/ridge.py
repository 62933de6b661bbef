"""A line between two classes: weighted ridge regression on +1 and -1, turned into a probability (Platt 1999)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_SPREAD = 0.05  # of the mean spread: features that hardly move are not blown up
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """score = features . weights + bias"""

    weights: Floats
    bias: float

    def __call__(self, features: NDArray[np.float32]) -> Floats:
        return features @ self.weights + self.bias


def fit(features: NDArray[np.float32], truth: Flags, worth: Floats, penalty: float) -> Line:
    """The line through standardised features [n,d]. `worth` is each row's; both classes count alike together."""
    spread = features.std(axis=0, dtype=np.float64)
    spread += _LEAST_SPREAD * spread.mean()
    worth = worth * np.where(truth, 0.5 / worth[truth].sum(), 0.5 / worth[~truth].sum())
    middle = worth @ features
    centred = (features - middle) / spread
    wanted = np.where(truth, 1.0, -1.0) * worth
    gram = (centred.T * worth) @ centred + penalty * np.eye(features.shape[1])
    weights = np.linalg.solve(gram, centred.T @ wanted) / spread
    return Line(weights, -float(middle @ weights))


def calibration(scores: Floats, truth: Flags) -> tuple[float, float]:
    """Scale and shift that turn scores, of faces that their line has not seen, into log odds: logistic regression by
    Newton's method."""
    design = np.stack((scores, np.ones_like(scores)), axis=1)
    factors = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-design @ factors))
        curve = (design.T * (chance * (1 - chance))) @ design + 1e-6 * np.eye(2)
        factors += np.linalg.solve(curve, design.T @ (truth - chance))
    return float(factors[0]), float(factors[1])


def area(scores: Floats, truth: Flags) -> float:
    """Under the ROC curve: how often one of the one class scores above one of the other."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    hits = int(truth.sum())
    return float((ranks[truth].sum() - hits * (hits + 1) / 2) / (hits * (len(truth) - hits)))
