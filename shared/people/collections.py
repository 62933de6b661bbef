"""Collections of persisted faces: FaceList, LargeFaceList, PersonGroup, LargePersonGroup. One implementation."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock, from_text, to_text
from shared.engine import Engine
from shared.errors import BadArgument, QuotaExceeded
from shared.people.kinds import Kind
from shared.people.names import is_collection_id
from shared.people.refusals import refusals
from shared.settings import Limits
from shared.store.catalogue import GALLERY, Catalogue, EntryExists, granted, place_of
from shared.store.expiries import SKEW, Expiries
from shared.store.galleries import Galleries
from shared.store.gallery_log import GalleryRef
from shared.store.ids import GalleryId
from shared.store.row_seals import RowAltered
from shared.store.tables import ETAG, TOKEN, StoreUnavailable
from shared.store.work_queue import WorkQueue

log = logging.getLogger("ownface.people")

ERASURE = "galleries"
"""The kind of expiry that announces a gallery which may have to be erased."""

MADE_WITHIN = timedelta(minutes=10)
"""When what was announced is looked at: it may never have become a collection's."""

TRAINED_WITHIN = timedelta(minutes=10)
"""A training that has not moved for so long has died, and no longer stands in the way of the next."""


@dataclass(frozen=True, slots=True)
class Training:
    """The state of the last training that was asked for. `status` as in the contract; `succeeded`: the last success."""

    status: str
    moved: datetime
    succeeded: datetime | None
    message: str | None

    def is_under_way(self, now: datetime) -> bool:
        return self.status in {"notStarted", "running"} and now - self.moved < TRAINED_WITHIN


@dataclass(frozen=True, slots=True)
class Collection:
    """`recogniser`: what makes its templates; those of another do not compare. `granted`: how many members its shards
    may have by now, where all of its kind have a limit together. `etag`: the version that was read."""

    kind: Kind
    id: str
    name: str
    user_data: str | None
    recognition_model: str
    recogniser: str
    gallery: GalleryRef
    created: datetime
    training: Training | None
    granted: tuple[int, ...]
    etag: str

    @property
    def space(self) -> str:
        return f"{self.recognition_model}/{self.recogniser}"


class Collections:
    def __init__(
        self,
        catalogue: Catalogue,
        galleries: Galleries,
        expiries: Expiries,
        work: WorkQueue,
        engine: Engine,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._galleries = galleries
        self._expiries = expiries
        self._work = work
        self._engine = engine
        self._limits = limits
        self._clock = clock

    def create(self, kind: Kind, key: str, name: str, user_data: str | None, recognition_model: str) -> None:
        """Raises BadArgument, QuotaExceeded, the kind's `exists`."""
        if not is_collection_id(key):
            raise BadArgument(f"{kind.label} ID is invalid.")
        if self._catalogue.find(kind.path, key):  # the usual cases, told without making a gallery in vain
            raise kind.exists
        if self._catalogue.count(kind.path) >= kind.quota(self._limits):
            raise QuotaExceeded(kind.quota_message)
        now = self._clock()
        fixed = {
            TOKEN: str(uuid.uuid4()),
            "recognitionModel": recognition_model,
            "recogniser": self._engine.recogniser(recognition_model),
            "shards": kind.shards,
        }
        gallery = GalleryRef(GalleryId(place_of(kind.path, key, fixed)), kind.shards)
        self._expiries.announce_work(ERASURE, gallery.key, now + MADE_WITHIN, f"{kind.path}|{key}")
        self._galleries.create(gallery)
        columns = {
            "name": name,
            **({} if user_data is None else {"userData": user_data}),
            **fixed,
            GALLERY: gallery.key,
            "created": to_text(now),
        }
        check_pace(now, self._clock())
        with refusals(key, full=kind.quota_message):
            try:
                self._catalogue.insert(kind.path, key, columns, kind.quota(self._limits))
            except EntryExists:
                raise kind.exists from None

    def get(self, kind: Kind, key: str) -> Collection:
        """Raises the kind's `not_found`."""
        if not is_collection_id(key):
            raise kind.not_found(f"{kind.label} ID is invalid.")
        row = self._catalogue.find(kind.path, key)
        if row is None:
            raise kind.not_found
        return _collection(kind, row)

    def list(self, kind: Kind, start: str = "", top: int | None = None) -> list[Collection]:
        """Those after `start`, ascending by id, or all of them."""
        return [_collection(kind, row) for row in self._catalogue.list(kind.path, start, top)]

    def to_change(self, kind: Kind, key: str) -> Collection:
        """As get; raises the kind's `training_not_finished` where the contract locks it while it is trained."""
        collection = self.get(kind, key)
        if kind.locked_by_training and kind.training_not_finished and self.is_training(collection):
            raise kind.training_not_finished
        return collection

    def is_training(self, collection: Collection) -> bool:
        return collection.training is not None and collection.training.is_under_way(self._clock())

    def update(self, kind: Kind, key: str, name: str | None, user_data: str | None) -> None:
        """Replaces what is given."""
        self.to_change(kind, key)
        given = {"name": name, "userData": user_data}
        if not self._catalogue.merge(kind.path, key, {k: v for k, v in given.items() if v is not None}):
            raise kind.not_found

    def delete(self, kind: Kind, key: str) -> None:
        """With all persons and faces. Nobody finds them from the moment it returns; they are erased in the background,
        and by the sweep should that fail."""
        try:
            gallery = self.to_change(kind, key).gallery.key
        except RowAltered:  # which can be removed all the same
            gallery = GalleryId(self._catalogue.place(kind.path, key))
        self._expiries.announce_work(ERASURE, gallery, self._clock(), f"{kind.path}|{key}")
        with refusals(key):
            self._catalogue.remove(kind.path, key, gallery)
        try:
            self._work.send({"do": "erase", "gallery": gallery, "of": f"{kind.path}|{key}"})
        except StoreUnavailable:
            log.warning("%s will be erased by the sweep only", gallery)

    def is_alive(self, gallery: GalleryId, of: str) -> bool:
        """Whether it is the gallery of the collection `of` ("persongroups|id")."""
        kind, _, key = of.partition("|")
        return self._catalogue.leads_to(kind, key, gallery)


def check_pace(started: datetime, now: datetime) -> None:
    """Raises StoreUnavailable where what is being made could be swept, by a clock that is ahead, before it belongs to
    anything."""
    if now - started > MADE_WITHIN - SKEW - timedelta(minutes=2):
        raise StoreUnavailable("too slow to make a collection")


def _collection(kind: Kind, row: dict[str, Any]) -> Collection:
    return Collection(
        kind=kind,
        id=row["RowKey"],
        name=row["name"],
        user_data=row.get("userData"),
        recognition_model=row["recognitionModel"],
        recogniser=row["recogniser"],
        gallery=GalleryRef(GalleryId(row["gallery"]), row["shards"]),
        created=from_text(row["created"]),
        training=_training(row),
        granted=granted(row, row["shards"]),
        etag=row[ETAG],
    )


def _training(row: dict[str, Any]) -> Training | None:
    if "trainingStatus" not in row:
        return None
    succeeded = row.get("trainingSucceeded")
    return Training(
        status=row["trainingStatus"],
        moved=from_text(row["trainingMoved"]),
        succeeded=from_text(succeeded) if succeeded else None,
        message=row.get("trainingMessage") or None,
    )
