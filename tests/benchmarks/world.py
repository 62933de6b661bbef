"""The domain on storage of its own, built as often as there are to be processes that have seen nothing yet."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.local.azurite import Azurite
from shared.clock import system_clock
from shared.engine import Engine, ModelLibrary
from shared.services import Services
from shared.settings import FEATURES, Settings
from shared.store.face_ids import FaceId
from shared.store.key_ring import create_key_ring
from shared.stores import Stores
from tests.benchmarks.emulator import emulator

MODEL = "recognition_04"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """`recogniser`: the one behind MODEL."""

    azurite: Azurite
    folder: Path
    recogniser: str
    numbers: Iterator[int]

    @property
    def space(self) -> str:
        return f"{MODEL}/{self.recogniser}"

    def services(self, cache: Path | None = None) -> Services:
        """As in a process that has just started, with what an earlier one has left in the folder `cache`."""
        return Services.build(self._settings(cache))

    def stores(self) -> Stores:
        return Stores.build(self._settings(None), system_clock)

    def face_ids(self, templates: NDArray[np.float32], faces_a_picture: int) -> tuple[FaceId, ...]:
        """What as many detects as it takes would have stored."""
        store = self.stores().face_ids
        ids: list[FaceId] = []
        for start in range(0, len(templates), faces_a_picture):
            part = templates[start : start + faces_a_picture]
            reservation = store.reserve(len(part), DAY)
            store.commit(reservation, MODEL, self.recogniser, part)
            ids += reservation.ids
        return tuple(ids)

    def _settings(self, cache: Path | None) -> Settings:
        return Settings(
            keys=("benchmarks-key-0123456789",),
            storage=self.azurite.connection_string,
            key_ring_file=self.folder / "key_ring.json",
            cache_dir=cache or self.new_folder(),
            approved_features=frozenset(FEATURES),
        )

    def new_folder(self) -> Path:
        return self.folder / f"cache-{next(self.numbers)}"


@contextmanager
def world() -> Iterator[World]:
    recogniser = Engine(ModelLibrary.find()).recogniser(MODEL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create_key_ring(folder / "key_ring.json")
        with emulator(folder / "azurite") as azurite:
            yield World(azurite, folder, recogniser, count())
