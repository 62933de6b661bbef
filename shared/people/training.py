"""Training, as the contract shows it: a compaction, and the state that callers poll.

A face can be found from the moment it is enrolled; what training changes for callers is that a collection that was
never trained cannot be searched at all.
"""

import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from shared.clock import Clock, to_text
from shared.people.collections import Collections
from shared.people.compaction import Compaction
from shared.people.kinds import Kind
from shared.store.catalogue import Catalogue
from shared.store.ids import GalleryId
from shared.store.retries import persistently
from shared.store.tables import ETAG, RowChanged, StoreUnavailable
from shared.store.work_queue import WorkQueue

log = logging.getLogger("ownface.people")

TRIES = 5
UNDER_WAY = frozenset({"notStarted", "running"})
ENDED = frozenset({"succeeded", "failed"})
FAILED = "Training failed. Please train again."


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """`created`: when the collection was made. `last_success` None: never yet."""

    status: str
    created: datetime
    last_action: datetime
    last_success: datetime | None
    message: str | None


class Trainings:
    """Every method raises the kind's `not_found`."""

    def __init__(
        self, collections: Collections, catalogue: Catalogue, compaction: Compaction, work: WorkQueue, clock: Clock
    ) -> None:
        self._collections = collections
        self._catalogue = catalogue
        self._compaction = compaction
        self._work = work
        self._clock = clock

    def start(self, kind: Kind, key: str) -> None:
        """The background does it. Raises the kind's `training_not_finished` where one is under way."""
        assert kind.training_not_finished  # noqa: S101 only kinds that train have the operation
        for _ in range(TRIES):
            collection = self._collections.get(kind, key)
            if self._collections.is_training(collection):
                raise kind.training_not_finished
            if self._catalogue.merge(kind.path, key, self._columns("notStarted"), collection.etag):
                self._send(f"{kind.path}|{key}", collection.gallery.key)
                return
        raise kind.training_not_finished  # somebody else keeps starting it

    def status(self, kind: Kind, key: str) -> TrainingStatus:
        """Raises the kind's `not_trained` where it was never asked for."""
        collection = self._collections.get(kind, key)
        training = collection.training
        if training is None:
            assert kind.not_trained  # noqa: S101 only kinds that train have the operation
            raise kind.not_trained(status=404)
        if training.status in UNDER_WAY and not self._collections.is_training(collection):  # who worked on it has died
            return TrainingStatus("failed", collection.created, training.moved, training.succeeded, FAILED)
        return TrainingStatus(training.status, collection.created, training.moved, training.succeeded, training.message)

    def run(self, of: str, gallery: GalleryId) -> None:
        """Do what `start` asked for, unless the collection is gone. May run more than once.

        Raises StoreUnavailable: then it is to be run again."""
        if self._move(of, gallery, self._columns("running")):
            folded = self._compaction.run(gallery)
            done = self._columns("succeeded")
            self._move(of, gallery, {**done, "trainingSucceeded": done["trainingMoved"]})
            log.info("trained %s: %d changes", gallery, folded)

    def give_up(self, of: str, gallery: GalleryId) -> None:
        """It failed too often: say so to those who poll."""
        self._move(of, gallery, self._columns("failed", FAILED))

    def _send(self, of: str, gallery: GalleryId) -> None:
        try:
            self._work.send({"do": "train", "of": of, "gallery": gallery})
        except StoreUnavailable:
            with suppress(StoreUnavailable):  # else it looks under way until TRAINED_WITHIN has passed
                self.give_up(of, gallery)
            raise

    def _move(self, of: str, gallery: GalleryId, columns: Mapping[str, str]) -> bool:
        """False where that incarnation of the collection is gone, or this training over: the message came again."""
        kind, _, key = of.partition("|")

        def move() -> bool:
            row = self._catalogue.find(kind, key)
            if row is None or row["gallery"] != gallery or row.get("trainingStatus") in ENDED:
                return False
            if not self._catalogue.merge(kind, key, columns, row[ETAG]):
                raise RowChanged
            return True

        return persistently(move)

    def _columns(self, status: str, message: str = "") -> dict[str, str]:
        """`trainingMove` tells this change from one that another makes at the same time."""
        moved, move = to_text(self._clock()), uuid.uuid4().hex
        return {
            "trainingStatus": status,
            "trainingMoved": moved,
            "trainingMove": move,
            "trainingMessage": message,
        }
