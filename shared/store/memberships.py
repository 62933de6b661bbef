"""Which persons of the directory are in which dynamic groups, from both sides.

Table `memberships`: partition g|{key of the group's incarnation}, one row per person: the truth. A person who was taken
out stays as a row that says so until the other side is settled too.
Partition p|{personId}, one row per group id: the reverse lookup, which follows in the background.
"""

from collections.abc import Iterator, Sequence

from shared.store.ids import PersonId
from shared.store.tables import TRANSACTION_ROWS, Tables

JOINED, LINKED, LEFT = "joined", "linked", "left"
"""States of a row: a member without and with a reverse reference; no member any more."""


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

    def unsettled(self, group: str) -> Iterator[tuple[PersonId, str]]:
        """Rows whose reverse side has not followed, with their states."""
        condition = "PartitionKey eq @group and state ne @linked"
        for row in self._table.query(condition, group=f"g|{group}", linked=LINKED):
            yield PersonId(row["RowKey"]), row["state"]

    def all_of(self, group: str) -> list[PersonId]:
        """Every row, of members and of those who left."""
        rows = self._table.query("PartitionKey eq @group", ("RowKey",), group=f"g|{group}")
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

    def unrefer(self, person: PersonId, group_id: str) -> None:
        self._table.delete(f"p|{person}", [group_id])
