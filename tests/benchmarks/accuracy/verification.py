"""One picture against another: error rates at thresholds, and the verdicts of the service."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shared.gallery.confidence import IDENTICAL, ConfidenceScale
from shared.gallery.impostors import is_for_calibration

from .document import Section, Table, count, interval, percent, share
from .labels import PictureSet, Row
from .statistics.bootstrap import Resampled
from .statistics.comparisons import Comparisons, all_pairs, compared, equal_error_rate, fmr, fnmr, threshold_at
from .statistics.proportions import RULE_OF_3, support, trials_for
from .survey import Survey

RATES = (1e-2, 1e-3, 1e-4, 1e-5)
CLAIMS = (0.2, 0.3, 0.4, 0.5)
LEAST_PERSONS = 20  # for an interval by drawing persons
LEAST_IMPOSTORS = 1000  # for a row of the confidence scale

NOTES = f"""\
- FMR: share of impostor comparisons at or above the threshold; FNMR: share of genuine ones below. Both count
  pictures in which a face was found; the others are failures to acquire.
- Brackets: 95 per cent, persons drawn with replacement (500 times), threshold and genuine scores from the same
  draw. Sets of fewer than {LEAST_PERSONS} persons get none: so few people say nothing of others.
- *few*: the data bring fewer than 30 false matches at that rate (rule of 30: the true rate may be off by more than
  30 per cent). A dash: fewer than three (rule of 3), so the data cannot speak of that rate; in parentheses the
  impostor comparisons that three errors would need. Comparisons share persons, so even these rules flatter.
- The template is that of the largest face of each picture.
- The scale is checked on pairs among people of whom `dev.py models calibrate` makes none, half of each set."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A set's comparisons: all pairs of its pictures, or those that pairs.csv names.

    `people` [p] says who the persons are that Comparisons numbers."""

    name: str
    pairs: str
    people: tuple[str, ...]
    comparisons: Comparisons

    @property
    def persons(self) -> int:
        return len(self.people)

    def unused(self) -> Comparisons:
        """Those among people of whom no confidence scale is made."""
        free = np.array([not is_for_calibration(person) for person in self.people])
        c = self.comparisons
        genuine, impostor = free[c.genuine_persons], free[c.impostor_persons].all(axis=1)
        return Comparisons(
            c.genuine[genuine], c.impostor[impostor], c.genuine_persons[genuine], c.impostor_persons[impostor]
        )


def section(sets: Sequence[PictureSet], survey: Survey, scale: ConfidenceScale) -> Section:
    every = [one for own in sets for one in _compared(own, survey)]
    return Section(
        "Verification",
        NOTES,
        [
            Table(
                "FNMR at FMR",
                ("set", "pairs", "persons", "genuine", "impostor", "EER", *map(_rate, RATES)),
                [_row(one) for one in every],
            ),
            Table(f"Verdicts at confidence {IDENTICAL}", _VERDICTS, [_verdicts(one, scale) for one in every]),
            Table(
                "What the confidence scale claims, and what is so",
                _CLAIMS,
                [row for one in every for row in _claims(one, scale)],
            ),
        ],
    )


_VERDICTS = ("set", "pairs", "genuine", "called different", "FNMR", "impostor", "called identical", "FMR")
_CLAIMS = ("set", "confidence", "claimed FMR", "unused impostor pairs", "matches", "measured FMR", "measured / claimed")


def _compared(one: PictureSet, survey: Survey) -> Iterator[Compared]:
    for found in (every_pair(one, survey), _given(one, survey)):
        if found and len(found.comparisons.genuine) and len(found.comparisons.impostor):
            yield found


def every_pair(one: PictureSet, survey: Survey) -> Compared | None:
    """All pairs of a set's pictures; None where there are no two templates."""
    seen = [(survey.of(one, file).template, person) for file, person in one.persons.items()]
    known = [(template, person) for template, person in seen if template is not None]
    if len(known) < 2:
        return None
    people, numbers = np.unique([person for _, person in known], return_inverse=True)
    comparisons = all_pairs(np.stack([template for template, _ in known]), numbers)
    return Compared(one.name, "all", tuple(people.tolist()), comparisons)


def _given(one: PictureSet, survey: Survey) -> Compared | None:
    """Files that identities.csv does not name show each a person of their own, but for pairs that are the same."""
    rows = [
        (survey.of(one, row["file_a"]).template, survey.of(one, row["file_b"]).template, row)
        for row in one.rows("pairs")
    ]
    known = [(first, second, row) for first, second, row in rows if first is not None and second is not None]
    if not known:
        return None
    scores = np.array([float(first.astype(np.float64) @ second) for first, second, _ in known])
    people, numbers = np.unique([_people(one, row) for *_, row in known], return_inverse=True)
    pairs = numbers.reshape(-1, 2)
    return Compared(one.name, "pairs.csv", tuple(people.tolist()), compared(scores, pairs[:, 0], pairs[:, 1]))


def _people(one: PictureSet, row: Row) -> tuple[str, str]:
    first, second = (one.persons.get(row[column], row[column]) for column in ("file_a", "file_b"))
    return first, first if row["same"] == "1" else second


def _rate(rate: float) -> str:
    return f"at {rate:.0e}".replace("e-0", "e-")


def _row(one: Compared) -> list[str]:
    c = one.comparisons
    resampled = Resampled(c, max(RATES)) if one.persons >= LEAST_PERSONS else None
    return [
        *(one.name, one.pairs, count(one.persons), count(len(c.genuine)), count(len(c.impostor))),
        percent(equal_error_rate(c)),
        *(_fnmr_at(rate, c, resampled) for rate in RATES),
    ]


def _fnmr_at(rate: float, comparisons: Comparisons, resampled: Resampled | None) -> str:
    supported = support(rate, len(comparisons.impostor))
    if supported == "none":
        return f"– ({count(trials_for(rate, RULE_OF_3))})"
    missed = percent(fnmr(comparisons, threshold_at(comparisons, rate)))
    drawn = f" {interval(*resampled.fnmr_at(rate))}" if resampled else ""
    return f"{missed}{drawn}{' few' if supported == 'weak' else ''}"


def _verdicts(one: Compared, scale: ConfidenceScale) -> list[str]:
    c, threshold = one.comparisons, scale.cosine_at(IDENTICAL)
    missed, matched = int(np.sum(c.genuine < threshold)), int(np.sum(c.impostor >= threshold))
    return [
        *(one.name, one.pairs, count(len(c.genuine)), count(missed), share(missed, len(c.genuine))),
        *(count(len(c.impostor)), count(matched), share(matched, len(c.impostor))),
    ]


def _claims(one: Compared, scale: ConfidenceScale) -> Iterator[list[str]]:
    c = one.unused()
    if one.pairs != "all" or len(c.impostor) < LEAST_IMPOSTORS:
        return
    resampled = Resampled(c) if one.persons >= LEAST_PERSONS else None
    for confidence in CLAIMS:
        threshold, claimed = scale.cosine_at(confidence), 10 ** (-10 * confidence)
        measured, supported = fmr(c, threshold), support(claimed, len(c.impostor))
        if supported == "none":
            continue
        drawn = " [{:.1e}, {:.1e}]".format(*resampled.fmr(threshold)) if resampled else ""
        yield [
            *(one.name, f"{confidence}", f"{claimed:.0e}", count(len(c.impostor))),
            count(int(np.sum(c.impostor >= threshold))),
            f"{measured:.1e}{drawn}",
            f"{measured / claimed:.2f}{' few' if supported == 'weak' else ''}",
        ]
