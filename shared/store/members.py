"""Who and what is in galleries, as the rows tell it: persons, their faces, faces of lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.store import terms
from shared.store.ids import PersistedFaceId, PersonId, unpacked
from shared.store.terms import Terms

FACES = "faces_"  # column of a person's row, followed by the recognition model: 16 bytes per face


@dataclass(frozen=True, slots=True)
class Person:
    """`faces`: recognition model -> ids, oldest first. `restricted`: since when nobody may match the person."""

    person_id: PersonId
    name: str
    user_data: str | None
    faces: Mapping[str, tuple[PersistedFaceId, ...]]
    terms: Terms
    restricted: datetime | None

    @property
    def face_ids(self) -> tuple[PersistedFaceId, ...]:
        return tuple(face for faces in self.faces.values() for face in faces)


@dataclass(frozen=True, slots=True)
class PersistedFace:
    face_id: PersistedFaceId
    user_data: str | None


@dataclass(frozen=True, slots=True, eq=False)
class NewFace:
    """`template`: float32, unit length, made by `recogniser` for `model`."""

    model: str
    recogniser: str
    template: NDArray[np.float32]
    user_data: str | None

    @property
    def space(self) -> str:
        return f"{self.model}/{self.recogniser}"


def person_of(row: Mapping[str, Any]) -> Person:
    faces = {
        name.removeprefix(FACES): tuple(PersistedFaceId(unpacked(face)) for face in split(ids))
        for name, ids in row.items()
        if name.startswith(FACES)
    }
    guid = PersonId(row["RowKey"].partition("|")[2])
    return Person(guid, row["name"], row.get("userData"), faces, terms.read(row), terms.restricted_since(row))


def split(ids: bytes) -> list[bytes]:
    return [ids[start : start + 16] for start in range(0, len(ids), 16)]


def parts(limit: int, shards: int) -> tuple[int, ...]:
    """What each of the shards may hold, so that together they hold the limit."""
    return tuple(limit // shards + (index < limit % shards) for index in range(shards))


def user_data_column(text: str | None) -> dict[str, str]:
    return {} if text is None else {"userData": text}
