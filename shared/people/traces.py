"""Whether anything is left of what was erased: looks for it wherever it can have been."""

from collections.abc import Sequence, Set

from shared.people.records import SESSIONS, Record
from shared.people.segment_swap import has_some
from shared.store.gallery_log import BROKEN, GalleryLog
from shared.store.ids import GalleryId, PersonId, packed
from shared.store.memberships import Memberships
from shared.store.record_rows import RecordRows
from shared.store.segments import Segments
from shared.store.sessions import Sessions
from shared.store.subjects import Subjects

MANY = 1_000_000


class Traces:
    """Every method raises StoreUnavailable."""

    def __init__(
        self,
        rows: RecordRows,
        gallery_log: GalleryLog,
        segments: Segments,
        memberships: Memberships,
        subjects: Subjects,
        sessions: Sessions,
    ) -> None:
        self._rows = rows
        self._log = gallery_log
        self._segments = segments
        self._memberships = memberships
        self._subjects = subjects
        self._sessions = sessions

    def faces(self, record: Record) -> int:
        """How many it has."""
        return self._rows.count_faces(record.gallery.key, record.key)

    def of_records(self, records: Sequence[Record], subject: str | None) -> list[str]:
        """What is left and where, in words without any id; empty: nothing."""
        found = ["a row" for one in records if not self._rows.are_gone(one.gallery.key, one.key)]
        for gallery in {one.gallery.key for one in records}:
            there = [one for one in records if one.gallery.key == gallery]
            faces = frozenset(packed(one.face) for one in there if one.face)
            persons = frozenset(packed(one.person) for one in there if one.person)
            found += self._in_gallery(gallery, faces, persons)
        in_directory = [PersonId(one.person) for one in records if one.person and one.kind is None]
        found += ["a membership" for person in in_directory if self._memberships.references(person, top=1)]
        places = {place.key for place in self._subjects.places(subject)} if subject else set()
        return found + ["a reference" for one in records if f"{one.gallery.key}|{one.key}" in places]

    def of_sessions(self, sessions: Sequence[tuple[str, str]], subject: str | None) -> list[str]:
        """The same of sessions: kind and id."""
        places = {place.key for place in self._subjects.places(subject)} if subject else set()
        found = ["a reference" for kind, key in sessions if f"{SESSIONS}|{kind}|{key}" in places]
        return found + ["a session" for kind, key in sessions if not self._sessions.is_gone(kind, key)]

    def _in_gallery(self, gallery: GalleryId, faces: Set[bytes], persons: Set[bytes]) -> list[str]:
        """Every segment that is stored is looked at, whether a manifest names it or not."""
        events = self._log.all_events(gallery, MANY)
        found = [
            "an event" for event in events if event.kind == BROKEN or event.face in faces or event.person in persons
        ]
        for key in self._segments.stored(gallery):
            opened = self._segments.read(gallery, key)  # whole, so that its index is the one that was sealed
            if opened and has_some(opened[0], faces, persons):
                found.append("a segment")
        return found
