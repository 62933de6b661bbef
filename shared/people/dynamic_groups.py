"""Dynamic person groups: named sets of persons of the directory. Who is in one is decided when the call returns; the
lookup from a person to the groups follows in the background, which is what the operation tells about."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from shared.clock import Clock, to_text
from shared.errors import DynamicPersonGroupExists, DynamicPersonGroupNotFound, PersonNotFound
from shared.people.collections import MADE_WITHIN, check_pace
from shared.people.directory import Directory
from shared.people.names import is_collection_id, person_id, start_of_persons
from shared.people.refusals import refusals
from shared.store.catalogue import GROUP, Catalogue, EntryExists, place_of
from shared.store.expiries import Expiries
from shared.store.ids import PersonId, packed
from shared.store.memberships import JOINED, LEFT, Memberships, Unsettled, person_of
from shared.store.operations import Operations
from shared.store.retries import persistently
from shared.store.row_seals import RowAltered
from shared.store.tables import ETAG, TOKEN, RowChanged
from shared.store.work_queue import WorkQueue

KIND = "dynamicpersongroups"
UNLIMITED = 2**31 - 1  # the contract has no limit
MEMBERSHIPS = "memberships"
"""The kind of expiry that announces memberships of a group that may not have come to be, or goes."""

CACHED_MEMBERS = 1_000_000  # of all cached groups together, about 100 MB
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class DynamicGroup:
    id: str
    name: str
    user_data: str | None


class DynamicGroups:
    """Every method that takes an id raises DynamicPersonGroupNotFound."""

    def __init__(
        self,
        catalogue: Catalogue,
        directory: Directory,
        memberships: Memberships,
        operations: Operations,
        expiries: Expiries,
        work: WorkQueue,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._directory = directory
        self._memberships = memberships
        self._operations = operations
        self._expiries = expiries
        self._work = work
        self._clock = clock
        self._settlers = ThreadPoolExecutor(8, thread_name_prefix="members-settle")
        self._cached: OrderedDict[str, tuple[str, frozenset[bytes]]] = OrderedDict()
        self._lock = threading.Lock()

    def create(self, key: str, name: str, user_data: str | None, add: Sequence[str] | None) -> str | None:
        """With these persons; then the operation. Raises DynamicPersonGroupExists, PersonNotFound."""
        _check(key)
        if self._catalogue.find(KIND, key):
            raise _exists(key)
        persons, operation = self._known(add or ()), None if add is None else self._operations.create("notStarted")
        fixed, now = {TOKEN: uuid.uuid4().hex}, self._clock()
        group = place_of(KIND, key, fixed)
        if persons:
            self._expiries.announce_work(MEMBERSHIPS, group, now + MADE_WITHIN, key)
            self._memberships.mark(group, persons, JOINED)
        columns = {"name": name, **({} if user_data is None else {"userData": user_data})}
        state = {**fixed, GROUP: group, "version": group, "created": to_text(now)}
        check_pace(now, self._clock())
        with refusals(key):
            try:
                self._catalogue.insert(KIND, key, {**columns, **state}, UNLIMITED)
            except EntryExists:
                raise _exists(key) from None
        return operation and self._settle_later(key, group, operation)

    def get(self, key: str) -> DynamicGroup:
        return _group(self._row(key))

    def list(self, start: str, top: int) -> list[DynamicGroup]:
        """Those after `start`, ascending by id."""
        return [_group(row) for row in self._catalogue.list(KIND, start, top)]

    def persons(self, key: str, start: str, top: int) -> Sequence[PersonId]:
        """The members after `start`, ascending. Raises BadArgument."""
        return self._memberships.members(self._row(key)["group"], start_of_persons(start), top)

    def members(self, key: str) -> frozenset[bytes]:
        """All members as 16 bytes each; read anew only where somebody joined or left."""
        row = self._find(key)
        if row is None:  # named by a body: another status and sentence than where a path names it
            raise DynamicPersonGroupNotFound("Dynamic person group is not found.", status=400)
        group, version = row["group"], row["version"]
        with self._lock:
            cached = self._cached.get(group)
            if cached:
                self._cached.move_to_end(group)
        if cached and cached[0] == version:
            return cached[1]
        members = frozenset(map(packed, self._memberships.members(group)))
        with self._lock:
            self._cached[group] = (version, members)
            self._cached.move_to_end(group)
            while len(self._cached) > 1 and sum(len(one) for _, one in self._cached.values()) > CACHED_MEMBERS:
                self._cached.popitem(last=False)
        return members

    def update(
        self,
        key: str,
        name: str | None,
        user_data: str | None,
        add: Sequence[str] | None,
        remove: Sequence[str] | None,
        *,
        always: bool = False,
    ) -> str | None:
        """Replaces what is given; who joins and leaves has when it returns. The operation, where persons or `always`
        ask for one. Raises PersonNotFound where somebody who joins is not in the directory."""
        row = self._row(key)
        joining = self._known(add or ())
        leaving = sorted({person_id(person) for person in remove or ()} - set(joining))
        goes_on = add is not None or remove is not None or always
        operation = self._operations.create("notStarted") if goes_on else None
        given = {"name": name, "userData": user_data}
        columns = {column: text for column, text in given.items() if text is not None}
        if joining or leaving:
            self._expiries.announce_work(MEMBERSHIPS, row["group"], self._clock(), key)  # lest they stay unsettled
            self._memberships.mark(row["group"], joining, JOINED)
            self._memberships.mark(row["group"], leaving, LEFT)
            columns["version"] = uuid.uuid4().hex  # after the rows: who reads the new version reads the new members
        if columns and not self._merge(key, row["group"], columns):
            raise DynamicPersonGroupNotFound
        return operation and self._settle_later(key, row["group"], operation)

    def delete(self, key: str) -> str:
        """The persons stay in the directory. The operation."""
        try:
            group = self._row(key)[GROUP]
        except RowAltered:  # which can be removed all the same
            group = self._catalogue.place(KIND, key)
        operation = self._operations.create("notStarted")
        self._expiries.announce_work(MEMBERSHIPS, group, self._clock(), key)
        with refusals(key):
            self._catalogue.remove(KIND, key, group)
        return self._settle_later(key, group, operation)

    # in the background

    def settle(self, key: str, group: str) -> None:
        """Bring the reverse lookup of a group up to its members; of one that is gone, remove everything. Idempotent."""
        row = self._catalogue.find(KIND, key)
        if row is None or row["group"] != group:
            while rows := self._memberships.some_of(group, AT_ONCE):
                gone = set(map(person_of, rows))
                list(self._settlers.map(lambda person: self._memberships.unrefer(person, key, group), gone))
                self._memberships.remove(group, rows)
            return
        unsettled = self._memberships.unsettled(group)
        was_settled = True
        while some := list(islice(unsettled, AT_ONCE)):
            was_settled = False
            list(self._settlers.map(lambda one: self._settle_one(key, group, one), some))
        if not was_settled:  # whoever changed them may have died before the new version told those who remember them
            self._merge(key, group, {"version": uuid.uuid4().hex})

    def leave_all(self, person: PersonId) -> None:
        """End the memberships of a person who is not in the directory any more. Idempotent."""
        if self._directory.has(person):
            return
        for key, group in self._memberships.references(person):
            self._memberships.forget(group, person)
            self._memberships.unrefer(person, key, group)

    def _settle_one(self, key: str, group: str, change: Unsettled) -> None:
        """A reference stands before its change is settled, and is gone before the row of who left is."""
        is_member = change.state != LEFT and self._directory.has(change.person)
        if is_member:
            self._memberships.refer(change.person, key, group)
        else:  # who left, or was deleted since joining
            self._memberships.unrefer(change.person, key, group)
        if not self._memberships.settle(group, change, linked=is_member):
            # Whoever changed it may have been settled before this reference was written: once more, as it is now.
            self._settle_one(key, group, self._memberships.find(group, change.person))

    def _settle_later(self, key: str, group: str, operation: str) -> str:
        """The operation, which was made before anything else: nothing is done that could not be answered with one."""
        self._work.send({"do": "settle", "id": key, "group": group, "operation": operation})
        return operation

    def _known(self, persons: Sequence[str]) -> Sequence[PersonId]:
        """Each once. Raises PersonNotFound."""
        guids = sorted({person_id(person) for person in persons})
        if not self._directory.has_all(guids):
            raise PersonNotFound
        return guids

    def _find(self, key: str) -> dict[str, Any] | None:
        _check(key)
        return self._catalogue.find(KIND, key)

    def _row(self, key: str) -> dict[str, Any]:
        row = self._find(key)
        if row is None:
            raise DynamicPersonGroupNotFound
        return row

    def _merge(self, key: str, group: str, columns: dict[str, str]) -> bool:
        """False where that incarnation is gone."""

        def merge() -> bool:
            row = self._catalogue.find(KIND, key)
            if row is None or row["group"] != group:
                return False
            if not self._catalogue.merge(KIND, key, columns, row[ETAG]):
                raise RowChanged
            return True

        with refusals(key):
            return persistently(merge)


def _check(key: str) -> None:
    if not is_collection_id(key):
        raise DynamicPersonGroupNotFound("Dynamic person group ID is invalid.", status=400)


def _exists(key: str) -> DynamicPersonGroupExists:
    return DynamicPersonGroupExists(f"Dynamic person group ID {key} already exists.")


def _group(row: dict[str, Any]) -> DynamicGroup:
    return DynamicGroup(row["RowKey"], row["name"], row.get("userData"))
