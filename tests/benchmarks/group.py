"""A LargePersonGroup of seeded persons, in a process that stays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.people.kinds import LARGE_PERSON_GROUP
from shared.people.recognition import CollectionScope, Identified
from shared.services import Services
from shared.store.face_ids import FaceId
from shared.store.gallery_log import GalleryRef
from tests.benchmarks.seeding import Seeded, random_templates, seed, seed_folded
from tests.benchmarks.world import MODEL, World

KIND = LARGE_PERSON_GROUP
CANDIDATES = 10
NOISE = np.float32(0.5)  # gives a cosine of 0.9 with the person's template


@dataclass(frozen=True)
class Group:
    world: World
    services: Services
    id: str

    @classmethod
    def create(cls, world: World, key: str) -> "Group":
        services = world.services()
        services.collections.create(KIND, key, key, None, MODEL)
        return cls(world, services, key)

    def seed(self, persons: int) -> Seeded:
        return seed(self.world, self.gallery, random_templates(persons))

    def seed_folded(self, persons: int) -> Seeded:
        return seed_folded(self.world, self.gallery, random_templates(persons))

    @property
    def gallery(self) -> GalleryRef:
        return self.services.collections.get(KIND, self.id).gallery

    def train(self) -> None:
        """What the background does about a Train that was called."""
        self.services.training.run(f"{KIND.path}|{self.id}", self.gallery.key)

    def is_trained(self) -> bool:
        """Whether the segments hold every change."""
        state = self.world.stores().gallery_log.state(self.gallery.key)
        return state is not None and all(state.folded.get(key, 0) == head.sequence for key, head in state.heads.items())

    def remove(self, seeded: Seeded, number: int) -> None:
        """One of the first."""
        person, face = seeded.persons[number], seeded.faces[number]
        self.services.persisted_faces.delete(KIND, self.id, person, face)

    def identify(self, services: Services, faces: tuple[FaceId, ...]) -> list[Identified]:
        return services.recognition.identify(faces, CollectionScope(KIND, self.id), CANDIDATES, None)


def like(templates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Templates of the same persons in other pictures."""
    noisy = templates + NOISE * random_templates(len(templates))
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    return noisy
