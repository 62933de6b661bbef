"""What else may be asked about somebody on whom something is held: all of it, that nobody uses it, other terms."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from shared.clock import Clock
from shared.errors import PersistedFaceNotFound, PersonNotFound
from shared.people.agreements import Agreements
from shared.people.audit_trail import RESTRICTING, AuditTrail
from shared.people.intents import intents
from shared.people.records import Name, Record, Records
from shared.people.refusals import refusals
from shared.store.cipher import SealBroken
from shared.store.ids import PersonId
from shared.store.memberships import Memberships
from shared.store.record_rows import HeldFace, RecordRows
from shared.store.session_images import SessionImages
from shared.store.sessions import Session
from shared.store.subjects import Subjects
from shared.store.terms import Terms, read, restricted_since

log = logging.getLogger("ownface.people")


@dataclass(frozen=True, slots=True, eq=False)
class HeldRecord:
    """All that is stored of a record. `name`, `groups` (dynamic ones): of persons."""

    record: Record
    name: str | None
    user_data: str | None
    terms: Terms
    restricted: datetime | None
    faces: tuple[HeldFace, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class HeldSession:
    """All that is stored of a liveness session. `attempts`: as plain JSON. `images`: JPEG by id."""

    session: Session
    attempts: list[Any]
    images: dict[str, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    records: tuple[HeldRecord, ...]
    sessions: tuple[HeldSession, ...]


class Rights:
    """`subject`, `names`: whom it is about. Every method raises what Records.held does."""

    def __init__(
        self,
        records: Records,
        rows: RecordRows,
        agreements: Agreements,
        subjects: Subjects,
        memberships: Memberships,
        images: SessionImages,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._records = records
        self._rows = rows
        self._agreements = agreements
        self._subjects = subjects
        self._memberships = memberships
        self._images = images
        self._audit = audit
        self._clock = clock

    def export(self, subject: str | None, names: Iterable[Name]) -> Export:
        held = self._records.held(subject, names)
        records = [found for record in held.records if (found := self._of_record(record))]
        return Export(tuple(records), tuple(map(self._of_session, held.sessions)))

    def restrict(self, subject: str | None, names: Iterable[Name], *, lift: bool = False) -> Sequence[Record]:
        """No search that begins after this has returned finds these records, in any process; `lift`: they do again."""
        records, since = self._records.held(subject, names).records, None if lift else self._clock()
        for event in intents(RESTRICTING, "lift" if lift else "restrict", records):
            self._audit.note(event)
        for record in records:
            with refusals(record.person or record.face):
                if not self._rows.restrict(record.gallery.key, record.key, since):
                    raise _gone(record)
        return records

    def agree(
        self, subject: str | None, names: Iterable[Name], change: Terms, clear: frozenset[str]
    ) -> Sequence[Record]:
        """Other terms: what `change` says; `clear`: names of fields that are taken back."""
        records = self._records.held(subject, names).records
        for record in records:
            self._agree(record, change, clear)
        return records

    def _agree(self, record: Record, change: Terms, clear: frozenset[str]) -> None:
        gallery = record.gallery.key
        row = self._rows.whole(gallery, record.key)
        if row is None:
            raise _gone(record)
        before = read(row)
        said = {name: value for name in Terms.__slots__ if (value := getattr(change, name)) is not None}
        after = replace(before, **said, **dict.fromkeys(clear))
        moves = before.subject and before.subject != after.subject
        if before.subject and moves:
            self._subjects.leaving(before.subject)
        self._agreements.announcing(after, gallery, record.of)(record.key)
        with refusals(record.person or record.face):
            if not self._rows.agree(gallery, record.key, after):
                raise _gone(record)
        if before.subject and moves:
            self._subjects.leave(before.subject, gallery, record.key)

    def _of_record(self, record: Record) -> HeldRecord | None:
        gallery = record.gallery.key
        row = self._rows.whole(gallery, record.key)
        if row is None:
            return None
        groups = self._memberships.references(PersonId(record.person)) if record.person and not record.kind else []
        return HeldRecord(
            record=record,
            name=row.get("name"),
            user_data=row.get("userData") if record.person else None,
            terms=read(row),
            restricted=restricted_since(row),
            faces=tuple(self._rows.faces(gallery, record.key)),
            groups=tuple(group for group, _ in groups),
        )

    def _of_session(self, session: Session) -> HeldSession:
        endings = [attempt.ending for attempt in session.attempts if attempt.ending]
        ids = [ending.image_id for ending in endings if ending.image_id]
        images = {key: image for key in ids if (image := self._image(session.session_id, key))}
        return HeldSession(session, msgspec.to_builtins(session.attempts), images)

    def _image(self, session_id: str, key: str) -> bytes | None:
        """None also where it was altered in storage: then it is not what was held."""
        try:
            return self._images.get(session_id, key)
        except SealBroken:
            log.error("the image of session %s does not open", session_id)
            return None


def _gone(record: Record) -> PersonNotFound | PersistedFaceNotFound:
    """Removed while this was going on."""
    return PersonNotFound() if record.person else PersistedFaceNotFound()
