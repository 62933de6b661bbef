"""Seals the rows of a gallery's faces, persons and heads anew under the active key, and knows how far that has come.

Table `keys`, partition "resealing": the row "begun" has the `key` for which every gallery was announced; while one is
being done, a row named by it has the `key` under which its rows are sealed up to the row `after`.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any

from shared.store.cipher import Cipher, SealBroken, sealed_under
from shared.store.gallery_log import identity_of, open_templates
from shared.store.ids import GalleryId
from shared.store.retries import persistently
from shared.store.row_seals import SEAL, is_whole, resealed
from shared.store.tables import ETAG, TRANSACTION_ROWS, Merge, RowChanged, Tables

RESEALING, BEGUN = "resealing", "begun"
TEMPLATE = "template"
READ_AT_ONCE = 1000  # rows between two notes of how far it has come
WRITERS = 4


class Reseals:
    """Every method raises StoreUnavailable, `rows` WriteConflict too."""

    def __init__(self, tables: Tables, cipher: Cipher) -> None:
        self._keys = tables.table("keys")
        self._table = tables.table("galleries")
        self._cipher = cipher

    def begun(self) -> str:
        """The key for which it last was; empty: never."""
        row = self._keys.get(RESEALING, BEGUN)
        return row["key"] if row else ""

    def begin(self, key: str) -> None:
        self._keys.put([{"PartitionKey": RESEALING, "RowKey": BEGUN, "key": key}])

    def forget(self) -> None:
        """So that every gallery is announced again."""
        self._keys.delete(RESEALING, [BEGUN])

    def rows(self, gallery: GalleryId, until: float) -> bool:
        """All that are there, beside whoever writes; taken up where an earlier run stopped. One that does not open
        stays as it is. False where it had to stop, at `until` by the monotonic clock."""
        active = self._cipher.active
        rows = self._rows(gallery, self._reached(gallery, active))
        with ThreadPoolExecutor(WRITERS) as writers:
            while some := list(islice(rows, READ_AT_ONCE)):
                stale = [row for row in some if self._is_stale(row, active)]
                parts = [stale[at : at + TRANSACTION_ROWS] for at in range(0, len(stale), TRANSACTION_ROWS)]
                list(writers.map(partial(self._reseal, gallery), parts))
                self._note(gallery, active, some[-1]["RowKey"])
                if time.monotonic() > until:
                    return False
        return True

    def done(self, gallery: GalleryId) -> None:
        """All of it, not these rows only."""
        self._keys.delete(RESEALING, [gallery])

    def _reseal(self, gallery: GalleryId, rows: Sequence[dict[str, Any]]) -> None:
        """At most a transaction's worth. Where one of them was changed meanwhile, each by itself."""
        try:
            if steps := self._steps(rows):
                self._table.commit(steps)
        except RowChanged:
            for row in rows:
                persistently(partial(self._reseal_one, gallery, row["RowKey"]))

    def _reseal_one(self, gallery: GalleryId, key: str) -> None:
        row = self._table.get(gallery, key)
        if row and self._is_stale(row, self._cipher.active) and (steps := self._steps([row])):
            self._table.commit(steps)

    def _steps(self, rows: Sequence[dict[str, Any]]) -> list[Merge]:
        whole = [row for row in rows if is_whole(self._cipher, row)]
        faces = [row for row in whole if _is_face(row)]
        opened = open_templates(self._cipher, ((row.get(TEMPLATE, b""), identity_of(row)) for row in faces))
        found = [(row, template) for row, template in zip(faces, opened, strict=True) if template is not None]
        sealed = self._cipher.seal_each((template, identity_of(row)) for row, template in found)
        templates = {row["RowKey"]: anew for (row, _), anew in zip(found, sealed, strict=True)}
        return [
            Merge(resealed(self._cipher, row, {TEMPLATE: templates[key]} if key in templates else {}), row[ETAG])
            for row in whole
            if (key := row["RowKey"]) in templates or not _is_face(row)
        ]

    def _is_stale(self, row: dict[str, Any], active: str) -> bool:
        """Sealed under another key, and every key of it in this process's ring."""
        try:
            sealed = (SEAL, TEMPLATE) if _is_face(row) else (SEAL,)
            names = {sealed_under(row.get(column, b"")) for column in sealed}
        except SealBroken:
            return False
        return bool(names - {active}) and all(map(self._cipher.has, names))

    def _reached(self, gallery: GalleryId, active: str) -> str:
        row = self._keys.get(RESEALING, gallery)
        return row["after"] if row and row["key"] == active else ""

    def _note(self, gallery: GalleryId, active: str, after: str) -> None:
        self._keys.put([{"PartitionKey": RESEALING, "RowKey": gallery, "key": active, "after": after}])

    def _rows(self, gallery: GalleryId, after: str) -> Iterator[dict[str, Any]]:
        condition = "PartitionKey eq @gallery and RowKey gt @after and RowKey lt @before"
        return self._table.query(condition, gallery=gallery, after=max(after, "f|"), before="p|~")


def _is_face(row: dict[str, Any]) -> bool:
    return str(row["RowKey"]).startswith("f|")
