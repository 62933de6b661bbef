"""The Person Directory: persons on their own, with faces for each recognition model.

One gallery holds it, made when the first person is. What the contract calls long-running is done when the call returns,
so its operations are born succeeded; only leaving dynamic groups takes longer than a call.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress

from shared.clock import Clock, to_text
from shared.engine import Picture
from shared.errors import BadArgument, PersistedFaceNotFound, PersonNotFound, QuotaExceeded
from shared.people.agreements import Agreements
from shared.people.collections import ERASURE, MADE_WITHIN, check_pace
from shared.people.enrolment import Enrolment, Target
from shared.people.names import persisted_face_id, person_id, start_of_persons
from shared.people.refusals import refusals
from shared.settings import Limits
from shared.store.catalogue import GALLERY, Catalogue, EntryExists, place_of
from shared.store.expiries import Expiries
from shared.store.galleries import Galleries, PersonGone
from shared.store.gallery_log import GalleryRef
from shared.store.ids import GalleryId, PersistedFaceId, PersonId
from shared.store.members import PersistedFace, Person
from shared.store.memberships import Memberships
from shared.store.operations import Operations
from shared.store.row_seals import RowAltered
from shared.store.tables import TOKEN
from shared.store.terms import UNSAID, Terms
from shared.store.work_queue import WorkQueue

KIND = "directory"
SHARDS = 16
MODELS = ("recognition_02", "recognition_03", "recognition_04")
DEPARTURE = "departures"
"""The kind of expiry that announces a person who leaves the directory, and so the dynamic groups."""

FULL = "Person number reached subscription level limit."
FACE_INVALID = "Persisted Face ID is invalid."  # the contract spells it so here
FACES_FULL = "Persisted face number reached limit."


class Directory:
    """Every method that takes a person raises PersonNotFound."""

    def __init__(
        self,
        catalogue: Catalogue,
        galleries: Galleries,
        memberships: Memberships,
        operations: Operations,
        enrolment: Enrolment,
        agreements: Agreements,
        expiries: Expiries,
        work: WorkQueue,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._galleries = galleries
        self._memberships = memberships
        self._operations = operations
        self._enrolment = enrolment
        self._agreements = agreements
        self._expiries = expiries
        self._work = work
        self._limits = limits
        self._clock = clock

    def gallery(self) -> GalleryRef | None:
        """None as long as nobody was ever enrolled."""
        row = self._catalogue.find(KIND, KIND)
        return GalleryRef(GalleryId(row["gallery"]), SHARDS) if row else None

    # persons

    def create(self, name: str, user_data: str | None, terms: Terms = UNSAID) -> tuple[PersonId, str]:
        """The person and the operation. Raises QuotaExceeded."""
        gallery = self.gallery() or self._made()
        operation = self._operations.create("succeeded")  # first: nothing is done that could not be answered with one
        with refusals(KIND, FULL):
            agreed = self._agreements.agreed(terms, gallery.key, f"{KIND}|{KIND}")
            person = self._galleries.add_person(gallery, name, user_data, self._limits.directory_persons, agreed)
        return person, operation

    def get(self, person: str) -> Person:
        guid, gallery = person_id(person), self.gallery()
        found = self._galleries.person(gallery.key, guid) if gallery else None
        if found is None:
            raise PersonNotFound
        return found

    def has(self, person: PersonId) -> bool:
        return self.has_all([person])

    def has_all(self, persons: Sequence[PersonId]) -> bool:
        """Whether every one of these is in the directory."""
        gallery = self.gallery()
        if gallery is None:
            return not persons
        return self._galleries.has_persons(gallery.key, persons)

    def list(self, start: str, top: int) -> list[Person]:
        """Those after `start`, ascending by id. Raises BadArgument."""
        after, gallery = start_of_persons(start), self.gallery()
        return self._galleries.persons(gallery.key, after, top) if gallery else []

    def update(self, person: str, name: str | None, user_data: str | None) -> None:
        """Replaces what is given."""
        guid, gallery = person_id(person), self.gallery()
        with refusals(guid):
            if not gallery or not self._galleries.update_person(gallery.key, guid, name, user_data):
                raise PersonNotFound

    def delete(self, person: str) -> str:
        """With all faces; nobody matches them after this returned. The operation, which also ends memberships."""
        guid, gallery = person_id(person), self._existing()
        with suppress(RowAltered):  # who can be removed all the same
            self.get(person)
        operation = self._operations.create("notStarted")
        self._expiries.announce_work(DEPARTURE, guid, self._clock())
        with refusals(guid):
            if not self._galleries.remove_person(gallery, guid):
                raise PersonNotFound
        self._work.send({"do": "leave", "person": guid, "operation": operation})
        return operation

    def references(self, person: str, start: str, top: int) -> Sequence[str]:
        """Ids of the dynamic groups that the person is in, after `start`, ascending."""
        return [group for group, _ in self._memberships.references(self.get(person).person_id, start, top)]

    # faces

    def add_face(
        self,
        person: str,
        model: str,
        picture: Picture,
        target: Target | None,
        detection_model: str,
        user_data: str | None,
    ) -> tuple[PersistedFaceId, str]:
        """The face and the operation. Raises InvalidImage, BadArgument, QuotaExceeded."""
        model = _known_model(model)
        found = self.get(person)
        if len(found.faces.get(model, ())) >= self._limits.faces_per_person:  # told before the picture is looked at
            raise QuotaExceeded(FACES_FULL)
        face = self._enrolment.face(picture, target, detection_model, model, user_data)
        operation = self._operations.create("succeeded")
        with refusals(found.person_id, FACES_FULL):
            try:
                face_id = self._galleries.add_person_face(
                    self._existing(), found.person_id, face, self._limits.faces_per_person
                )
            except PersonGone:
                raise PersonNotFound from None
        return face_id, operation

    def faces(self, person: str, model: str) -> tuple[PersistedFaceId, ...]:
        """Raises BadArgument."""
        model = _known_model(model)
        return self.get(person).faces.get(model, ())

    def face(self, person: str, model: str, face: str) -> PersistedFace:
        """Raises BadArgument, PersistedFaceNotFound."""
        model = _known_model(model)
        owner, guid = self.get(person).person_id, persisted_face_id(face, FACE_INVALID)
        found = self._galleries.face(self._existing().key, owner, model, guid)
        if found is None:
            raise _unknown(guid)
        return found

    def update_face(self, person: str, model: str, face: str, user_data: str | None) -> None:
        """Raises BadArgument, PersistedFaceNotFound."""
        model = _known_model(model)
        owner, guid = self.get(person).person_id, persisted_face_id(face, FACE_INVALID)
        with refusals(owner):
            if not self._galleries.update_face(self._existing().key, owner, model, guid, user_data):
                raise _unknown(guid)

    def delete_face(self, person: str, model: str, face: str) -> str:
        """Nobody matches it after this returned. The operation. Raises BadArgument, PersistedFaceNotFound."""
        model = _known_model(model)
        found, guid, gallery = self.get(person), persisted_face_id(face, FACE_INVALID), self._existing()
        if guid not in found.faces.get(model, ()):
            raise _unknown(guid)
        operation = self._operations.create("succeeded")
        with refusals(found.person_id):
            if not self._galleries.remove_face(gallery, found.person_id, model, guid):
                raise _unknown(guid)
        return operation

    def _existing(self) -> GalleryRef:
        gallery = self.gallery()
        if gallery is None:
            raise PersonNotFound
        return gallery

    def _made(self) -> GalleryRef:
        """The directory's gallery, by whoever makes it first."""
        now = self._clock()
        fixed = {TOKEN: str(uuid.uuid4())}
        gallery = GalleryRef(GalleryId(place_of(KIND, KIND, fixed)), SHARDS)
        self._expiries.announce_work(ERASURE, gallery.key, now + MADE_WITHIN, f"{KIND}|{KIND}")
        self._galleries.create(gallery)
        columns = {**fixed, GALLERY: gallery.key, "created": to_text(now)}
        check_pace(now, self._clock())
        try:
            with refusals(KIND):
                self._catalogue.insert(KIND, KIND, columns, 1)
        except EntryExists:
            return self._existing()
        return gallery


def _known_model(text: str) -> str:
    """As it is stored: a path matches in any case."""
    if text.lower() not in MODELS:
        raise BadArgument("Recognition model is not supported for this feature.")
    return text.lower()


def _unknown(face: PersistedFaceId) -> PersistedFaceNotFound:
    return PersistedFaceNotFound(f"Persisted face {face} is not found.")
