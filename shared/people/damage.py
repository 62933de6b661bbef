"""Galleries that could not be read whole: each sent to be mended, once in a while however often it is searched."""

import logging
import threading
import time
from collections import OrderedDict

from shared.store.ids import GalleryId
from shared.store.tables import StoreUnavailable
from shared.store.work_queue import WorkQueue

log = logging.getLogger("ownface.people")

EVERY_SECONDS = 60.0
REMEMBERED = 1000


class Damage:
    """Safe to use from several threads."""

    def __init__(self, work: WorkQueue) -> None:
        self._work = work
        self._told: OrderedDict[tuple[GalleryId, bool], float] = OrderedDict()
        self._lock = threading.Lock()

    def report(self, gallery: GalleryId, *, put_back: bool = False) -> None:
        """Never raises: who reports it has its own answer to give. `put_back`: later changes were seen than there are
        now."""
        with self._lock:
            now = time.monotonic()
            if now - self._told.get((gallery, put_back), -EVERY_SECONDS) < EVERY_SECONDS:
                return
            self._told[gallery, put_back] = now
            if len(self._told) > REMEMBERED:
                self._told.popitem(last=False)
        log.error("gallery %s could not be read whole", gallery)
        try:
            self._work.send({"do": "mend", "gallery": gallery, **({"putBack": "yes"} if put_back else {})})
        except StoreUnavailable:
            log.warning("gallery %s could not be sent to be mended", gallery)
            with self._lock:
                self._told.pop((gallery, put_back), None)
