"""Short-lived faces: a template under a faceId until it expires.

Table `faceids`: PartitionKey = the first four hex digits of the faceId, which all faces of one detect call share, so
that one transaction stores them and a few queries read them; RowKey = the faceId. Partitions are so many that one holds
little else. One expiry row announces all faces of a call.
"""

import logging
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NewType

import numpy as np
from numpy.typing import NDArray

from shared.clock import Clock, from_text, to_text
from shared.store.cipher import Cipher, SealBroken
from shared.store.expiries import Expiries, Expiry
from shared.store.tables import StoreUnavailable, Tables

log = logging.getLogger("ownface.store")

FaceId = NewType("FaceId", str)
"""A GUID in lower case, with dashes."""

KIND = "faceids"
ASKED_TOGETHER = 14  # a filter takes 15 comparisons, one of them with the partition
COMMIT_WITHIN = timedelta(seconds=30)
"""A writer slower than this gives up before it writes a face. One write is at most three storage calls (the table may
have to be made), each of which sends nothing after CALL_SECONDS and a pause: all is sent within 80 s of the birth of a
face, and a sweep looks for it 120 s after its birth at the earliest: the shortest life and the grace, less what clocks
may differ by."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredFace:
    """`template`: float32, unit length, comparable only under the same recognition model and recogniser."""

    face_id: FaceId
    recognition_model: str
    recogniser: str
    template: NDArray[np.float32]

    @property
    def space(self) -> str:
        """What two templates must share to be comparable."""
        return f"{self.recognition_model}/{self.recogniser}"


class FaceIds:
    """Reads treat an expired face as absent, swept or not."""

    def __init__(self, tables: Tables, expiries: Expiries, cipher: Cipher, clock: Clock) -> None:
        self._table = tables.table("faceids")
        self._expiries = expiries
        self._cipher = cipher
        self._clock = clock
        self._readers = ThreadPoolExecutor(8, thread_name_prefix="faceids-read")
        self._announcers = ThreadPoolExecutor(8, thread_name_prefix="faceids-announce")

    def reserve(self, count: int, life: timedelta) -> "Reservation":
        """Draw ids for the faces of one call (1..100) and start writing their expiry row while the caller works."""
        born = self._clock()
        ids = _related_ids(count)
        announced = self._announcers.submit(self._expiries.announce, KIND, ids[0], born + life, ",".join(ids))
        return Reservation(ids, born, born + life, announced)

    def commit(self, reservation: "Reservation", model: str, recogniser: str, templates: NDArray[np.float32]) -> None:
        """Store one template, a row of [n, d], per reserved id. Raises StoreUnavailable; then nothing is readable."""
        reservation.announced.result()
        if self._clock() - reservation.born > COMMIT_WITHIN:
            raise StoreUnavailable("too slow to commit")
        expires = to_text(reservation.expires)
        self._table.put(
            [
                self._row(face_id, model, recogniser, expires, template)
                for face_id, template in zip(reservation.ids, templates, strict=True)
            ]
        )

    def find(self, face_ids: Sequence[FaceId]) -> dict[FaceId, StoredFace]:
        """The living faces among those asked for."""
        wanted: dict[str, list[FaceId]] = {}
        for face_id in dict.fromkeys(face_ids):
            wanted.setdefault(_partition(face_id), []).append(face_id)
        parts = [ids[at : at + ASKED_TOGETHER] for ids in wanted.values() for at in range(0, len(ids), ASKED_TOGETHER)]
        rows = (row for part in self._readers.map(self._rows, parts) for row in part)
        found = (self._living(FaceId(row["RowKey"]), row) for row in rows)
        return {face.face_id: face for face in found if face}

    def erase(self, expiry: Expiry) -> None:
        """Remove the faces that an expiry row announced, whether they were ever written or not.

        Raises ValueError where the row does not name faceIds."""
        ids = [str(uuid.UUID(text)) for text in expiry.detail.split(",")]
        self._table.delete(_partition(ids[0]), ids)

    def _rows(self, face_ids: Sequence[FaceId]) -> list[dict[str, Any]]:
        """Of one partition, at most ASKED_TOGETHER. A query for several looks through the partition, which is small."""
        partition = _partition(face_ids[0])
        if len(face_ids) == 1:
            row = self._table.get(partition, face_ids[0])
            return [row] if row else []
        names = [f"face{number}" for number in range(len(face_ids))]
        any_of = " or ".join(f"RowKey eq @{name}" for name in names)
        keys: dict[str, Any] = dict(zip(names, face_ids, strict=True))
        return list(self._table.query(f"PartitionKey eq @partition and ( {any_of} )", partition=partition, **keys))

    def _row(
        self, face_id: FaceId, model: str, recogniser: str, expires: str, template: NDArray[np.float32]
    ) -> dict[str, Any]:
        identity = _identity(face_id, model, recogniser, expires)
        return {
            "PartitionKey": _partition(face_id),
            "RowKey": face_id,
            "recognitionModel": model,
            "recogniser": recogniser,
            "expires": expires,
            "template": self._cipher.seal_template(template, identity),
        }

    def _living(self, face_id: FaceId, row: dict[str, Any]) -> StoredFace | None:
        try:
            if from_text(row["expires"]) <= self._clock():
                return None
            model, recogniser = row["recognitionModel"], row["recogniser"]
            template = self._cipher.open_template(
                row["template"], _identity(face_id, model, recogniser, row["expires"])
            )
        except (SealBroken, KeyError, TypeError, ValueError) as broken:
            # An altered row is no face; that it was altered is for the operator to know.
            log.error("faceId %s does not open: %s", face_id, type(broken).__name__)
            return None
        return StoredFace(face_id, model, recogniser, template)


@dataclass(frozen=True, slots=True)
class Reservation:
    ids: tuple[FaceId, ...]
    born: datetime
    expires: datetime
    announced: "Future[None]"


def _related_ids(count: int) -> tuple[FaceId, ...]:
    """Random GUIDs (version 4) that share their first two bytes, and so their partition."""
    first = uuid.uuid4().bytes[:2]
    return tuple(FaceId(str(uuid.UUID(bytes=first + uuid.uuid4().bytes[2:]))) for _ in range(count))


def _partition(face_id: str) -> str:
    return face_id[:4]


def _identity(face_id: FaceId, model: str, recogniser: str, expires: str) -> str:
    return f"faceids|{face_id}|{model}|{recogniser}|{expires}"
