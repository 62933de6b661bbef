"""The rows of one record (terms.py), as its subject's rights need them: what it holds, its terms, its restriction."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.clock import to_text
from shared.store.cipher import Cipher
from shared.store.gallery_log import MANIFEST, identity_of, is_sealed, open_template
from shared.store.ids import GalleryId, PersistedFaceId
from shared.store.members import person_of
from shared.store.retries import persistently
from shared.store.row_seals import changed, check
from shared.store.tables import ETAG, Delete, Insert, Merge, Step, Tables
from shared.store.terms import (
    CONSENT,
    RESTRICTED,
    RESTRICTIONS,
    RESTRICTS,
    RETAIN_UNTIL,
    SUBJECT,
    Terms,
    end_row,
    first_that_is_over,
    ids_of,
    is_over,
    read,
    record_that_ends,
)


@dataclass(frozen=True, slots=True, eq=False)
class HeldFace:
    """`space`: "recognitionModel/recogniser". `template`: None where it does not open, which was logged."""

    face_id: PersistedFaceId
    space: str
    user_data: str | None
    template: NDArray[np.float32] | None


class RecordRows:
    """Every method raises StoreUnavailable, those that change something WriteConflict too."""

    def __init__(self, tables: Tables, cipher: Cipher) -> None:
        self._table = tables.table("galleries")
        self._cipher = cipher

    def row(self, gallery: GalleryId, record: str) -> dict[str, Any] | None:
        """Also of one that is over or was altered."""
        return self._table.get(gallery, record)

    def whole(self, gallery: GalleryId, record: str) -> dict[str, Any] | None:
        """Raises RowAltered."""
        row = self.row(gallery, record)
        if row:
            self.check(row)
        return row

    def check(self, row: Mapping[str, Any]) -> None:
        """That it is as it was written. Raises RowAltered."""
        check(self._cipher, row)

    def has_ended(self, gallery: GalleryId, record: str, now: datetime) -> bool:
        """Whether it is there and its time is over. Of an altered one its end's own row tells."""
        row = self.row(gallery, record)
        if row is None or self.is_whole(row):
            return row is not None and is_over(row, now)
        condition = "PartitionKey eq @gallery and RowKey ge @first and RowKey lt @last"
        marks = self._table.query(condition, ("RowKey",), gallery=gallery, first=first_that_is_over(now), last=MANIFEST)
        return any(record_that_ends(mark["RowKey"]) == record for mark in marks)

    def is_whole(self, row: Mapping[str, Any]) -> bool:
        return is_sealed(self._cipher, row)

    def faces(self, gallery: GalleryId, record: str) -> Iterator[HeldFace]:
        """All that stand with a person, or the one of a list. Raises RowAltered."""
        person, _ = ids_of(record)
        row = self.whole(gallery, record) if person else None
        named = frozenset(person_of(row).face_ids if row else ())
        for row in self._face_rows(gallery, record):
            face = row["RowKey"].rpartition("|")[2]
            if person and face not in named:  # it was put back
                continue
            check(self._cipher, row)
            template = open_template(self._cipher, row.get("template", b""), identity_of(row))
            yield HeldFace(PersistedFaceId(face), row["space"], row.get("userData"), template)

    def count_faces(self, gallery: GalleryId, record: str) -> int:
        return sum(1 for _ in self._face_rows(gallery, record, ("RowKey",)))

    def are_gone(self, gallery: GalleryId, record: str) -> bool:
        return self._table.get(gallery, record, ("RowKey",)) is None and not self.count_faces(gallery, record)

    def agree(self, gallery: GalleryId, record: str, terms: Terms) -> bool:
        """Replaces all terms. False where there is no such record."""
        ends = to_text(terms.retain_until) if terms.retain_until else ""
        columns = {SUBJECT: terms.subject or "", CONSENT: terms.consent or "", RETAIN_UNTIL: ends}

        def change() -> bool:
            row = self.row(gallery, record)
            if row is None:
                return False
            before, after = read(row).retain_until, terms.retain_until
            steps: list[Step] = [Merge(changed(self._cipher, row, columns), row[ETAG])]
            if before and before != after:
                steps.append(Delete(gallery, end_row(gallery, record, before)["RowKey"]))
            if after and before != after:
                steps.append(Insert(end_row(gallery, record, after)))
            self._table.commit(steps)
            return True

        return persistently(change)

    def restrict(self, gallery: GalleryId, record: str, since: datetime | None) -> bool:
        """From that moment on; None: not any more. False where there is no such record. Every search that begins after
        this has returned goes by it."""
        marker = {"PartitionKey": gallery, "RowKey": RESTRICTS + record}

        def change() -> bool:
            row = self.row(gallery, record)
            if row is None or bool(row.get(RESTRICTED)) == bool(since):
                return row is not None
            column = {RESTRICTED: to_text(since) if since else ""}
            steps: list[Step] = [
                Merge(changed(self._cipher, row, column), row[ETAG]),
                Insert(marker) if since else Delete(gallery, marker["RowKey"]),
                self._changed(gallery),
            ]
            self._table.commit(steps)
            return True

        return persistently(change)

    def _changed(self, gallery: GalleryId) -> Step:
        """What tells every process that others are restricted now."""
        row = self._table.get(gallery, RESTRICTIONS, ("RowKey",))
        new = {"PartitionKey": gallery, "RowKey": RESTRICTIONS, "version": uuid.uuid4().hex}
        return Merge(new, row[ETAG]) if row else Insert(new)

    def _face_rows(self, gallery: GalleryId, record: str, select: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        person, _ = ids_of(record)
        first, last = (f"f|{person}|", f"f|{person}|~") if person else (record, record)
        return self._table.between(gallery, first, last, select)
