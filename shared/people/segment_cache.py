"""Opened segments in memory: those used last, up to a number of bytes, each until it was not used for a while."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from shared.gallery.segment import Segment
from shared.people.tidying import keep_tidy
from shared.store.ids import GalleryId
from shared.store.segments import Segments

KEEP = timedelta(minutes=10)
"""How long what is not asked for stays, in memory and on disk. Templates of a deleted gallery are never searched; this
is when their last copies are gone from a process that is not told of the deletion."""


@dataclass(slots=True)
class _Held:
    segment: Segment
    size: int
    used: float


class SegmentCache:
    """Safe to use from several threads. A segment larger than the room there is is opened anew for each search."""

    def __init__(self, segments: Segments, max_bytes: int) -> None:
        self._segments = segments
        self._max_bytes = max_bytes
        self._held: OrderedDict[tuple[GalleryId, str], _Held] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        keep_tidy(self)

    def get(self, gallery: GalleryId, key: str) -> Segment | None:
        """None where the segment is gone, replaced by a newer one. Raises StoreUnavailable."""
        with self._lock:
            held = self._held.get((gallery, key))
            if held:
                self._held.move_to_end((gallery, key))
                held.used = time.monotonic()
                return held.segment
        found = self._segments.read(gallery, key)
        if found is None:
            return None
        index, templates, turning = found
        segment = Segment.from_bytes(index, templates, turning)
        self._hold(gallery, key, segment, len(index) + templates.nbytes)
        return segment

    def drop(self, gallery: GalleryId, key: str) -> None:
        with self._lock:
            self._forget((gallery, key))

    def tidy(self) -> None:
        """Let go of what was not used for a while."""
        oldest = time.monotonic() - KEEP.total_seconds()
        with self._lock:
            for name in [name for name, held in self._held.items() if held.used < oldest]:
                self._forget(name)
        self._segments.tidy()

    def _hold(self, gallery: GalleryId, key: str, segment: Segment, size: int) -> None:
        with self._lock:
            self._forget((gallery, key))
            self._held[gallery, key] = _Held(segment, size, time.monotonic())
            self._bytes += size
            while self._bytes > self._max_bytes and self._held:
                self._forget(next(iter(self._held)))

    def _forget(self, name: tuple[GalleryId, str]) -> None:
        held = self._held.pop(name, None)
        self._bytes -= held.size if held else 0
