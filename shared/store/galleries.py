"""The persons and faces of galleries: the rows that are the truth, and every change to them.

Of a gallery's partition (see gallery_log.py) these are

    p|{personId}                   a person: name, userData, and for each recognition model the ids of the faces
    f|{owner}|{model}|{faceId}     a face: userData and the sealed template; the owner is a person, or empty in a list

Persons, and faces of lists, may have terms (terms.py): from the moment on that they end with, they are not there.

Both are sealed as wholes (row_seals.py); one that was altered is an error to whoever asks for it, and can be removed.

A change of faces is one transaction: the person's row on condition that it has not changed, the face's row, the event,
and the head of the owner's shard. So no update is lost, and what is counted is what is there.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.clock import Clock
from shared.store import terms
from shared.store.cipher import Cipher
from shared.store.gallery_log import (
    FACE_ADDED,
    FACE_REMOVED,
    MANIFEST,
    PERSON_REMOVED,
    SHARDS,
    GalleryRef,
    Head,
    event_row,
    face_identity,
    head_key,
    head_row,
    identity_of,
    open_templates,
)
from shared.store.heads import Heads
from shared.store.ids import GalleryId, PersistedFaceId, PersonId, packed
from shared.store.manifests import Manifest, manifest_row
from shared.store.members import FACES, NewFace, PersistedFace, Person, parts, person_of, split, user_data_column
from shared.store.partings import Partings
from shared.store.retries import LimitReached, persistently
from shared.store.row_seals import WITHOUT_TEMPLATE, changed, check, is_whole, sealed_row
from shared.store.subjects import Subjects
from shared.store.tables import ETAG, Delete, Insert, Merge, Step, Tables
from shared.store.terms import NOTHING, SUBJECT, Agreed, face_record, person_record

READERS = 4
ASKED_AT_ONCE = 64
ERASED_AT_ONCE = 1000  # rows: so that an erasure that is cut short has got somewhere


class GalleryGone(Exception):
    """The gallery is not there any more."""


class PersonGone(Exception):
    """The person that a face is added to is not there."""


class Galleries:
    """Every method raises StoreUnavailable, also where what it needs was altered; those that change something
    WriteConflict."""

    def __init__(
        self,
        tables: Tables,
        cipher: Cipher,
        heads: Heads,
        removing: Callable[[GalleryId], None],
        moved: Callable[[GalleryId, str, int], None],
        subjects: Subjects,
        clock: Clock,
    ) -> None:
        """`removing`: told of a gallery right before each attempt to remove something from it. `moved`: told of each
        change of faces, with its shard and the sequence that this has reached."""
        self._table = tables.table("galleries")
        self._cipher = cipher
        self._heads = heads
        self._removing = removing
        self._moved = moved
        self._subjects = subjects
        self._partings = Partings(tables, cipher, removing, subjects)
        self._clock = clock
        self._readers = ThreadPoolExecutor(8, thread_name_prefix="galleries-read")

    def create(self, gallery: GalleryRef) -> None:
        """An empty gallery."""
        shards = SHARDS[: gallery.shards]
        manifest = manifest_row(self._cipher, gallery.key, MANIFEST, Manifest(folded=dict.fromkeys(shards, 0)))
        self._table.put([manifest, *(head_row(self._cipher, gallery.key, shard, 0, 0) for shard in shards)])

    def erase(self, gallery: GalleryId) -> None:
        """Remove every row. The heads go first: without them no change that is under way can be written."""
        self._table.delete_many(gallery, [MANIFEST, *map(head_key, SHARDS)])
        while rows := list(self._rows(gallery, "", "~", ("RowKey", SUBJECT), ERASED_AT_ONCE)):
            for row in rows:
                if subject := row.get(SUBJECT):
                    self._subjects.leave(subject, gallery, row["RowKey"])
            self._table.delete_many(gallery, [row["RowKey"] for row in rows])

    # persons

    def add_person(
        self,
        gallery: GalleryRef,
        name: str,
        user_data: str | None,
        limit: int | Sequence[int],
        agreed: Agreed = NOTHING,
    ) -> PersonId:
        """`limit`: of the gallery, or of each of its shards. Raises LimitReached, GalleryGone."""
        rooms = parts(limit, gallery.shards) if isinstance(limit, int) else limit
        columns = {"name": name, **user_data_column(user_data), **terms.columns(agreed.terms)}

        def add(head: Head, guid: str) -> list[Step]:
            agreed.announce(person_record(guid))
            row = {"PartitionKey": gallery.key, "RowKey": f"p|{guid}", "token": guid, **columns}
            moved = self._heads.moved(gallery.key, head, events=0, members=1)
            new = Insert(sealed_row(self._cipher, row))
            return [new, moved, *terms.written_with(gallery.key, person_record(guid), agreed.terms)]

        return PersonId(self._add_member(gallery, rooms, add, events=0))

    def members(self, gallery: GalleryId) -> tuple[int, ...]:
        """How many persons, in a list faces, each shard has."""
        return tuple(head.members for head in self._heads.all(gallery))

    def person(self, gallery: GalleryId, person: PersonId) -> Person | None:
        row = self._table.get(gallery, f"p|{person}")
        return person_of(row) if row and self._is_there(row) else None

    def has_persons(self, gallery: GalleryId, persons: Sequence[PersonId]) -> bool:
        """Whether all are there. Threads of its own: many persons of one call must not keep the calls of others
        waiting."""
        with ThreadPoolExecutor(READERS) as readers:
            for start in range(0, len(persons), ASKED_AT_ONCE):
                some = persons[start : start + ASKED_AT_ONCE]
                if not all(readers.map(lambda person: self.person(gallery, person) is not None, some)):
                    return False
        return True

    def persons(self, gallery: GalleryId, start: str, top: int) -> list[Person]:
        """Those after `start`, ascending by id."""
        return [person_of(row) for row in self._living(gallery, f"p|{start}", "p|~", (), top)]

    def update_person(self, gallery: GalleryId, person: PersonId, name: str | None, user_data: str | None) -> bool:
        """Replaces what is given. False where there is no such person."""
        columns = {**({} if name is None else {"name": name}), **user_data_column(user_data)}
        return self._update(gallery, person_record(person), columns)

    def remove_person(self, gallery: GalleryRef, person: PersonId) -> bool:
        """The person and all faces. False where there is no such person."""
        key, tries = f"p|{person}", count()

        def remove() -> bool:
            row, head = self._both(gallery, key, person)
            if row is None:
                return False
            event = event_row(self._cipher, gallery.key, head, PERSON_REMOVED, person=person)
            moved = self._heads.moved(gallery.key, head, events=1, members=-1)
            self._partings.leaving(gallery.key, key, row)
            steps: list[Step] = [Insert(event), Delete(gallery.key, key, row[ETAG]), moved]
            gone = self._partings.steps(gallery.key, key, row, believed=next(tries) == 0)
            self._table.commit([*steps, *gone])
            self._partings.left(gallery.key, key, row)
            self._moved(gallery.key, head.shard, head.sequence + 1)
            return True

        removed = persistently(remove)
        self.remove_faces_of(gallery.key, person)  # also for one who died here before
        return removed

    def remove_faces_of(self, gallery: GalleryId, person: PersonId) -> None:
        """The face rows that a person who was removed has left."""
        rows = self._rows(gallery, f"f|{person}|", f"f|{person}|~", ("RowKey",))
        self._table.delete_many(gallery, [row["RowKey"] for row in rows])

    # faces

    def add_person_face(self, gallery: GalleryRef, person: PersonId, face: NewFace, limit: int) -> PersistedFaceId:
        """Raises PersonGone, GalleryGone, LimitReached where the person has that many of that model."""
        face_id = PersistedFaceId(str(uuid.uuid4()))
        column, key = FACES + face.model, f"p|{person}"

        def add() -> PersistedFaceId:
            row, head = self._both(gallery, key, person)
            if row is None or not self._is_there(row):
                raise PersonGone
            ids = row.get(column, b"")
            if len(ids) // 16 >= limit:
                raise LimitReached
            person_row = changed(self._cipher, row, {column: ids + packed(face_id)})
            steps = self._face_steps(gallery.key, head, person, face_id, face, 0, {})
            self._table.commit([*steps, Merge(person_row, row[ETAG])])
            self._moved(gallery.key, head.shard, head.sequence + 1)
            return face_id

        return persistently(add)

    def add_face(self, gallery: GalleryRef, face: NewFace, limit: int, agreed: Agreed = NOTHING) -> PersistedFaceId:
        """A face of a list. Raises LimitReached, GalleryGone."""

        def add(head: Head, guid: str) -> list[Step]:
            face_id, record = PersistedFaceId(guid), face_record(face.model, guid)
            agreed.announce(record)
            more = terms.columns(agreed.terms)
            steps = self._face_steps(gallery.key, head, "", face_id, face, 1, more)
            return [*steps, *terms.written_with(gallery.key, record, agreed.terms)]

        return PersistedFaceId(self._add_member(gallery, parts(limit, gallery.shards), add, events=1))

    def face(self, gallery: GalleryId, owner: str, model: str, face: PersistedFaceId) -> PersistedFace | None:
        """Of a person one that stands with the person."""
        if owner and not self._stands(gallery, PersonId(owner), model, face):
            return None
        row = self._table.get(gallery, f"f|{owner}|{model}|{face}", WITHOUT_TEMPLATE)
        return _face_of(row) if row and self._is_there(row) else None

    def faces(self, gallery: GalleryId, model: str, start: str, top: int | None) -> list[PersistedFace]:
        """The faces of a list after `start`, ascending by id."""
        prefix = f"f||{model}|"
        rows = self._living(gallery, prefix + start, prefix + "~", WITHOUT_TEMPLATE, top)
        return [_face_of(row) for row in rows]

    def templates(self, gallery: GalleryId, person: Person, model: str, space: str) -> list[NDArray[np.float32]]:
        """Those of the faces that stand with a person that are of this template space."""
        prefix, faces = f"f|{person.person_id}|{model}|", frozenset(person.faces.get(model, ()))
        found = (
            row for row in self._rows(gallery, prefix, prefix + "~") if row["RowKey"].removeprefix(prefix) in faces
        )
        rows = [row for row in found if is_whole(self._cipher, row) and row["space"] == space]
        opened = open_templates(self._cipher, ((row.get("template", b""), identity_of(row)) for row in rows))
        return [template for template in opened if template is not None]

    def update_face(
        self, gallery: GalleryId, owner: str, model: str, face: PersistedFaceId, user_data: str | None
    ) -> bool:
        """False where there is no such face."""
        if owner and not self._stands(gallery, PersonId(owner), model, face):
            return False
        return self._update(gallery, f"f|{owner}|{model}|{face}", {"userData": user_data or ""})

    def remove_face(self, gallery: GalleryRef, owner: str, model: str, face: PersistedFaceId) -> bool:
        """False where there is no such face."""
        key, column, tries = f"f|{owner}|{model}|{face}", FACES + model, count()

        def remove() -> bool:
            row, head = self._both(gallery, f"p|{owner}" if owner else key, owner or face)
            ids = split(row.get(column, b"")) if row and owner else ()
            if row is None or (owner and packed(face) not in ids):
                self._table.delete(gallery.key, [key])  # one that was put back stands with nobody
                return False
            event = event_row(self._cipher, gallery.key, head, FACE_REMOVED, person=owner, face=face)
            moved = self._heads.moved(gallery.key, head, events=1, members=0 if owner else -1)
            version = "" if owner else row[ETAG]
            steps: list[Step] = [Insert(event), Delete(gallery.key, key, version), moved]
            if owner:
                left = b"".join(one for one in ids if one != packed(face))
                steps.append(Merge(changed(self._cipher, row, {column: left}), row[ETAG]))
                self._removing(gallery.key)
            else:
                steps += self._partings.steps(gallery.key, key, row, believed=next(tries) == 0)
                self._partings.leaving(gallery.key, key, row)
            self._table.commit(steps)
            if not owner:
                self._partings.left(gallery.key, key, row)
            self._moved(gallery.key, head.shard, head.sequence + 1)
            return True

        return persistently(remove)

    # shared by them

    def _add_member(
        self, gallery: GalleryRef, rooms: Sequence[int], add: Callable[[Head, str], list[Step]], events: int
    ) -> str:
        """Commit what `add` makes of a head with room and an id that falls into its shard. Answers the id."""

        def attempt() -> str:
            head = self._heads.with_room(gallery, rooms)
            if head is None:
                raise GalleryGone
            guid = str(uuid.uuid4())
            if gallery.shards > 1:
                guid = head.shard + guid[1:]
            self._table.commit(add(head, guid))
            if events:
                self._moved(gallery.key, head.shard, head.sequence + events)
            return guid

        return persistently(attempt)

    def _both(self, gallery: GalleryRef, key: str, owner: str) -> tuple[dict[str, Any] | None, Head]:
        """A row, and the head of its owner's shard. Raises GalleryGone."""
        found = self._readers.submit(self._heads.of, gallery.key, gallery.shard(owner))
        row = self._table.get(gallery.key, key)
        head = found.result()
        if head is None:
            raise GalleryGone
        return row, head

    def _stands(self, gallery: GalleryId, owner: PersonId, model: str, face: PersistedFaceId) -> bool:
        """Whether a face stands with a person who is there."""
        person = self.person(gallery, owner)
        return person is not None and face in person.faces.get(model, ())

    def _face_steps(
        self,
        gallery: GalleryId,
        head: Head,
        owner: str,
        face_id: PersistedFaceId,
        face: NewFace,
        members: int,
        more: Mapping[str, str],
    ) -> list[Step]:
        """`members`: how many more the shard then has."""
        key = f"f|{owner}|{face.model}|{face_id}"
        sealed = self._cipher.seal_template(face.template, face_identity(gallery, owner, face_id, face.space))
        row = {"PartitionKey": gallery, "RowKey": key, "token": _token(), "space": face.space, "template": sealed}
        ids = {"person": owner, "face": face_id, "space": face.space}
        event = event_row(self._cipher, gallery, head, FACE_ADDED, face.template, **ids)
        new = sealed_row(self._cipher, {**row, **user_data_column(face.user_data), **more})
        # The face first: it is there to tell a lost answer by when a compaction has taken the event away.
        return [Insert(new), Insert(event), self._heads.moved(gallery, head, events=1, members=members)]

    def _is_there(self, row: Mapping[str, Any]) -> bool:
        """Whether the time of a record is not over. Raises RowAltered: an altered one does not tell."""
        check(self._cipher, row)
        return not terms.is_over(row, self._clock())

    def _update(self, gallery: GalleryId, key: str, columns: Mapping[str, Any]) -> bool:
        """A person, or a face. False where there is no such row, or its time is over."""

        def update() -> bool:
            row = self._table.get(gallery, key)
            if row is None or not self._is_there(row):
                return False
            self._table.merge(changed(self._cipher, row, columns), row[ETAG])
            return True

        return persistently(update)

    def _living(
        self, gallery: GalleryId, after: str, before: str, select: Sequence[str], top: int | None
    ) -> list[dict[str, Any]]:
        """The first `top` records between these keys that are not over."""
        found: list[dict[str, Any]] = []
        while top is None or len(found) < top:
            asked = None if top is None else top - len(found)
            rows = list(self._rows(gallery, after, before, select, asked))
            found += [row for row in rows if self._is_there(row)]
            if asked is None or len(rows) < asked:
                break
            after = rows[-1]["RowKey"]
        return found

    def _rows(
        self, gallery: GalleryId, after: str, before: str, select: Sequence[str] = (), limit: int | None = None
    ) -> Iterator[dict[str, Any]]:
        condition = "PartitionKey eq @gallery and RowKey gt @after and RowKey lt @before"
        return self._table.query(condition, select, limit, gallery=gallery, after=after, before=before)


def _face_of(row: Mapping[str, Any]) -> PersistedFace:
    return PersistedFace(PersistedFaceId(row["RowKey"].rpartition("|")[2]), row.get("userData"))


def _token() -> str:
    return uuid.uuid4().hex
