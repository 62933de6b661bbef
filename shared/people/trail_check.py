"""Whether what is stored is what the audit trail tells of: who was deleted and is there, who was enrolled and is not,
who is restricted, and which liveness sessions are not what they were (sessions_check.py). So it shows what was put
back, even if it is whole in itself.

Only entries that are as they were written count (audit_check.py). The trail is read before storage: what was deleted by
then is gone from storage, whoever is at work. Who seems to be missing is held against the trail once more, read after
storage: whoever was deleted meanwhile was about to be before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock, to_text
from shared.people.audit_check import Checked, Key, Take, check
from shared.people.names import GUID
from shared.people.sessions_check import SessionsCheck
from shared.people.stored_galleries import StoredGallery, stored_galleries
from shared.people.trail_told import UNORDERED, Enrolled, Told
from shared.store.audit_chains import ENDS_AFTER, AuditChains, Position, began, kept
from shared.store.catalogue import Catalogue
from shared.store.gallery_rows import GalleryRows
from shared.store.ids import packed, unpacked
from shared.store.sessions import Sessions
from shared.store.terms import RESTRICTED

PERSON = re.compile(rf"p\|(?P<person>{GUID.pattern})")
FACE = re.compile(rf"f\|(?P<owner>({GUID.pattern})?)\|[^|]*\|(?P<face>{GUID.pattern})")


@dataclass(frozen=True, slots=True)
class Record:
    """One that is stored. `raw`: its id's 16 bytes."""

    raw: bytes
    is_person: bool
    is_restricted: bool | None
    of: StoredGallery

    def __str__(self) -> str:
        return f"{self.of}: {_told(self.raw, self.is_person)}"


class TrailCheck:
    """Reads everything that the trail and the rows of galleries say, and writes nothing. Every method raises
    StoreUnavailable."""

    def __init__(
        self,
        chains: AuditChains,
        key: Key,
        catalogue: Catalogue,
        rows: GalleryRows,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._chains = chains
        self._key = key
        self._catalogue = catalogue
        self._rows = rows
        self._clock = clock

    def check(self, outside: Sequence[Position] = ()) -> tuple[Checked, list[str]]:
        """What was found of the trail itself, and what is wrong with storage by it. `outside`: anchors that were kept
        elsewhere."""
        sessions = SessionsCheck(self._sessions)
        checked, told = self._read(outside, sessions.take)
        missing = dict(told.must_be_there(self._since(checked)))
        problems, doubted = list[str](), list[Record]()
        for record in self._stored(told, problems):
            missing.pop(record.raw, None)
            if why := told.must_be_gone(record.raw):
                problems.append(f"{record} {why}, and is there")
            elif _is_doubted(record, told):
                doubted.append(record)
        if missing or doubted:
            again, told = self._read(outside)
            since = self._since(again)
            there = {raw for raw, _ in told.must_be_there(since)}
            problems += _missing({raw: one for raw, one in missing.items() if raw in there})
            problems += [_of_restriction(record, told) for record in doubted if _is_doubted(record, told)]
        return checked, [*problems, *sessions.problems()]

    def _read(self, outside: Sequence[Position], also: Take = lambda _: None) -> tuple[Checked, Told]:
        told = Told()

        def take(entry: Mapping[str, Any]) -> None:
            told.take(entry)
            also(entry)

        checked = check(self._chains, self._key, outside, take)
        told.settle()
        return checked, told

    def _stored(self, told: Told, problems: list[str]) -> Iterator[Record]:
        """Everybody who is there; to `problems` go galleries that should not be."""
        for stored in stored_galleries(self._catalogue):
            if at := told.galleries.get(stored.gallery.key):
                problems.append(f"{stored} was deleted at {to_text(at)}, and is there")
            yield from self._in_gallery(stored)

    def _in_gallery(self, stored: StoredGallery) -> Iterator[Record]:
        """The faces of who is not there are no records: they are about to be removed. Nor are rows whose keys are not
        ours, which the gallery's own check tells of."""
        key, persons = stored.gallery.key, set[bytes]()
        for row in self._rows.brief(key, "p|"):
            if found := PERSON.fullmatch(row["RowKey"]):
                persons.add(raw := packed(found["person"]))
                yield Record(raw, is_person=True, is_restricted=bool(row.get(RESTRICTED)), of=stored)
        for row in self._rows.brief(key, "f|"):
            if not (found := FACE.fullmatch(row["RowKey"])):
                continue
            owner, raw = found["owner"], packed(found["face"])
            if not owner or packed(owner) in persons:
                is_restricted = None if owner else bool(row.get(RESTRICTED))
                yield Record(raw, is_person=False, is_restricted=is_restricted, of=stored)

    def _since(self, checked: Checked) -> datetime:
        """Whatever followed an enrolment that is told of later than this is told of too: it is in no chain whose time
        may be over, and in none that cannot be read."""
        spans = [found for chain in self._chains.chains() if (found := _span(chain))]
        broken = [_span(problem.partition(":")[0]) for problem in checked.problems]
        times = [found.began + ENDS_AFTER + UNORDERED for found in broken if found]
        if spans:
            times.append(self._clock() - min(found.kept for found in spans) + ENDS_AFTER)
        return max(times, default=self._clock())


@dataclass(frozen=True, slots=True)
class _Span:
    """Of a chain: when it began, for how long it is kept after its last entry."""

    began: datetime
    kept: timedelta


def _span(chain: str) -> _Span | None:
    """None where nobody of ours named it."""
    try:
        return _Span(began(chain), kept(chain))
    except ValueError:
        return None


def _is_doubted(record: Record, told: Told) -> bool:
    """Whether the trail says otherwise of its restriction."""
    known = told.restrictions.get(record.raw)
    sure = known.sure if known and record.is_restricted is not None else None
    return sure is not None and sure != record.is_restricted


def _of_restriction(record: Record, told: Told) -> str:
    at = to_text(told.restrictions[record.raw].at or datetime.min)
    return f"{record} " + (
        f"is restricted, which was lifted at {at}" if record.is_restricted else f"was restricted at {at}, and is not"
    )


def _missing(missing: Mapping[bytes, Enrolled]) -> Iterator[str]:
    """The faces of a person who is missing go without saying."""
    for raw, one in missing.items():
        if one.owner not in missing:
            yield f"{one.of}: {_told(raw, one.is_person)} was enrolled at {to_text(one.at)}, and is missing"


def _told(raw: bytes, is_person: bool) -> str:
    return f"{'person' if is_person else 'face'} {unpacked(raw)}"
