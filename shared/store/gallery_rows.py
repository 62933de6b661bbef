"""Every row of a gallery, to hold it against what else is stored: for an operator's command, for no call.

Nothing is written. What does not open is told, not refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.store.cipher import Cipher
from shared.store.gallery_log import OPENED_AT_ONCE, SHARDS, GalleryRef, identity_of, is_sealed
from shared.store.ids import GalleryId
from shared.store.tables import Tables
from shared.store.terms import ENDS, RESTRICTED, RESTRICTS

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class StoredFace:
    """`owner`: empty in a list. `model`: as the row's key has it. `template`: None where it does not open."""

    row: Row
    owner: str
    model: str
    face: str
    space: str
    template: NDArray[np.float32] | None


class GalleryRows:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, cipher: Cipher) -> None:
        self._table = tables.table("galleries")
        self._cipher = cipher

    def row(self, gallery: GalleryId, key: str) -> Row | None:
        return self._table.get(gallery, key)

    def is_whole(self, row: Row) -> bool:
        """Whether that of a person or a face is as it was written."""
        return is_sealed(self._cipher, row)

    def persons(self, gallery: GalleryId) -> Iterator[Row]:
        """Ascending by id."""
        return self._rows(gallery, "p|", "p|~")

    def faces(self, gallery: GalleryId, owner: str | None = None) -> Iterator[StoredFace]:
        """Of all, or of one owner; ascending by owner."""
        prefix = "f|" if owner is None else f"f|{owner}|"
        return self._opened(self._rows(gallery, prefix, f"{prefix}~"))

    def face(self, gallery: GalleryId, key: str) -> StoredFace | None:
        return next(self._opened(self._rows(gallery, key, key)), None)

    def marks(self, gallery: GalleryId) -> Iterator[str]:
        """The keys of the rows that say who ends when, and who is restricted."""
        for prefix in (ENDS, RESTRICTS):
            yield from (row["RowKey"] for row in self._rows(gallery, prefix, f"{prefix}~", ("RowKey",)))

    def brief(self, gallery: GalleryId, prefix: str) -> Iterator[Row]:
        """Keys, and whether restricted."""
        return self._rows(gallery, prefix, f"{prefix}~", ("RowKey", RESTRICTED))

    def keys(self, gallery: GalleryId, prefix: str) -> Iterator[str]:
        return (row["RowKey"] for row in self._rows(gallery, prefix, f"{prefix}~", ("RowKey",)))

    def members(self, gallery: GalleryRef, shard: str, prefixes: Iterator[str]) -> int:
        """How many rows of a shard there are, whose keys have one of these before the id."""
        digit = shard if gallery.shards > 1 else ""
        return sum(1 for prefix in prefixes for _ in self.keys(gallery.key, prefix + digit))

    def _opened(self, rows: Iterator[Row]) -> Iterator[StoredFace]:
        while some := list(islice(rows, OPENED_AT_ONCE)):
            sealed = ((row.get("template", b""), identity_of(row)) for row in some)
            for row, template in zip(some, self._cipher.open_each(sealed), strict=True):
                _, owner, model, face = row["RowKey"].split("|")
                whole = template if isinstance(template, np.ndarray) else None
                yield StoredFace(row, owner, model, face, str(row.get("space", "")), whole)

    def _rows(self, gallery: GalleryId, first: str, last: str, select: tuple[str, ...] = ()) -> Iterator[Row]:
        return self._table.between(gallery, first, last, select)


def shards_of(gallery: GalleryRef) -> str:
    return SHARDS[: gallery.shards]
