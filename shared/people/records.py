"""What is held on somebody: records (persons of groups or of the directory, faces of lists) and liveness sessions, by
their own names or by the reference that the caller has for the person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.clock import Clock
from shared.errors import PersistedFaceNotFound, PersonNotFound, SubjectNotFound
from shared.people import directory
from shared.people.collections import Collections
from shared.people.directory import Directory
from shared.people.kinds import KINDS, Kind
from shared.people.names import persisted_face_id, person_id
from shared.store.catalogue import Catalogue
from shared.store.expiries import Expiry
from shared.store.gallery_log import GalleryRef
from shared.store.ids import GalleryId
from shared.store.record_rows import RecordRows
from shared.store.sessions import Session, Sessions
from shared.store.subjects import Place, Subjects
from shared.store.terms import SUBJECT, face_record, ids_of, is_over, person_record

OF_DIRECTORY = f"{directory.KIND}|{directory.KIND}"
SESSIONS = "sessions"
"""Where the place of a liveness session has the gallery of a record."""


@dataclass(frozen=True, slots=True)
class Name:
    """A record as callers name it. `kind` None: of the Person Directory. Either a person or a face."""

    kind: Kind | None
    collection: str
    person: str | None
    face: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """`of`: its collection ("persongroups|id"). `key`: p|{personId}, or f||{model}|{faceId}."""

    of: str
    gallery: GalleryRef
    key: str

    @property
    def person(self) -> str:
        """Empty for a face of a list."""
        return ids_of(self.key)[0]

    @property
    def face(self) -> str:
        """Empty for a person."""
        return ids_of(self.key)[1]

    @property
    def kind(self) -> Kind | None:
        """None: of the Person Directory."""
        return KINDS.get(self.of.partition("|")[0])

    @property
    def collection(self) -> str:
        return self.of.partition("|")[2]


@dataclass(frozen=True, slots=True)
class Held:
    """All that was asked for."""

    records: tuple[Record, ...]
    sessions: tuple[Session, ...] = ()


class Records:
    """Every method raises StoreUnavailable."""

    def __init__(
        self,
        collections: Collections,
        people: Directory,
        catalogue: Catalogue,
        rows: RecordRows,
        sessions: Sessions,
        subjects: Subjects,
        clock: Clock,
    ) -> None:
        self._collections = collections
        self._directory = people
        self._catalogue = catalogue
        self._rows = rows
        self._sessions = sessions
        self._subjects = subjects
        self._clock = clock

    def held(self, subject: str | None, names: Iterable[Name], *, over: bool = False) -> Held:
        """Of the subject, and those named; `over`: also what has ended and is stored. Raises SubjectNotFound,
        PersonNotFound, PersistedFaceNotFound, a kind's `not_found`."""
        named = [self.named(name, over=over) for name in names]
        found = self.of_subject(subject, over=over) if subject else Held(())
        if subject and not found.records and not found.sessions:
            raise SubjectNotFound
        return Held(tuple(dict.fromkeys((*found.records, *named))), found.sessions)

    def named(self, name: Name, *, over: bool = False) -> Record:
        record = self._record(name)
        row = self._rows.row(record.gallery.key, record.key)
        if row is None or not self._counts(row, over=over):
            if record.person:
                raise PersonNotFound(f"Person {record.person} is not found.")
            raise PersistedFaceNotFound(f"Persisted face {record.face} is not found.")
        return record

    def of_subject(self, subject: str, *, over: bool = False) -> Held:
        records, sessions = list[Record](), list[Session]()
        for place in self._subjects.places(subject):
            if place.holder == SESSIONS:
                session = self._sessions.find(*place.record.split("|", 1))
                sessions += [session] if session else []
                continue
            record, row = self._at(place)
            if record and row and self._counts(row, over=over) and self._is_of(row, subject):
                records.append(record)
        return Held(tuple(records), tuple(sessions))

    def settle_subject(self, expiry: Expiry) -> None:
        """For the sweep: forget places of a subject's records that are not there."""
        for place in self._subjects.places(expiry.key):
            if not self._holds(place, expiry.key):
                self._subjects.drop(expiry.key, place)

    def at(self, gallery: GalleryId, key: str, of: str) -> Record | None:
        """None where that collection is gone."""
        row = self._catalogue.find(*of.split("|", 1))
        if row is None or row["gallery"] != gallery:
            return None
        return Record(of, GalleryRef(gallery, row.get("shards", directory.SHARDS)), key)

    def _holds(self, place: Place, subject: str) -> bool:
        if place.holder == SESSIONS:
            return self._sessions.find(*place.record.split("|", 1)) is not None
        _, row = self._at(place)
        return row is not None and self._is_of(row, subject)

    def _is_of(self, row: Mapping[str, Any], subject: str) -> bool:
        """Of one who refers to it: whose it is, an altered one does not tell."""
        return row.get(SUBJECT) == subject or not self._rows.is_whole(row)

    def _counts(self, row: Mapping[str, Any], *, over: bool) -> bool:
        """`over`: whether its time is over or not, altered or not. Raises RowAltered."""
        if over:
            return True
        self._rows.check(row)
        return not is_over(row, self._clock())

    def _at(self, place: Place) -> tuple[Record | None, Mapping[str, Any] | None]:
        record = self.at(GalleryId(place.holder), place.record, place.of)
        return record, self._rows.row(record.gallery.key, record.key) if record else None

    def _record(self, name: Name) -> Record:
        if name.kind is None:
            gallery = self._directory.gallery()
            if gallery is None:
                raise PersonNotFound
            return Record(OF_DIRECTORY, gallery, person_record(person_id(name.person or "")))
        collection = self._collections.get(name.kind, name.collection)
        of = f"{name.kind.path}|{collection.id}"
        if name.kind.has_persons:
            return Record(of, collection.gallery, person_record(person_id(name.person or "")))
        face = persisted_face_id(name.face or "")
        return Record(of, collection.gallery, face_record(collection.recognition_model, face))
