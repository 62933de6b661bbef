"""Who is this: searches in a gallery, of people who are enrolled and of people who are not."""

from collections.abc import Iterator, Sequence

import numpy as np

from shared.gallery.confidence import IDENTICAL, ConfidenceScale
from shared.gallery.search import best_persons
from shared.gallery.segment import Entry, Segment

from .document import Section, Table, count, interval, percent
from .labels import PictureSet, Row
from .statistics.bootstrap import mean_by_person
from .statistics.open_set import Search, fnir, fpir, hits, threshold_at
from .survey import Survey

SPACE = "bench"
RANKS = 10
RATES = (1e-1, 1e-2)

NOTES = """\
- Searched with the service's own exact search (`shared/gallery/search.py`), one enrolled picture a person.
- FPIR: share of searches for people who are not enrolled that return anybody at the threshold; FNIR: share of
  searches for enrolled people that do not return them first at the threshold. A picture without a face counts as a
  search that returns nobody; an enrolment without a face leaves its person out, which counts as a miss.
- Brackets: 95 per cent, persons drawn with replacement. An FPIR of 1e-2 needs 3,000 searches for strangers to be
  within 30 per cent of the truth; fewer are marked *few*."""
_COLUMNS = ("set", "enrolled", "searches", "of strangers", "threshold", "FPIR", "FNIR", "hit rate")


def section(sets: Sequence[PictureSet], survey: Survey, scale: ConfidenceScale) -> Section:
    rows = [row for one in sets if one.rows("identify_gallery") for row in _rows(one, survey, scale)]
    return Section("Identification, 1:N", NOTES, [Table("Open set, rank 1", _COLUMNS, rows)])


def _rows(one: PictureSet, survey: Survey, scale: ConfidenceScale) -> Iterator[list[str]]:
    gallery, probes = one.rows("identify_gallery"), one.rows("identify_probes")
    searches = list(searched(one, survey))
    mated = [(search, row["person"]) for search, row in zip(searches, probes, strict=True) if search.mated]
    strangers = len(searches) - len(mated)
    if not mated or not strangers:
        return
    thresholds = [("none: rank 1", -np.inf)]
    thresholds += [(f"FPIR {rate:.0e}".replace("e-0", "e-"), threshold_at(searches, rate)) for rate in RATES]
    thresholds.append((f"confidence {IDENTICAL}", scale.cosine_at(IDENTICAL)))
    for name, threshold in thresholds:
        found = hits([search for search, _ in mated], threshold)
        missed = mean_by_person(1.0 - found, [person for _, person in mated])
        false = fpir(searches, threshold)
        few = " few" if strangers * false < 30 and threshold > -np.inf else ""
        yield [
            *(one.name, count(len(gallery)), count(len(mated)), count(strangers), name),
            f"{percent(false)}{few}",
            f"{percent(fnir(searches, threshold))} {interval(*missed)}",
            percent(float(found.mean())),
        ]


def searched(one: PictureSet, survey: Survey) -> Iterator[Search]:
    """One search for each row of identify_probes.csv."""
    gallery = one.rows("identify_gallery")
    ids = {row["person"]: at.to_bytes(16, "big") for at, row in enumerate(gallery, 1)}
    segment = Segment.of(
        _entry(row, ids, one, survey) for row in gallery if survey.of(one, row["file"]).template is not None
    )
    for row in one.rows("identify_probes"):
        template = survey.of(one, row["file"]).template
        found = [] if template is None else best_persons([segment], template[None], SPACE, RANKS, -1.0)[0]
        right = tuple(match.person == ids.get(row["person"]) for match in found)
        yield Search(row["enrolled"] == "1", tuple(match.cosine for match in found), right)


def _entry(row: Row, ids: dict[str, bytes], one: PictureSet, survey: Survey) -> Entry:
    template = survey.of(one, row["file"]).template
    assert template is not None
    return Entry(ids[row["person"]], ids[row["person"]], SPACE, template)
