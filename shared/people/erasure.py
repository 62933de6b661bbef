"""Erases what is held on somebody, everywhere, and says so with a receipt once nothing of it is left.

What is erased is not matched from the moment on that the call was answered: that much is done before. Segments and
events lose it through the queue within seconds, or by the sweep should that fail. The receipt comes about 22 minutes
later, when no process can have a copy in its caches either, and only if looking for it finds nothing."""

import hashlib
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from shared.clock import Clock, to_text
from shared.errors import ErasureNotFound
from shared.people.audit_trail import DELETE, DELETING, AuditTrail, Event
from shared.people.compaction import Compaction
from shared.people.intents import intents
from shared.people.kinds import Kind
from shared.people.liveness_sessions import LivenessSessions
from shared.people.names import GUID
from shared.people.receipts import Receipts
from shared.people.record_removal import RecordRemoval
from shared.people.records import Held, Name, Record, Records
from shared.people.refusals import refusals
from shared.people.traces import Traces
from shared.store.erasures import SETTLED_AFTER, Erasure, Erasures
from shared.store.expiries import Expiry
from shared.store.tables import StoreUnavailable
from shared.store.work_queue import WorkQueue

log = logging.getLogger("ownface.people")

AGAIN = timedelta(minutes=2)


class What(msgspec.Struct):
    """What an erasure is about. `faces`: how many each record had."""

    subject: str | None
    records: list[Record]
    faces: list[int]
    sessions: list[tuple[str, str]]


class Erasing:
    """Every method raises StoreUnavailable."""

    def __init__(
        self,
        records: Records,
        removal: RecordRemoval,
        traces: Traces,
        erasures: Erasures,
        compaction: Compaction,
        sessions: LivenessSessions,
        receipts: Receipts,
        audit: AuditTrail,
        work: WorkQueue,
        clock: Clock,
    ) -> None:
        self._records = records
        self._removal = removal
        self._traces = traces
        self._erasures = erasures
        self._compaction = compaction
        self._sessions = sessions
        self._receipts = receipts
        self._audit = audit
        self._work = work
        self._clock = clock

    def begin(self, subject: str | None, names: Iterable[Name]) -> tuple[str, Held]:
        """The erasure's id, and what is not matched any more. Raises what Records.held does."""
        held = self._records.held(subject, names, over=True)
        faces = [self._traces.faces(record) for record in held.records]
        sessions = [(one.kind, one.session_id) for one in held.sessions]
        what = What(subject, list(held.records), faces, sessions)
        key = self._erasures.create(msgspec.json.encode(what))
        for event in intents(DELETING, "erasure", held.records, erasureId=[key]):
            self._audit.note(event)
        for record in held.records:
            with refusals(record.person or record.face):
                self._removal.remove(record)
        for kind, session in what.sessions:
            self._sessions.remove(kind, session, subject)
        try:
            self._work.send({"do": "forget", "erasure": key})
        except StoreUnavailable:
            log.warning("erasure %s goes on with the sweep only", key)
        return key, held

    def get(self, erasure_id: str) -> Erasure:
        """Raises ErasureNotFound."""
        key = erasure_id.lower()
        found = self._erasures.find(key) if GUID.fullmatch(key) else None
        if found is None:
            raise ErasureNotFound
        return found

    def forget(self, key: str) -> None:
        """What is left to do, in the background."""
        found = self._erasures.find(key)
        if found and found.finished is None:
            self._forget(msgspec.json.decode(found.what, type=What))

    def proceed(self, expiry: Expiry) -> None:
        """For the sweep: the same, and the receipt when it is time and nothing is left."""
        found = self._erasures.find(expiry.key)
        if found is None or found.finished:
            return
        what = msgspec.json.decode(found.what, type=What)
        self._forget(what)
        if self._clock() < found.created + SETTLED_AFTER:
            return
        left = self._traces.of_records(what.records, what.subject)
        left += self._traces.of_sessions(what.sessions, what.subject)
        if left:
            log.warning("erasure %s: there is still %s", found.erasure_id, ", ".join(sorted(set(left))))
            self._erasures.look_again(found.erasure_id, AGAIN)
            return
        receipt = self._receipts.issue(found.erasure_id, self._told(found, what))
        digest = hashlib.sha256(receipt.encode()).hexdigest()
        ids = {"erasureId": [found.erasure_id], "sha256": [digest]}
        self._audit.note(Event(DELETE, "receipt", ids))
        self._erasures.finish(found.erasure_id, receipt)

    def _forget(self, what: What) -> None:
        for record in what.records:
            self._removal.remove(record)
            self._removal.tidy(record)
        for gallery in {record.gallery.key for record in what.records}:
            self._compaction.run(gallery)
        for kind, session in what.sessions:
            self._sessions.remove(kind, session, what.subject)

    def _told(self, erasure: Erasure, what: What) -> dict[str, Any]:
        """The receipt's claims."""
        told: dict[str, Any] = {"asked": to_text(erasure.created), "gone": to_text(self._clock())}
        if what.subject:
            told["subject"] = what.subject
        told["records"] = [named(one) | {"faces": faces} for one, faces in zip(what.records, what.faces, strict=True)]
        told["sessions"] = [{"kind": kind, "sessionId": session} for kind, session in what.sessions]
        return told


def named(record: Record) -> dict[str, Any]:
    """As callers name it."""
    kind: Kind | None = record.kind
    holder = {kind.id_field: record.collection} if kind else {}
    return holder | ({"personId": record.person} if record.person else {"persistedFaceId": record.face})
