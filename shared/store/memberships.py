"""Which persons of the directory are in which dynamic groups, from both sides.

Table `memberships`: partition g|{key of the group's incarnation} is the truth, of each person two rows:

    {personId}      in the group, or out of it until the other side is settled too
    u|{personId}    not settled: written with each change, and removed when the reverse lookup has followed; so what
                    there is to settle is found without looking through the group

Partition p|{personId}, one row per group id: the reverse lookup, which follows in the background.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.store.ids import PersonId
from shared.store.tables import ETAG, TRANSACTION_ROWS, Delete, RowChanged, Step, Tables

JOINED, LEFT = "joined", "left"
UNSETTLED = "u|"
AFTER_PERSONS = "g"  # sorts after every GUID


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A change of a group as it was read: in version `etag`, empty where it has been settled."""

    person: PersonId
    state: str
    etag: str


class Memberships:
    """Every method raises StoreUnavailable. `group`: the key of a group's incarnation."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("memberships")

    def mark(self, group: str, persons: Sequence[PersonId], state: str) -> None:
        at_once = TRANSACTION_ROWS // 2
        for start in range(0, len(persons), at_once):
            some = persons[start : start + at_once]
            keys = (key for person in some for key in (person, UNSETTLED + person))
            self._table.put([{"PartitionKey": f"g|{group}", "RowKey": key, "state": state} for key in keys])

    def members(self, group: str, start: str = "", top: int | None = None) -> list[PersonId]:
        """Those after `start`, ascending."""
        condition = "PartitionKey eq @group and RowKey gt @start and RowKey lt @end and state ne @left"
        bounds = {"start": start, "end": AFTER_PERSONS, "left": LEFT}
        rows = self._table.query(condition, ("RowKey",), top, group=f"g|{group}", **bounds)
        return [PersonId(row["RowKey"]) for row in rows]

    def unsettled(self, group: str) -> Iterator[Unsettled]:
        """Changes that the reverse side has not followed."""
        condition = "PartitionKey eq @group and RowKey ge @first"
        for row in self._table.query(condition, group=f"g|{group}", first=UNSETTLED):
            yield Unsettled(person_of(row["RowKey"]), row["state"], row[ETAG])

    def find(self, group: str, person: PersonId) -> Unsettled:
        """What is to settle about a person as it is now, or else what is settled: as of one who left where there is
        nothing."""
        change = self._table.get(f"g|{group}", UNSETTLED + person)
        if change:
            return Unsettled(person, change["state"], change[ETAG])
        row = self._table.get(f"g|{group}", person)
        return Unsettled(person, row["state"] if row else LEFT, "")

    def settle(self, group: str, change: Unsettled, *, linked: bool) -> bool:
        """The reverse side has followed: a member stays, who is none goes. False, and nothing happened, where somebody
        made another change meanwhile."""
        if not change.etag:
            return True
        steps: list[Step] = [Delete(f"g|{group}", UNSETTLED + change.person, change.etag)]
        row = None if linked else self._table.get(f"g|{group}", change.person)
        if row:
            steps.append(Delete(f"g|{group}", change.person, row[ETAG]))
        try:
            self._table.commit(steps)
        except RowChanged:
            return False
        return True

    def some_of(self, group: str, top: int) -> list[str]:
        """Keys of the first rows, whatever they say."""
        rows = self._table.query("PartitionKey eq @group", ("RowKey",), top, group=f"g|{group}")
        return [row["RowKey"] for row in rows]

    def remove(self, group: str, keys: Sequence[str]) -> None:
        self._table.delete_many(f"g|{group}", keys)

    def forget(self, group: str, person: PersonId) -> None:
        """In this order: what is not settled is about a row that is there."""
        self._table.delete(f"g|{group}", [UNSETTLED + person, person])

    def refer(self, person: PersonId, group_id: str, group: str) -> None:
        self._table.put([{"PartitionKey": f"p|{person}", "RowKey": group_id, "group": group}])

    def references(self, person: PersonId, start: str = "", top: int | None = None) -> list[tuple[str, str]]:
        """Group ids after `start`, ascending, each with the incarnation that it referred to."""
        condition = "PartitionKey eq @person and RowKey gt @start"
        rows = self._table.query(condition, (), top, person=f"p|{person}", start=start)
        return [(row["RowKey"], row["group"]) for row in rows]

    def unrefer(self, person: PersonId, group_id: str, group: str) -> None:
        """Unless the reference is to a group that was made anew under that id."""
        row = self._table.get(f"p|{person}", group_id)
        if row and row["group"] == group:
            try:
                self._table.commit([Delete(f"p|{person}", group_id, row[ETAG])])
            except RowChanged:
                return


def person_of(key: str) -> PersonId:
    """Whom a row of a group is about."""
    return PersonId(key.removeprefix(UNSETTLED))
