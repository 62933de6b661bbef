"""What is stored, held against itself and against the audit trail. Reads all of storage, and writes nothing."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from shared.clock import Clock
from shared.people.audit_trail import audit_key
from shared.people.gallery_check import GalleryCheck
from shared.people.gallery_look import GalleryLook
from shared.people.stored_galleries import stored_galleries
from shared.people.trail_check import TrailCheck
from shared.store.audit_chains import AuditChains, Position
from shared.store.catalogue import Catalogue
from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.gallery_log import GalleryLog
from shared.store.gallery_rows import GalleryRows
from shared.store.live_ring import LiveRing
from shared.store.rebuilds import Rebuilds
from shared.store.segments import DiskCache, Segments
from shared.store.session_images import SessionImages
from shared.store.sessions import Sessions
from shared.store.tables import Tables


def gallery_check(account: str, tables: Tables, ring: LiveRing) -> GalleryCheck:
    """`account`: its connection string. No copy on a disk is looked at: it is storage that is asked."""
    cipher, nowhere = Cipher(ring), DiskCache(Path(tempfile.gettempdir()), 0, timedelta())
    segments = Segments(account, cipher, nowhere)
    look = GalleryLook(GalleryLog(tables, cipher), segments, Rebuilds(tables, cipher))
    return GalleryCheck(Catalogue(tables), GalleryRows(tables, cipher), look)


def trail_check(account: str, tables: Tables, ring: LiveRing, clock: Clock) -> TrailCheck:
    cipher, expiries = Cipher(ring), Expiries(tables)
    chains = AuditChains(tables, expiries, timedelta(), clock)
    sessions = Sessions(tables, expiries, cipher, SessionImages(account, cipher), clock)
    rows = GalleryRows(tables, cipher)
    return TrailCheck(chains, lambda key: audit_key(ring, key), Catalogue(tables), rows, sessions, clock)


def look(account: str, ring: LiveRing, clock: Clock, outside: Sequence[Position] = ()) -> int:
    """Prints a line for each problem, then one that sums up. `outside`: anchors of the trail that were kept elsewhere.
    0: there is no problem; 1: there is; 2: none is known, but not everything could be compared."""
    tables = Tables(account)
    trail, problems = trail_check(account, tables, ring, clock).check(outside)
    for line in (*trail.problems, *problems):
        _say(line)
    check, found = gallery_check(account, tables, ring), len(trail.problems) + len(problems)
    undecided = galleries = 0
    for stored in stored_galleries(Catalogue(tables)):
        galleries += 1
        for line, is_sure in check.check(stored):
            _say(f"{stored}: {line}" if is_sure else f"{stored}: not compared: {line}")
            found, undecided = found + is_sure, undecided + (not is_sure)
    print(f"{galleries} galleries, {trail.entries} entries, {found} problems, {undecided} not compared")
    return 1 if found else 2 if undecided else 0


def _say(line: str) -> None:
    """Keys out of storage may be anything that somebody has written there."""
    print(ascii(line)[1:-1])
