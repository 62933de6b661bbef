"""From the scores of different people to a confidence scale: measured points, and a tail that says that it is one.

The false match rate at a cosine is the share of impostor scores that reach it. It is read from the scores as long as at
least MATCHES of them do. Beyond, the distances by which scores exceed a high threshold are taken to be exponential
(the limit of many distributions' tails, and with a lighter tail the rate is stated too high, not too low), with the
mean excess of the TAIL highest scores: the rate falls by a factor of ten every ln(10) times that.

On 1.2 million pairs of the LFW pictures at hand, from which wrong labels were removed, the tail says what
docs/accuracy.md compares with 29.6 million pairs of the whole of LFW.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

MATCHES = 20
"""Fewer false matches measure no rate: with 20 its standard error is 22 per cent, if pairs are independent."""

TAIL = 200
"""So many of the highest scores make the tail: a decade of it has a standard error of 7 per cent or more."""

LEAST_PAIRS = MATCHES * 1000
"""With fewer, not even the false match rate of confidence 0.3 is measured."""

STEP, EXTRAPOLATED_STEP = 0.05, 0.1  # of confidence
DIGITS = 5  # of a cosine


class NoScale(Exception):
    """The scores give none: there are too few of them, or they do not differ."""


@dataclass(frozen=True, slots=True)
class Point:
    """`false_matches`: how many scores reach the cosine; None where the rate is extrapolated."""

    cosine: float
    false_match_rate: float
    false_matches: int | None


def scale_points(scores: NDArray[np.float32]) -> list[Point]:
    """The scale of these impostor scores, [n]: cosine and confidence strictly rise. Raises NoScale."""
    if len(scores) < LEAST_PAIRS:
        raise NoScale(f"{len(scores)} comparisons of different people; at least {LEAST_PAIRS} are needed")
    falling = np.sort(scores)[::-1]
    measured = _measured(falling)
    if len(measured) < 2:
        raise NoScale("the scores of different people do not differ")
    return measured + _tail(measured[-1], float(falling[:TAIL].mean() - falling[TAIL]))


def false_match_rate(scores: NDArray[np.float32], cosine: float) -> float:
    return float(np.mean(scores >= cosine))


def impostor_scores(
    templates: NDArray[np.float32], people: Sequence[str], first: int | None = None
) -> NDArray[np.float32]:
    """Cosines of the pairs of unit rows [n,d] that show two people; `first`: that have one of so many first rows."""
    rows = [cosines for _, _, cosines in _rows(templates, people, len(templates) if first is None else first)]
    return np.concatenate(rows) if rows else np.zeros(0, np.float32)


def closest(templates: NDArray[np.float32], people: Sequence[str], count: int) -> list[tuple[float, int, int]]:
    """The highest of these, each with its two rows: look-alikes, or one person under two names."""
    found = (
        (float(cosines[at]), row, int(others[at]))
        for row, others, cosines in _rows(templates, people, len(templates))
        for at in np.argsort(-cosines)[:count]
    )
    return nlargest(count, found)


def _rows(
    templates: NDArray[np.float32], people: Sequence[str], first: int
) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.float32]]]:
    """Each of the first rows with the later rows of other people, and their cosines."""
    names = np.unique(people, return_inverse=True)[1]
    for row in range(first):
        others = row + 1 + np.flatnonzero(names[row + 1 :] != names[row])
        yield row, others, templates[others] @ templates[row]


def is_for_calibration(person: str) -> bool:
    """A scale is made of the pairs that show one of these people or two, three quarters of all; those among the other
    half of the people check it. By the name, so that it stays so."""
    return sha256(person.encode()).digest()[0] % 2 == 0


def _measured(falling: NDArray[np.float32]) -> list[Point]:
    points: list[Point] = []
    for step in range(1, round(1 / STEP) + 1):
        matches = round(len(falling) * 10 ** (-10 * STEP * step))
        if matches < MATCHES:
            break
        between = float(falling[matches - 1] + falling[matches]) / 2
        cosine = round(between, DIGITS)
        reached = int(np.count_nonzero(falling >= cosine))
        if MATCHES <= reached < len(falling) and (not points or cosine > points[-1].cosine):
            points.append(Point(cosine, reached / len(falling), reached))
    return points


def _tail(last: Point, excess: float) -> list[Point]:
    """From the last measured point to confidence 1, or as far as a cosine goes."""
    start = -math.log10(last.false_match_rate) / 10
    wanted = (EXTRAPOLATED_STEP * step for step in range(1, round(1 / EXTRAPOLATED_STEP) + 1))
    rates = [10 ** (-10 * confidence) for confidence in wanted if confidence > start + STEP / 2]
    cosines = [round(last.cosine + excess * math.log(last.false_match_rate / rate), DIGITS) for rate in rates]
    return [Point(cosine, rate, None) for cosine, rate in zip(cosines, rates, strict=True) if last.cosine < cosine < 1]
