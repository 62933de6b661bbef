"""Identification in a gallery that not every searched face is enrolled in (ISO/IEC 19795-1, 8.4; NIST FRTE 1:N)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Search:
    """One search's candidates, best first: each candidate's score and whether it is the right person.

    `mated`: the person is in the gallery. A picture in which no face was found is a search without candidates.
    """

    mated: bool
    scores: tuple[float, ...]
    right: tuple[bool, ...]


def fpir(searches: Sequence[Search], threshold: float) -> float:
    """The share of searches for people who are not enrolled that return anybody from the threshold on."""
    return float(np.mean([_best(search) >= threshold for search in searches if not search.mated]))


def fnir(searches: Sequence[Search], threshold: float, rank: int = 1) -> float:
    """The share of searches for enrolled people without them among the first `rank` from the threshold on."""
    return 1 - float(hits([search for search in searches if search.mated], threshold, rank).mean())


def hits(searches: Sequence[Search], threshold: float, rank: int = 1) -> NDArray[np.float64]:
    """For each search 1 where the right person is among the first `rank` candidates from the threshold on, else 0."""
    return np.array([float(_hit(search, threshold, rank)) for search in searches])


def threshold_at(searches: Sequence[Search], rate: float) -> float:
    """The least threshold whose FPIR is not above `rate`."""
    tops = sorted((_best(search) for search in searches if not search.mated), reverse=True)
    allowed = int(rate * len(tops) + 1e-9)
    while 0 < allowed < len(tops) and tops[allowed - 1] == tops[allowed]:
        allowed -= 1
    return float(np.nextafter(tops[allowed], np.inf)) if allowed < len(tops) else -np.inf


def _best(search: Search) -> float:
    return search.scores[0] if search.scores else -np.inf


def _hit(search: Search, threshold: float, rank: int) -> bool:
    return any(
        right and score >= threshold for score, right in zip(search.scores[:rank], search.right[:rank], strict=True)
    )
