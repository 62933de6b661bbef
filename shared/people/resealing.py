"""Re-sealing: when another key has become the active one, what lasts is sealed anew under it, templates turned anew.

That is the galleries: rows of faces, segments, the manifest; events by being folded. It goes on beside all other work,
may die at any moment, and two at once do the same thing twice. faceIds and sessions are left to expire, within 24 and
48 hours; the key that they need must stay in the ring until then (key_use.py tells).
"""

import logging

from shared.clock import Clock
from shared.people.compaction import Compaction
from shared.people.removals import Removals
from shared.people.segment_swap import Overtaken, SegmentSwap
from shared.store.catalogue import Catalogue
from shared.store.expiries import GRACE, Expiries
from shared.store.gallery_log import GalleryLog, State
from shared.store.ids import GalleryId
from shared.store.live_ring import LiveRing
from shared.store.manifests import SegmentRef
from shared.store.reseals import Reseals
from shared.store.segments import Segments
from shared.store.tables import StoreUnavailable

log = logging.getLogger("ownface.people")

KIND = "reseals"
"""The kind of expiry that announces a gallery which has to be sealed anew."""
TRIES = 5


class Resealing:
    """Every method raises StoreUnavailable."""

    def __init__(
        self,
        ring: LiveRing,
        reseals: Reseals,
        catalogue: Catalogue,
        compaction: Compaction,
        gallery_log: GalleryLog,
        segments: Segments,
        swap: SegmentSwap,
        expiries: Expiries,
        clock: Clock,
    ) -> None:
        self._ring = ring
        self._reseals = reseals
        self._catalogue = catalogue
        self._compaction = compaction
        self._log = gallery_log
        self._segments = segments
        self._swap = swap
        self._expiries = expiries
        self._removals = Removals(expiries, clock)
        self._clock = clock

    def begin(self) -> int:
        """Announces every gallery where the active key is another one than at the last time. Answers how many. Not
        before every process has that key: what is sealed under the one before until then is not missed."""
        ring = self._ring.now()
        if (ring.activated and self._clock() - ring.activated < GRACE) or self._reseals.begun() == ring.active:
            return 0
        galleries = list(self._catalogue.galleries())
        for gallery in galleries:
            self.announce(gallery)
        self._reseals.begin(ring.active)
        log.info("%d galleries will be sealed anew under %s", len(galleries), ring.active)
        return len(galleries)

    def announce(self, gallery: GalleryId) -> None:
        """For the next sweep."""
        self._expiries.announce_work(KIND, gallery, self._clock() - GRACE, self._ring.now().active)

    def run(self, gallery: GalleryId, key: str) -> None:
        """Everything of one gallery, under `key` or one that has followed it. A gallery that is gone is no error."""
        if not self._ring.has(key):
            log.warning("%s is not in the key ring any more", key)
        self._compaction.run(gallery)
        faces = self._reseals.faces(gallery)
        segments = self._reseal_segments(gallery)
        log.info("sealed anew in %s: %d faces, %d segments", gallery, faces, segments)

    def _reseal_segments(self, gallery: GalleryId) -> int:
        """And the manifest with them. Answers how many."""
        count = overtaken = 0
        while overtaken < TRIES:
            state = self._log.state(gallery)
            if state is None:
                return count
            try:
                stale = self._stale(gallery, state)
                if not stale:
                    self._reseal_manifest(gallery, state)
                    return count
                self._removals.announce_leftovers(gallery)
                for ref in stale:
                    state = self._swap.replace(gallery, state, [ref], self._swap.read(gallery, ref), state.folded)
                    count += 1
            except Overtaken:
                overtaken += 1
        raise StoreUnavailable("other compactions keep coming first")

    def _stale(self, gallery: GalleryId, state: State) -> list[SegmentRef]:
        """Raises Overtaken."""
        active = self._ring.now().active
        names = [self._segments.sealed_under(gallery, ref.key) for ref in state.segments]
        if None in names:
            raise Overtaken
        return [ref for ref, name in zip(state.segments, names, strict=True) if name != active]

    def _reseal_manifest(self, gallery: GalleryId, state: State) -> None:
        """Raises Overtaken."""
        is_stale = state.sealed_under != self._ring.now().active
        if is_stale and not self._log.fold(gallery, state, state.segments, state.folded):
            raise Overtaken
