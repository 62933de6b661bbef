"""What processes have, several times in one: each instance has its own clients and caches, on storage that all share.

Templates are made to measure and go straight into the stores, so that thousands cost no model."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from shared.clock import Clock
from shared.gallery import search
from shared.people.compaction import Compaction
from shared.people.damage import Damage
from shared.people.gallery_reader import GalleryReader, View
from shared.people.kinds import Kind
from shared.people.segment_cache import SegmentCache
from shared.services import Services, compaction
from shared.settings import MEGABYTE, Settings
from shared.store.gallery_log import GalleryRef
from shared.store.ids import GalleryId, unpacked
from shared.store.members import NewFace
from shared.stores import Stores

T = TypeVar("T")

MODEL, RECOGNISER = "recognition_04", "fused-384"
SPACE = f"{MODEL}/{RECOGNISER}"
DIMENSION = 384
NO_LIMIT = 1_000_000
SAME = 0.99  # a cosine that only a template and itself have


def template(seed: int) -> NDArray[np.float32]:
    """Of unit length; those of two seeds are nearly orthogonal."""
    values = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    unit: NDArray[np.float32] = values / np.linalg.norm(values)
    return unit


def new_face(seed: int, user_data: str | None = None) -> NewFace:
    return NewFace(MODEL, RECOGNISER, template(seed), user_data)


@dataclass(frozen=True)
class Instance:
    """`cache`: the one that `reader` and `compaction` share."""

    stores: Stores
    services: Services
    cache: SegmentCache
    reader: GalleryReader
    compaction: Compaction

    @classmethod
    def build(cls, settings: Settings, clock: Clock, cache_dir: Path | None = None) -> "Instance":
        """`cache_dir`: where on the disk it keeps segments, where that is not the settings' folder."""
        own = replace(settings, cache_dir=cache_dir) if cache_dir else settings
        stores = Stores.build(own, clock)
        cache = SegmentCache(stores.segments, own.gallery_memory_megabytes * MEGABYTE)
        reader = GalleryReader(stores.gallery_log, cache, Damage(stores.work), clock)
        return cls(stores, Services.build(own, clock), cache, reader, compaction(stores, cache))

    def gallery(self, kind: Kind, key: str) -> GalleryRef:
        """Of a collection."""
        return self.services.collections.get(kind, key).gallery

    def visible(self, gallery: GalleryId) -> list[str]:
        """Every face that a search looks at, as often as it does, ascending."""
        return sorted(self.reader.read(gallery, _faces))

    def seeds(self, gallery: GalleryId) -> set[int]:
        """Those of 0..9 of whose templates a face is found."""
        probes = np.stack([template(seed) for seed in range(10)])

        def match(view: View) -> list[list[search.FaceMatch]]:
            hidden = {"hidden_faces": view.hidden_faces, "hidden_persons": view.hidden_persons}
            return search.best_faces(view.parts(), probes, SPACE, 100, SAME, **hidden)

        return {seed for seed, found in enumerate(self.reader.read(gallery, match)) if found}


def _faces(view: View) -> list[str]:
    return [
        unpacked(face.tobytes())
        for part in view.parts()
        for face, person in zip(part.faces, part.persons, strict=True)
        if face.tobytes() not in view.hidden_faces and person.tobytes() not in view.hidden_persons
    ]


def together(tasks: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """All at once, each in a thread of its own: what each answered or raised, in their order."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        start.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        futures = [threads.submit(run, task) for task in tasks]
    return [future.exception() or future.result() for future in futures]
