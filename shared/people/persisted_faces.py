"""Faces of lists, and of persons in groups."""

from collections.abc import Sequence

from shared.engine import Picture
from shared.errors import BadArgument, PersistedFaceNotFound, PersonNotFound, QuotaExceeded
from shared.people.agreements import Agreements
from shared.people.collections import Collection, Collections
from shared.people.enrolment import Enrolment, Target
from shared.people.kinds import LARGE_FACE_LIST, Kind
from shared.people.names import persisted_face_id, person_id
from shared.people.refusals import refusals
from shared.settings import Limits
from shared.store.galleries import Galleries, PersonGone
from shared.store.ids import PersistedFaceId, PersonId
from shared.store.members import NewFace, PersistedFace
from shared.store.terms import UNSAID, Terms

FULL = "Persisted face number reached limit."


class PersistedFaces:
    """`person`: whose face it is; None in lists. Every method raises the kind's `not_found`, and PersonNotFound."""

    def __init__(
        self,
        collections: Collections,
        galleries: Galleries,
        enrolment: Enrolment,
        agreements: Agreements,
        limits: Limits,
    ) -> None:
        self._collections = collections
        self._agreements = agreements
        self._galleries = galleries
        self._enrolment = enrolment
        self._limits = limits

    def add(
        self,
        kind: Kind,
        collection_id: str,
        person: str | None,
        picture: Picture,
        target: Target | None,
        detection_model: str,
        user_data: str | None,
        terms: Terms = UNSAID,
    ) -> PersistedFaceId:
        """Whoever searches finds it from the moment this returns. `terms` are for faces of lists: a person has their
        own. Raises InvalidImage, BadArgument, QuotaExceeded."""
        collection = self._collections.to_change(kind, collection_id)
        owner = None if person is None else self._known(collection, person)
        face = self._enrolment.face(picture, target, detection_model, collection.recognition_model, user_data)
        if face.recogniser != collection.recogniser:  # the owner put another model behind the name since
            raise BadArgument("'recognitionModel' is incompatible.")
        if owner is None:
            with refusals(collection_id, kind.members_message, kind):
                agreed = self._agreements.agreed(terms, collection.gallery.key, f"{kind.path}|{collection.id}")
                return self._galleries.add_face(collection.gallery, face, kind.members(self._limits), agreed)
        return self._add_to_person(collection, owner, face)

    def get(self, kind: Kind, collection_id: str, person: str | None, face: str) -> PersistedFace:
        """Raises PersistedFaceNotFound."""
        collection = self._collections.get(kind, collection_id)
        owner, guid = _owner(person), persisted_face_id(face)
        found = self._galleries.face(collection.gallery.key, owner, collection.recognition_model, guid)
        if found is None:
            raise self._unknown(collection, owner, guid)
        return found

    def list(self, kind: Kind, collection_id: str, start: str, top: int | None) -> Sequence[PersistedFace]:
        """Those of a list after `start`, ascending by id."""
        return self.of_list(self._collections.get(kind, collection_id), start, top)

    def of_list(self, collection: Collection, start: str = "", top: int | None = None) -> Sequence[PersistedFace]:
        return self._galleries.faces(collection.gallery.key, collection.recognition_model, start.lower(), top)

    def update(self, kind: Kind, collection_id: str, person: str | None, face: str, user_data: str | None) -> None:
        """Raises PersistedFaceNotFound."""
        collection = self._collections.to_change(kind, collection_id)
        owner, guid, model = _owner(person), persisted_face_id(face), collection.recognition_model
        with refusals(owner or collection_id):
            if not self._galleries.update_face(collection.gallery.key, owner, model, guid, user_data):
                raise self._unknown(collection, owner, guid)

    def delete(self, kind: Kind, collection_id: str, person: str | None, face: str) -> None:
        """Nobody matches it after this returned. Raises PersistedFaceNotFound."""
        collection = self._collections.to_change(kind, collection_id)
        owner, guid, model = _owner(person), persisted_face_id(face), collection.recognition_model
        with refusals(owner or collection_id, gone=kind):
            if not self._galleries.remove_face(collection.gallery, owner, model, guid):
                raise self._unknown(collection, owner, guid)

    def _add_to_person(self, collection: Collection, person: PersonId, face: NewFace) -> PersistedFaceId:
        with refusals(person, FULL, collection.kind):
            try:
                return self._galleries.add_person_face(collection.gallery, person, face, self._limits.faces_per_person)
            except PersonGone:
                raise PersonNotFound(f"Person {person} is not found.") from None

    def _known(self, collection: Collection, person: str) -> PersonId:
        """The person, who is there and has room: looked at before the picture is, which takes longer."""
        guid = person_id(person)
        found = self._galleries.person(collection.gallery.key, guid)
        if found is None:
            raise PersonNotFound(f"Person {guid} is not found.")
        if len(found.faces.get(collection.recognition_model, ())) >= self._limits.faces_per_person:
            raise QuotaExceeded(FULL)
        return guid

    def _unknown(self, collection: Collection, owner: str, face: PersistedFaceId) -> Exception:
        """What is missing: the person or the face."""
        if owner and self._galleries.person(collection.gallery.key, PersonId(owner)) is None:
            return PersonNotFound(f"Person {owner} is not found.")
        if collection.kind is LARGE_FACE_LIST:
            return PersistedFaceNotFound(f"Large Face List Face {face} is not found.")
        return PersistedFaceNotFound(f"Persisted face {face} is not found." if owner else None)


def _owner(person: str | None) -> str:
    return "" if person is None else person_id(person)
