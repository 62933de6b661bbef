"""Who of a gallery is restricted: read anew only where that has changed, which every search sees by one text."""

import threading
from collections import OrderedDict
from collections.abc import Set

from shared.store.gallery_log import GalleryLog
from shared.store.ids import GalleryId
from shared.store.terms import hidden

Hidden = tuple[Set[bytes], Set[bytes]]
"""Faces of a list, and persons, by 16 bytes each."""

NOBODY: Hidden = (frozenset(), frozenset())
GALLERIES = 256  # that are remembered


class Restricted:
    """Safe to use from several threads."""

    def __init__(self, log: GalleryLog) -> None:
        self._log = log
        self._known: OrderedDict[GalleryId, tuple[str, Hidden]] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, gallery: GalleryId, version: str) -> Hidden:
        """As of that version or a later one; where it is empty, nobody ever was. Raises StoreUnavailable."""
        if not version:
            return NOBODY
        with self._lock:
            known = self._known.get(gallery)
        if known and known[0] == version:
            return known[1]
        found = hidden(self._log.restricted(gallery))  # read after the version: it may be of a later one, never older
        with self._lock:
            self._known[gallery] = (version, found)
            self._known.move_to_end(gallery)
            if len(self._known) > GALLERIES:
                self._known.popitem(last=False)
        return found
