"""Which persons of the directory are in which dynamic groups, from both sides.

Table `memberships`: partition g|{key of the group's incarnation}, one row per person: the truth. A person who was taken
out stays as a row that says so until the other side is settled too.
Partition p|{personId}, one row per group id: the reverse lookup, which follows in the background.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.store.ids import PersonId
from shared.store.tables import ETAG, TRANSACTION_ROWS, Delete, RowChanged, Tables

JOINED, LINKED, LEFT = "joined", "linked", "left"
"""States of a row: a member without and with a reverse reference; no member any more."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A row of a group as it was read: in version `etag`."""

    person: PersonId
    state: str
    etag: str


class Memberships:
    """Every method raises StoreUnavailable. `group`: the key of a group's incarnation."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.table("memberships")

    def mark(self, group: str, persons: Sequence[PersonId], state: str) -> None:
        rows = [{"PartitionKey": f"g|{group}", "RowKey": person, "state": state} for person in persons]
        for start in range(0, len(rows), TRANSACTION_ROWS):
            self._table.put(rows[start : start + TRANSACTION_ROWS])

    def members(self, group: str, start: str = "", top: int | None = None) -> list[PersonId]:
        """Those after `start`, ascending."""
        condition = "PartitionKey eq @group and RowKey gt @start and state ne @left"
        rows = self._table.query(condition, ("RowKey",), top, group=f"g|{group}", start=start, left=LEFT)
        return [PersonId(row["RowKey"]) for row in rows]

    def unsettled(self, group: str) -> Iterator[Unsettled]:
        """Rows whose reverse side has not followed."""
        condition = "PartitionKey eq @group and state ne @linked"
        for row in self._table.query(condition, group=f"g|{group}", linked=LINKED):
            yield Unsettled(PersonId(row["RowKey"]), row["state"], row[ETAG])

    def find(self, group: str, person: PersonId) -> Unsettled:
        """A row as it is now; without a version, and as of one who left, where there is none."""
        row = self._table.get(f"g|{group}", person)
        return Unsettled(person, row["state"], row[ETAG]) if row else Unsettled(person, LEFT, "")

    def settle(self, group: str, row: Unsettled, *, linked: bool) -> bool:
        """The reverse side has followed: the row becomes one of a linked member, or goes. False, and nothing happened,
        where somebody changed it meanwhile."""
        try:
            if linked:
                key = {"PartitionKey": f"g|{group}", "RowKey": row.person}
                self._table.merge({**key, "state": LINKED}, row.etag)
            elif row.etag:
                self._table.commit([Delete(f"g|{group}", row.person, row.etag)])
        except RowChanged:
            return False
        return True

    def some_of(self, group: str, top: int) -> list[PersonId]:
        """The first rows, of members and of those who left."""
        rows = self._table.query("PartitionKey eq @group", ("RowKey",), top, group=f"g|{group}")
        return [PersonId(row["RowKey"]) for row in rows]

    def forget(self, group: str, persons: Sequence[PersonId]) -> None:
        self._table.delete_many(f"g|{group}", persons)

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
