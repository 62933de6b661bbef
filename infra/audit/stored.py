"""What is stored, held against itself and against the audit trail. Reads all of storage, and writes nothing."""

import tempfile
from datetime import timedelta
from pathlib import Path

from shared.people.gallery_check import GalleryCheck
from shared.people.gallery_look import GalleryLook
from shared.store.catalogue import Catalogue
from shared.store.cipher import Cipher
from shared.store.gallery_log import GalleryLog
from shared.store.gallery_rows import GalleryRows
from shared.store.live_ring import LiveRing
from shared.store.rebuilds import Rebuilds
from shared.store.segments import DiskCache, Segments
from shared.store.tables import Tables


def gallery_check(account: str, tables: Tables, ring: LiveRing) -> GalleryCheck:
    """`account`: its connection string. No copy on a disk is looked at: it is storage that is asked."""
    cipher, nowhere = Cipher(ring), DiskCache(Path(tempfile.gettempdir()), 0, timedelta())
    segments = Segments(account, cipher, nowhere)
    look = GalleryLook(GalleryLog(tables, cipher), segments, Rebuilds(tables, cipher))
    return GalleryCheck(Catalogue(tables), GalleryRows(tables, cipher), look)
