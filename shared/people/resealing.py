"""Re-sealing: when another key has become the active one, what lasts is sealed anew under it, templates turned anew.

That is the galleries: rows of faces, persons and heads, segments, the manifest; events by being folded. It goes on
beside all other work, may die at any moment, and two at once do the same thing twice. faceIds and sessions are left to
expire, within 24 and 48 hours; the key that they need must stay in the ring until then (key_use.py tells).
"""

import logging
import time
from datetime import timedelta

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
from shared.store.segments import SegmentBroken, Segments
from shared.store.tables import StoreUnavailable

log = logging.getLogger("ownface.people")

KIND = "reseals"
"""The kind of expiry that announces a gallery which has to be sealed anew."""
TRIES = 5
RUN_SECONDS = 240.0  # far below the host's function timeout
LATER = timedelta(hours=1)


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
        is_settled = not ring.activated or self._clock() - ring.activated >= GRACE
        if not self._ring.is_seen or not is_settled or self._reseals.begun() == ring.active:
            return 0
        galleries = list(self._catalogue.galleries())
        self._expiries.announce_each(KIND, galleries, self._clock() - GRACE, ring.active)
        self._reseals.begin(ring.active)
        log.info("%d galleries will be sealed anew under %s", len(galleries), ring.active)
        return len(galleries)

    def announce_later(self, gallery: GalleryId) -> None:
        """One that was given up."""
        self._expiries.announce_work(KIND, gallery, self._clock() + LATER, self._ring.now().active)

    def run(self, gallery: GalleryId, key: str) -> bool:
        """Everything of one gallery, under `key` or one that has followed it. A gallery that is gone is no error.
        False where there was more than can be done in RUN_SECONDS: what is left is for another run."""
        until = time.monotonic() + RUN_SECONDS
        if not self._ring.has(key):
            log.warning("%s is not in the key ring any more", key)
        self._compaction.run(gallery)
        if not self._reseals.rows(gallery, until) or not self._reseal_segments(gallery, until):
            return False
        self._reseals.done(gallery)
        log.info("sealed anew under %s: %s", self._ring.now().active, gallery)
        return True

    def _reseal_segments(self, gallery: GalleryId, until: float) -> bool:
        """And the manifest with them."""
        for _ in range(TRIES):
            state = self._log.state(gallery)
            if state is None:
                return True
            try:
                for ref in self._stale(gallery, state):
                    self._removals.announce_leftovers(gallery)
                    state = self._swap.replace(gallery, state, [ref], self._swap.read(gallery, ref), state.folded)
                    if time.monotonic() > until:
                        return False
                self._reseal_manifest(gallery, state)
            except Overtaken:
                continue
            except SegmentBroken:
                self._compaction.mend(gallery)
                continue
            return True
        self._compaction.mend(gallery)  # it may be that a segment is lost
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
