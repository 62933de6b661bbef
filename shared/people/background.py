"""The work that outlives a call: what each message of the work queue asks for. All of it may run more than once."""

import logging
from collections.abc import Callable, Mapping

from shared.people.collections import Collections
from shared.people.compaction import Compaction
from shared.people.dynamic_groups import DynamicGroups
from shared.people.erasure import Erasing
from shared.people.resealing import Resealing
from shared.people.training import Trainings
from shared.store.expiries import Expiry
from shared.store.ids import GalleryId, PersonId
from shared.store.operations import Operations
from shared.store.work_queue import WorkQueue

log = logging.getLogger("ownface.people")

Message = Mapping[str, str]


class Background:
    """A message that fails raises, and comes again; when the host gives it up, `give_up` is told."""

    def __init__(
        self,
        trainings: Trainings,
        compaction: Compaction,
        collections: Collections,
        dynamic_groups: DynamicGroups,
        erasing: Erasing,
        resealing: Resealing,
        operations: Operations,
        queue: WorkQueue,
    ) -> None:
        self._trainings = trainings
        self._compaction = compaction
        self._collections = collections
        self._dynamic_groups = dynamic_groups
        self._resealing = resealing
        self._operations = operations
        self._queue = queue
        self._work: dict[str, Callable[[Message], None]] = {
            "train": lambda message: trainings.run(message["of"], GalleryId(message["gallery"])),
            "compact": lambda message: self._compact(GalleryId(message["gallery"])),
            "mend": lambda message: compaction.mend(GalleryId(message["gallery"]), put_back="putBack" in message),
            "erase": lambda message: self._erase(GalleryId(message["gallery"]), message["of"]),
            "settle": lambda message: dynamic_groups.settle(message["id"], message["group"]),
            "forget": lambda message: erasing.forget(message["erasure"]),
            "reseal": self._reseal,
            "leave": lambda message: dynamic_groups.leave_all(PersonId(message["person"])),
        }

    def run(self, message: Message) -> None:
        """Raises StoreUnavailable."""
        operation = message.get("operation")
        if operation:
            self._operations.move(operation, "running")
        self._work[message["do"]](message)
        if operation:
            self._operations.move(operation, "succeeded")

    def give_up(self, message: Message) -> None:
        """What callers poll says that it failed. The sweep goes on trying what must not be left undone."""
        log.error("given up: %s %s", message["do"], message.get("operation") or message.get("gallery", ""))
        if message["do"] == "train":
            self._trainings.give_up(message["of"], GalleryId(message["gallery"]))
        if message["do"] == "reseal":  # it has got some way each time
            self._resealing.announce_later(GalleryId(message["gallery"]))
        if operation := message.get("operation"):
            self._operations.move(operation, "failed", "The operation failed. Please try again.")

    # for the sweep: what was announced, in case that no message was sent or it came to nothing

    def erase_gallery(self, expiry: Expiry) -> None:
        self._erase(GalleryId(expiry.key), expiry.detail)

    def compact_gallery(self, expiry: Expiry) -> None:
        self._compact(GalleryId(expiry.key))

    def settle_group(self, expiry: Expiry) -> None:
        self._dynamic_groups.settle(expiry.detail, expiry.key)

    def leave_groups(self, expiry: Expiry) -> None:
        self._dynamic_groups.leave_all(PersonId(expiry.key))

    def reseal_gallery(self, expiry: Expiry) -> None:
        """By a message: it may take longer than other sweeps should wait."""
        self._queue.send({"do": "reseal", "gallery": expiry.key, "key": expiry.detail})

    def _reseal(self, message: Message) -> None:
        if not self._resealing.run(GalleryId(message["gallery"]), message["key"]):
            self._queue.send(message)

    def _compact(self, gallery: GalleryId) -> None:
        folded = self._compaction.run(gallery)
        log.info("compacted %s: %d changes", gallery, folded)

    def _erase(self, gallery: GalleryId, of: str) -> None:
        if not self._collections.is_alive(gallery, of):
            self._compaction.erase(gallery)
            log.info("erased %s", gallery)
