"""Persons of a PersonGroup or LargePersonGroup."""

from collections.abc import Sequence

from shared.errors import PersonNotFound
from shared.people.agreements import Agreements
from shared.people.collections import Collections
from shared.people.kinds import Kind
from shared.people.names import person_id, start_of_persons
from shared.people.refusals import refusals
from shared.people.totals import Totals
from shared.settings import Limits
from shared.store.galleries import Galleries
from shared.store.ids import PersonId
from shared.store.members import Person
from shared.store.terms import UNSAID, Terms


class Persons:
    """Every method raises the kind's `not_found`."""

    def __init__(
        self,
        collections: Collections,
        galleries: Galleries,
        totals: Totals,
        agreements: Agreements,
        limits: Limits,
    ) -> None:
        self._collections = collections
        self._agreements = agreements
        self._galleries = galleries
        self._totals = totals
        self._limits = limits

    def create(self, kind: Kind, group: str, name: str, user_data: str | None, terms: Terms = UNSAID) -> PersonId:
        """Raises QuotaExceeded."""
        collection, limit = self._collections.to_change(kind, group), kind.members(self._limits)
        agreed = self._agreements.agreed(terms, collection.gallery.key, f"{kind.path}|{collection.id}")

        def add(rooms: Sequence[int]) -> PersonId:
            return self._galleries.add_person(collection.gallery, name, user_data, rooms, agreed)

        with refusals(group, kind.members_message, kind):
            return self._totals.add(collection, limit, add)

    def get(self, kind: Kind, group: str, person: str) -> Person:
        """Raises PersonNotFound."""
        collection, guid = self._collections.get(kind, group), person_id(person)
        found = self._galleries.person(collection.gallery.key, guid)
        if found is None:
            raise _unknown(guid)
        return found

    def list(self, kind: Kind, group: str, start: str, top: int) -> list[Person]:
        """Those after `start`, ascending by id. Raises BadArgument."""
        collection = self._collections.get(kind, group)
        return self._galleries.persons(collection.gallery.key, start_of_persons(start), top)

    def update(self, kind: Kind, group: str, person: str, name: str | None, user_data: str | None) -> None:
        """Replaces what is given. Raises PersonNotFound."""
        collection, guid = self._collections.to_change(kind, group), person_id(person)
        with refusals(guid):
            if not self._galleries.update_person(collection.gallery.key, guid, name, user_data):
                raise _unknown(guid)

    def delete(self, kind: Kind, group: str, person: str) -> None:
        """With all faces; none of them is matched after it returned. Raises PersonNotFound."""
        collection, guid = self._collections.to_change(kind, group), person_id(person)
        with refusals(guid, gone=kind):
            if not self._galleries.remove_person(collection.gallery, guid):
                raise _unknown(guid)
        self._totals.removed(collection)


def _unknown(person: PersonId) -> PersonNotFound:
    return PersonNotFound(f"Person {person} is not found.")
