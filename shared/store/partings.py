"""What goes with a record (terms.py) that is removed: the rows about its end and its restriction, and the reference of
its subject. Whoever removes it is let do so whatever its row says: what an altered one says is not believed."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.store import terms
from shared.store.cipher import Cipher
from shared.store.gallery_log import is_sealed
from shared.store.ids import GalleryId
from shared.store.subjects import Subjects
from shared.store.tables import Delete, Step, Tables

Row = Mapping[str, Any]


class Partings:
    """Every method raises StoreUnavailable."""

    def __init__(
        self, tables: Tables, cipher: Cipher, removing: Callable[[GalleryId], None], subjects: Subjects
    ) -> None:
        """`removing`: told of a gallery right before each attempt to remove something from it."""
        self._table = tables.table("galleries")
        self._cipher = cipher
        self._removing = removing
        self._subjects = subjects

    def leaving(self, gallery: GalleryId, record: str, row: Row) -> None:
        """Before the record is removed."""
        self._removing(gallery)
        for subject in self._named_by(gallery, record, row):
            self._subjects.leaving(subject)

    def steps(self, gallery: GalleryId, record: str, row: Row, *, believed: bool) -> list[Step]:
        """Of the same transaction. `believed`: the row is, if it is as it was written; else, and of one that was put
        back, what is really there goes."""
        if believed and is_sealed(self._cipher, row):
            return terms.gone_with(gallery, record, row)
        marks = self._keys(gallery, terms.ENDS, f"{terms.ENDS}~")
        ends = [key for key in marks if terms.record_that_ends(key) == record]
        restricts = terms.RESTRICTS + record
        return [Delete(gallery, key) for key in [*ends, *self._keys(gallery, restricts, restricts)]]

    def left(self, gallery: GalleryId, record: str, row: Row) -> None:
        """After it."""
        for subject in self._named_by(gallery, record, row):
            self._subjects.leave(subject, gallery, record)

    def _named_by(self, gallery: GalleryId, record: str, row: Row) -> list[str]:
        if is_sealed(self._cipher, row):
            return [row[terms.SUBJECT]] if row.get(terms.SUBJECT) else []
        return self._subjects.of(gallery, record)

    def _keys(self, gallery: GalleryId, first: str, last: str) -> list[str]:
        return [row["RowKey"] for row in self._table.between(gallery, first, last, ("RowKey",))]
