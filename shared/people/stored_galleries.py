"""The galleries that the catalogue names: those of all collections, and the directory's."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.people import directory
from shared.people.kinds import KINDS
from shared.store.catalogue import Catalogue
from shared.store.gallery_log import GalleryRef
from shared.store.ids import GalleryId


@dataclass(frozen=True, slots=True)
class StoredGallery:
    """`of`: the collection that it belongs to ("persongroups|id")."""

    of: str
    gallery: GalleryRef
    has_persons: bool

    def __str__(self) -> str:
        return f"gallery {self.gallery.key} ({self.of})"


def stored_galleries(catalogue: Catalogue) -> Iterator[StoredGallery]:
    for kind in KINDS.values():
        for row in catalogue.list(kind.path, "", None):
            ref = GalleryRef(GalleryId(row["gallery"]), row["shards"])
            yield StoredGallery(f"{kind.path}|{row['RowKey']}", ref, kind.has_persons)
    if found := catalogue.find(directory.KIND, directory.KIND):
        ref = GalleryRef(GalleryId(found["gallery"]), directory.SHARDS)
        yield StoredGallery(f"{directory.KIND}|{directory.KIND}", ref, has_persons=True)


def is_named(catalogue: Catalogue, stored: StoredGallery) -> bool:
    """Still: a collection that is deleted leaves the catalogue first."""
    row = catalogue.find(*stored.of.split("|", 1))
    return row is not None and row["gallery"] == stored.gallery.key
