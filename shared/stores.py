"""What one process keeps things with, put together once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shared.clock import Clock
from shared.people.removals import Removals
from shared.people.segment_cache import KEEP
from shared.settings import MEGABYTE, Settings, SettingsError
from shared.store.audit_chains import AuditChains
from shared.store.catalogue import Catalogue
from shared.store.cipher import Cipher
from shared.store.erasures import Erasures
from shared.store.expiries import Expiries
from shared.store.face_ids import FaceIds
from shared.store.galleries import Galleries
from shared.store.gallery_log import SHARDS, GalleryLog
from shared.store.heads import Heads
from shared.store.ids import GalleryId
from shared.store.live_ring import LiveRing
from shared.store.memberships import Memberships
from shared.store.operations import Operations
from shared.store.rebuilds import Rebuilds
from shared.store.record_rows import RecordRows
from shared.store.reseals import Reseals
from shared.store.segments import DiskCache, Segments
from shared.store.session_images import SessionImages
from shared.store.sessions import Sessions
from shared.store.subjects import Subjects
from shared.store.tables import StoreUnavailable, Tables
from shared.store.work_queue import WorkQueue

log = logging.getLogger("ownface.people")

PILE = 2048
"""After about so many changes of a gallery it is compacted."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What keeps things, with the keys and the clock they go by."""

    clock: Clock
    key_ring: LiveRing
    tables: Tables
    expiries: Expiries
    face_ids: FaceIds
    catalogue: Catalogue
    galleries: Galleries
    gallery_log: GalleryLog
    segments: Segments
    rebuilds: Rebuilds
    heads: Heads
    reseals: Reseals
    memberships: Memberships
    operations: Operations
    sessions: Sessions
    session_images: SessionImages
    subjects: Subjects
    records: RecordRows
    erasures: Erasures
    audit_chains: AuditChains
    work: WorkQueue

    @classmethod
    def build(cls, settings: Settings, clock: Clock) -> "Stores":
        """Connects to nothing yet. Raises SettingsError, KeyRingError."""
        key_ring = LiveRing.opened(settings.key_ring_file, settings.key_ring_secret, settings.client_id)
        cipher = Cipher(key_ring)
        disk = DiskCache(settings.cache_dir, settings.gallery_disk_megabytes * MEGABYTE, KEEP)
        try:
            tables, work = Tables(settings.storage), WorkQueue(settings.storage)
            segments = Segments(settings.storage, cipher, disk)
            images = SessionImages(settings.storage, cipher)
        except ValueError:
            raise SettingsError("AzureWebJobsStorage is not a connection string of a storage account") from None
        expiries = Expiries(tables)
        about = Subjects(tables, expiries, clock)
        removing, moved = Removals(expiries, clock).announce, _compacted_in_time(work)
        heads = Heads(tables, cipher, removing)
        return cls(
            clock=clock,
            key_ring=key_ring,
            tables=tables,
            expiries=expiries,
            face_ids=FaceIds(tables, expiries, cipher, clock),
            catalogue=Catalogue(tables),
            galleries=Galleries(tables, cipher, heads, removing, moved, about, clock),
            gallery_log=GalleryLog(tables, cipher),
            segments=segments,
            rebuilds=Rebuilds(tables, cipher),
            heads=heads,
            reseals=Reseals(tables, cipher),
            memberships=Memberships(tables),
            operations=Operations(tables, expiries, clock),
            sessions=Sessions(tables, expiries, cipher, images, clock),
            session_images=images,
            subjects=about,
            records=RecordRows(tables, cipher),
            erasures=Erasures(tables, expiries, clock),
            audit_chains=AuditChains(tables, expiries, timedelta(days=settings.audit_days), clock),
            work=work,
        )


def _compacted_in_time(work: WorkQueue) -> Callable[[GalleryId, str, int], None]:
    def moved(gallery: GalleryId, shard: str, sequence: int) -> None:
        # Shards fill evenly; each speaks up once in PILE of its own changes, at a time of its own.
        if sequence % PILE == SHARDS.index(shard) * PILE // len(SHARDS):
            try:
                work.send({"do": "compact", "gallery": gallery})
            except StoreUnavailable:  # the change stands, and the next pile brings the next chance
                log.warning("%s could not be sent to compaction", gallery)

    return moved
