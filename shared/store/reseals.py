"""Seals the face rows of a gallery anew under the active key, and knows how far that has come.

Table `keys`, partition "resealing": the row "begun" has the `key` for which every gallery was announced; while one is
being done, a row named by it has the `key` under which its faces are sealed up to the row `after`.
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
from shared.store.tables import ETAG, TRANSACTION_ROWS, Merge, RowChanged, Tables

RESEALING, BEGUN = "resealing", "begun"
READ_AT_ONCE = 1000  # rows between two notes of how far it has come
WRITERS = 4


class Reseals:
    """Every method raises StoreUnavailable, `faces` WriteConflict too."""

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

    def faces(self, gallery: GalleryId, until: float) -> bool:
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
        """All of it, not its faces only."""
        self._keys.delete(RESEALING, [gallery])

    def _reseal(self, gallery: GalleryId, rows: Sequence[dict[str, Any]]) -> None:
        """At most a transaction's worth. Where one of them was changed meanwhile, each by itself."""
        try:
            self._table.commit(self._steps(gallery, rows))
        except RowChanged:
            for row in rows:
                persistently(partial(self._reseal_one, gallery, row["RowKey"]))

    def _reseal_one(self, gallery: GalleryId, key: str) -> None:
        row = self._table.get(gallery, key)
        if row and self._is_stale(row, self._cipher.active):
            self._table.commit(self._steps(gallery, [row]))

    def _steps(self, gallery: GalleryId, rows: Sequence[dict[str, Any]]) -> list[Merge]:
        opened = open_templates(self._cipher, ((row["template"], identity_of(row)) for row in rows))
        whole = [(row, template) for row, template in zip(rows, opened, strict=True) if template is not None]
        sealed = self._cipher.seal_each((template, identity_of(row)) for row, template in whole)
        return [
            Merge({"PartitionKey": gallery, "RowKey": row["RowKey"], "template": anew}, row[ETAG])
            for (row, _), anew in zip(whole, sealed, strict=True)
        ]

    def _is_stale(self, row: dict[str, Any], active: str) -> bool:
        """Sealed under another key that this process has."""
        try:
            name = sealed_under(row.get("template", b""))
        except SealBroken:
            return False
        return name != active and self._cipher.has(name)

    def _reached(self, gallery: GalleryId, active: str) -> str:
        row = self._keys.get(RESEALING, gallery)
        return row["after"] if row and row["key"] == active else ""

    def _note(self, gallery: GalleryId, active: str, after: str) -> None:
        self._keys.put([{"PartitionKey": RESEALING, "RowKey": gallery, "key": active, "after": after}])

    def _rows(self, gallery: GalleryId, after: str) -> Iterator[dict[str, Any]]:
        condition = "PartitionKey eq @gallery and RowKey gt @after and RowKey lt @before"
        return self._table.query(condition, gallery=gallery, after=max(after, "f|"), before="f|~")
