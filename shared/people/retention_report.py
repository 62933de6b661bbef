"""What is kept, by which policy, how much of it, since when, and whether anything that is over is still there.

Read from what there is anyway: the announcements of what expires, the counts of the catalogue, the heads of galleries.
So it costs a bounded number of queries; where there is more than they show, it says that it is at least so much.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from shared.clock import Clock, from_text
from shared.people import collections, directory, dynamic_groups, removals, resealing
from shared.people.agreements import RETENTION
from shared.people.kinds import KINDS
from shared.store import audit_chains, erasures, face_ids, operations, sessions, subjects
from shared.store.catalogue import Catalogue
from shared.store.expiries import Expiries, Expiry
from shared.store.galleries import Galleries
from shared.store.ids import GalleryId

ANNOUNCEMENTS = 10_000  # that are read
COLLECTIONS = 200  # of a kind, whose members are counted
READERS = 8


@dataclass(frozen=True, slots=True)
class Policy:
    """`kind`: what is kept. `text`: until when."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """`at_least`: there may be more, and older ones. `overdue`: for how long the first of them is over."""

    policy: Policy
    count: int = 0
    oldest: datetime | None = None
    overdue: timedelta = timedelta()
    at_least: bool = False


FACE_IDS = Policy("faceIds", "until their time to live ends, at most 24 hours; a sealed template each")
SESSIONS = Policy("livenessSessions", "48 hours, or until they are deleted")
IMAGES = Policy("livenessSessionsWithImages", "with their session: 48 hours, or until it is deleted")
OPERATIONS = Policy("operations", "48 hours")
ERASURES = Policy("erasures", "30 days, with their receipts")
RECORDS = Policy("recordsWithEnd", "until the moment that was said at enrolment")
AUDIT = Policy("auditChains", "a day of entries of one process each, who called too; for the days of FACE_AUDIT_DAYS")
WORK = Policy("workUnderWay", "minutes: what deletions and changes have left to do")
UNTIL_DELETED = "until they are deleted"

POLICIES = {
    face_ids.KIND: FACE_IDS,
    sessions.KIND: SESSIONS,
    operations.KIND: OPERATIONS,
    erasures.RECEIPT: ERASURES,
    RETENTION: RECORDS,
    audit_chains.KIND: AUDIT,
    **dict.fromkeys(
        (
            collections.ERASURE,
            removals.COMPACTION,
            directory.DEPARTURE,
            dynamic_groups.MEMBERSHIPS,
            resealing.KIND,
            erasures.PROGRESS,
            subjects.KIND,
        ),
        WORK,
    ),
}
"""By kind of expiry."""


class RetentionReport:
    """Every method raises StoreUnavailable."""

    def __init__(self, expiries: Expiries, catalogue: Catalogue, galleries: Galleries, clock: Clock) -> None:
        self._expiries = expiries
        self._catalogue = catalogue
        self._galleries = galleries
        self._clock = clock

    def lines(self) -> list[Line]:
        return [*self._expiring(), *self._kept()]

    def _expiring(self) -> Iterable[Line]:
        """In the order in which they come due: what is over is counted in full before anything else."""
        now = self._clock()
        rows = list(islice(self._expiries.coming(), ANNOUNCEMENTS + 1))
        lines = {policy: Line(policy) for policy in (*POLICIES.values(), IMAGES)}
        for row in rows[:ANNOUNCEMENTS]:
            policy = POLICIES.get(row.expiry.kind, WORK)
            lines[policy] = _with(lines[policy], row.expiry, row.written, now)
            if row.expiry.kind == sessions.KIND and row.expiry.detail.endswith(sessions.WITH_IMAGES):
                lines[IMAGES] = _with(lines[IMAGES], row.expiry, row.written, now)
        return [replace(line, at_least=len(rows) > ANNOUNCEMENTS) for line in lines.values()]

    def _kept(self) -> Iterable[Line]:
        for kind in KINDS.values():
            rows = list(self._catalogue.list(kind.path, "", COLLECTIONS))
            there = self._catalogue.count(kind.path)
            oldest = min((from_text(row["created"]) for row in rows), default=None)
            more = there > len(rows)
            yield Line(Policy(f"{kind.name}s", UNTIL_DELETED), there, oldest, at_least=more)
            members = "persons" if kind.has_persons else "faces"
            text = f"{UNTIL_DELETED}, or until the end that was said at enrolment; sealed templates"
            yield Line(Policy(f"{kind.name} {members}", text), self._members(rows), oldest, at_least=more)
        people = list(self._catalogue.list(directory.KIND, "", 1))
        oldest = min((from_text(row["created"]) for row in people), default=None)
        text = f"{UNTIL_DELETED}, or until the end that was said at enrolment; sealed templates"
        yield Line(Policy("Directory persons", text), self._members(people), oldest)
        yield Line(Policy("DynamicPersonGroups", UNTIL_DELETED), self._catalogue.count(dynamic_groups.KIND))

    def _members(self, rows: Iterable[Mapping[str, str]]) -> int:
        galleries = [GalleryId(row["gallery"]) for row in rows]
        with ThreadPoolExecutor(READERS) as readers:
            return sum(sum(members) for members in readers.map(self._galleries.members, galleries))


def _with(line: Line, expiry: Expiry, written: datetime, now: datetime) -> Line:
    """One more: of faceIds as many as the announcement names."""
    many = expiry.detail.count(",") + 1 if line.policy is FACE_IDS else 1
    oldest = min(line.oldest, written) if line.oldest else written
    return replace(line, count=line.count + many, oldest=oldest, overdue=max(line.overdue, now - expiry.due))
