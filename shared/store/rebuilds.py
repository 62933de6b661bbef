"""What a gallery's segments are rebuilt from, and how far that has come.

The rows of persons and faces are the truth (galleries.py): whatever became of events and segments, they say who is in
the gallery. While a rebuild is under way one more row of the gallery's partition holds what it has so far:

    r    the sequences at which it began, the last row that it has read, and the segments that it has written
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.store.cipher import Cipher
from shared.store.gallery_log import MANIFEST, OPENED_AT_ONCE, State, identity_of, open_templates
from shared.store.ids import GalleryId, PersistedFaceId, PersonId
from shared.store.manifests import Manifest, SegmentRef, manifest_row, open_manifest
from shared.store.members import person_of
from shared.store.row_seals import is_whole
from shared.store.tables import ETAG, Delete, Insert, Merge, RowChanged, Step, Tables

PROGRESS = "r"


@dataclass(frozen=True, slots=True)
class Progress:
    """`folded`: shard -> the sequence that its head had when the rebuild began. `after`: the key of the last row that
    was read. `etag`: empty where nothing is stored yet."""

    folded: Mapping[str, int]
    after: str = ""
    segments: tuple[SegmentRef, ...] = ()
    etag: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FaceRow:
    """`owner`: empty in a list. `template`: None where it does not open or its row was altered, which was logged."""

    key: str
    owner: PersonId
    face: PersistedFaceId
    space: str
    template: NDArray[np.float32] | None


class Rebuilds:
    """Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, cipher: Cipher) -> None:
        self._table = tables.table("galleries")
        self._cipher = cipher

    def find(self, gallery: GalleryId) -> Progress | None:
        row = self._table.get(gallery, PROGRESS)
        if row is None:
            return None
        noted = open_manifest(self._cipher, row)
        return Progress(noted.folded, noted.after, noted.segments, row[ETAG])

    def save(self, gallery: GalleryId, progress: Progress, manifest: str = "") -> bool:
        """Replaces what was stored in the version `progress.etag`, and defeats whoever is about to replace the
        manifest. False where somebody else did something, where the manifest is not in that version, if one is given,
        or where the gallery is gone."""
        noted = Manifest(progress.segments, progress.folded, progress.after)
        row = manifest_row(self._cipher, gallery, PROGRESS, noted)
        step: Step = Merge(row, progress.etag) if progress.etag else Insert(row)
        with suppress(RowChanged):  # or it was written, and the answer lost
            self._table.commit([step, Merge({"PartitionKey": gallery, "RowKey": MANIFEST}, manifest)])
        found = self.find(gallery)
        return found is not None and (found.after, found.segments) == (progress.after, progress.segments)

    def finish(self, gallery: GalleryId, progress: Progress, state: State, segments: tuple[SegmentRef, ...]) -> bool:
        """Replace the manifest that `state` showed, and forget the progress. False where either has changed."""
        row = manifest_row(self._cipher, gallery, MANIFEST, Manifest(segments, progress.folded))
        with suppress(RowChanged):  # or it was written, and the answer lost
            self._table.commit([Merge(row, state.etag), Delete(gallery, PROGRESS, progress.etag)])
            return True
        found = self._table.get(gallery, MANIFEST)
        return found is not None and open_manifest(self._cipher, found).segments == segments

    def faces(self, gallery: GalleryId, after: str) -> Iterator[FaceRow]:
        """Those whose row comes after that key, ascending by it: so by owner."""
        rows = self._rows(gallery, max(after, "f|"), "f|~")
        while some := list(islice(rows, OPENED_AT_ONCE)):
            sealed = ((row.get("template", b""), identity_of(row)) for row in some)
            for row, template in zip(some, open_templates(self._cipher, sealed), strict=True):
                _, owner, _, face = row["RowKey"].split("|")
                told = template if template is not None and is_whole(self._cipher, row) else None
                yield FaceRow(row["RowKey"], PersonId(owner), PersistedFaceId(face), row.get("space", ""), told)

    def persons(self, gallery: GalleryId, first: PersonId) -> Iterator[tuple[PersonId, frozenset[str]]]:
        """From that one on, ascending, with the faces that stand with them: none where their row was altered."""
        condition = "PartitionKey eq @gallery and RowKey ge @first and RowKey lt @last"
        for row in self._table.query(condition, gallery=gallery, first=f"p|{first}", last="p|~"):
            faces = frozenset(person_of(row).face_ids if is_whole(self._cipher, row) else ())
            yield PersonId(row["RowKey"].partition("|")[2]), faces

    def _rows(self, gallery: GalleryId, after: str, before: str) -> Iterator[dict[str, Any]]:
        condition = "PartitionKey eq @gallery and RowKey gt @after and RowKey lt @before"
        return self._table.query(condition, gallery=gallery, after=after, before=before)
