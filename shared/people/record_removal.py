"""Removes records for good: asked for by an erasure, or because their time is over."""

from shared.clock import Clock
from shared.errors import FaceError
from shared.people.audit_trail import DELETE, DELETING, AuditTrail
from shared.people.collections import Collections
from shared.people.directory import DEPARTURE
from shared.people.dynamic_groups import DynamicGroups
from shared.people.intents import intents
from shared.people.records import Record, Records
from shared.people.totals import Totals
from shared.store.expiries import Expiries, Expiry
from shared.store.galleries import Galleries, GalleryGone
from shared.store.ids import GalleryId, PersistedFaceId, PersonId
from shared.store.record_rows import RecordRows


class RecordRemoval:
    """All of it may be done more than once. Every method raises StoreUnavailable, WriteConflict."""

    def __init__(
        self,
        records: Records,
        rows: RecordRows,
        galleries: Galleries,
        collections: Collections,
        totals: Totals,
        dynamic_groups: DynamicGroups,
        audit: AuditTrail,
        expiries: Expiries,
        clock: Clock,
    ) -> None:
        self._records = records
        self._rows = rows
        self._galleries = galleries
        self._collections = collections
        self._totals = totals
        self._dynamic_groups = dynamic_groups
        self._audit = audit
        self._expiries = expiries
        self._clock = clock

    def remove(self, record: Record) -> None:
        """Nobody matches it after this returned; a training does not stand in its way."""
        try:
            if record.person:
                self._remove_person(record, PersonId(record.person))
            else:
                model = record.key.split("|")[2]
                self._galleries.remove_face(record.gallery, "", model, PersistedFaceId(record.face))
        except GalleryGone:  # with all that was in it
            return

    def tidy(self, record: Record) -> None:
        """What follows a removal and is nobody's to match: memberships of dynamic groups."""
        if record.person and record.kind is None:
            self._dynamic_groups.leave_all(PersonId(record.person))

    def end(self, expiry: Expiry) -> None:
        """For the sweep: a record that was announced to end, unless its terms have changed since."""
        gallery, _, key = expiry.key.partition("|")
        record = self._records.at(GalleryId(gallery), key, expiry.detail)
        if record and self._rows.has_ended(record.gallery.key, key, self._clock()):
            self._note(DELETING, record)
            self.remove(record)
            self.tidy(record)
            self._note(DELETE, record)

    def _note(self, kind: str, record: Record) -> None:
        for event in intents(kind, "end", [record], of=[record.of]):
            self._audit.note(event)

    def _remove_person(self, record: Record, person: PersonId) -> None:
        if record.kind is None:
            self._expiries.announce_work(DEPARTURE, person, self._clock())
        self._galleries.remove_person(record.gallery, person)
        if record.kind:
            try:
                self._totals.removed(self._collections.get(record.kind, record.collection))
            except FaceError:  # the group was deleted, and its room with it
                return
