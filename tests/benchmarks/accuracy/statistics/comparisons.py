"""Scores of comparisons, and the error rates at a threshold.

A comparison is a match from the threshold on. The false match rate (FMR) is the share of impostor comparisons that
match, the false non-match rate (FNMR) the share of genuine ones that do not (ISO/IEC 19795-1, 4.6).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Persons = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """`genuine` [g] and `impostor` [i] scores; `genuine_persons` [g] and `impostor_persons` [i,2] number whom each
    shows."""

    genuine: Scores
    impostor: Scores
    genuine_persons: Persons
    impostor_persons: Persons


def all_pairs(templates: NDArray[np.float32], persons: Persons) -> Comparisons:
    """Every pair of unit rows [n,d], scored by its cosine."""
    one, other = np.triu_indices(len(templates), 1)
    scores = (templates.astype(np.float64) @ templates.astype(np.float64).T)[one, other]
    return compared(scores, persons[one], persons[other])


def compared(scores: Scores, one: Persons, other: Persons) -> Comparisons:
    """Comparisons of person `one` with person `other`, all [n]; who they are decides what is genuine."""
    same = one == other
    pairs = np.stack((one, other), axis=1)
    return Comparisons(scores[same], scores[~same], one[same], pairs[~same])


def fmr(comparisons: Comparisons, threshold: float) -> float:
    return float(np.mean(comparisons.impostor >= threshold))


def fnmr(comparisons: Comparisons, threshold: float) -> float:
    return float(np.mean(comparisons.genuine < threshold))


def threshold_at(comparisons: Comparisons, rate: float) -> float:
    """The least threshold whose FMR is not above `rate`: just above the best impostor that may not match."""
    ordered = np.sort(comparisons.impostor)[::-1]
    may_match = int(rate * len(ordered) + 1e-9)
    while 0 < may_match < len(ordered) and ordered[may_match - 1] == ordered[may_match]:
        may_match -= 1  # equal scores match together
    return float(np.nextafter(ordered[may_match], np.inf)) if may_match < len(ordered) else -np.inf


def equal_error_rate(comparisons: Comparisons) -> float:
    """Where FMR and FNMR meet: the mean of both at the threshold where they are nearest."""
    genuine, impostor = np.sort(comparisons.genuine), np.sort(comparisons.impostor)
    thresholds = np.concatenate((genuine, impostor, [np.inf]))  # between two scores no rate changes
    missed = np.searchsorted(genuine, thresholds) / len(genuine)
    matched = 1 - np.searchsorted(impostor, thresholds) / len(impostor)
    at = int(np.argmin(np.abs(missed - matched)))
    return float(missed[at] + matched[at]) / 2
