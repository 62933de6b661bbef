"""Announces what a compaction has to look after, before it happens: so that nothing can be forgotten."""

from datetime import timedelta

from shared.clock import Clock
from shared.store.expiries import Expiries
from shared.store.ids import GalleryId

COMPACTION = "compactions"
"""The kind of expiry that announces a gallery which has to be compacted."""

LEFTOVERS_AFTER = timedelta(minutes=15)  # until then a segment that no manifest names may still get into one


class Removals:
    """Announces removals before they are made, so that none can be forgotten."""

    def __init__(self, expiries: Expiries, clock: Clock) -> None:
        self._expiries = expiries
        self._clock = clock

    def announce(self, gallery: GalleryId) -> None:
        """The sweep will compact the gallery within about two minutes."""
        self._expiries.announce_work(COMPACTION, gallery, self._clock())

    def announce_leftovers(self, gallery: GalleryId) -> None:
        """A later compaction will look for segments that this one wrote and no manifest names."""
        self._expiries.announce_work(COMPACTION, gallery, self._clock() + 2 * LEFTOVERS_AFTER)
