"""Faces of unknown people, put together."""

from collections.abc import Sequence

import numpy as np

from shared.gallery.confidence import ConfidenceScale
from shared.gallery.grouping import TOGETHER, group

from .document import Section, Table, count, percent
from .labels import PictureSet
from .statistics.clusters import bcubed, pairwise
from .survey import Survey

NOTES = f"""\
- The service's own grouping (`shared/gallery/grouping.py`) at confidence {TOGETHER}. Purity is precision,
  completeness recall: over pairs of faces, and as the mean over faces (BCubed).
- The set is group.csv where there is one, else identities.csv. The threshold was chosen on these sets."""
_COLUMNS = (
    *("set", "faces", "persons", "groups of two and more", "pairs: purity", "completeness"),
    *("BCubed: purity", "completeness", "F"),
)


def section(sets: Sequence[PictureSet], survey: Survey, scale: ConfidenceScale) -> Section:
    rows = [row for one in sets if (row := _row(one, survey, scale.cosine_at(TOGETHER)))]
    return Section("Grouping", NOTES, [Table("Purity and completeness", _COLUMNS, rows)])


def _row(one: PictureSet, survey: Survey, minimum: float) -> list[str] | None:
    rows = one.rows("group") or one.rows("identities")
    seen = [(survey.of(one, row["file"]).template, row["person"]) for row in rows]
    known = [(template, person) for template, person in seen if template is not None]
    persons = [person for _, person in known]
    if len(set(persons)) < 2 or len(set(persons)) == len(persons):
        return None
    groups = group(np.stack([template for template, _ in known]), minimum)
    number = {face: at for at, faces in enumerate(groups) for face in faces}
    own = [number[face] for face in range(len(known))]
    pairs, cubed = pairwise(own, persons), bcubed(own, persons)
    return [
        *(one.name, count(len(known)), count(len(set(persons))), count(sum(len(faces) > 1 for faces in groups))),
        *(percent(pairs.precision), percent(pairs.recall), percent(cubed.precision), percent(cubed.recall)),
        f"{cubed.f:.3f}",
    ]
