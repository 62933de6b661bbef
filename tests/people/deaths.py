"""Calls in the middle of which a process dies: what is there before, the call, and what is found once it is done."""

import uuid
from collections.abc import Callable, Set
from dataclasses import dataclass

from shared.errors import FaceError, PersistedFaceNotFound, PersonNotFound
from shared.people.kinds import LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersistedFaceId, PersonId
from tests.people.instances import MODEL, Instance, new_face

ALL = frozenset(range(5))
NEW = 5


@dataclass(frozen=True)
class Scene:
    """A collection with the faces of the seeds in ALL: 0, 1 and 3 in a segment, 2 and 4 enrolled since. In a group,
    `person` has the first three and another the rest."""

    kind: Kind
    key: str
    gallery: GalleryRef
    person: PersonId
    faces: dict[int, PersistedFaceId]

    @property
    def owner(self) -> PersonId | None:
        return self.person if self.kind.has_persons else None

    @classmethod
    def enrolled(cls, instance: Instance, kind: Kind) -> "Scene":
        scene = cls.empty(instance, kind)
        galleries, gallery = instance.stores.galleries, scene.gallery
        other = galleries.add_person(gallery, "other", None, 99) if kind.has_persons else PersonId("")
        for seed in (0, 1, 3, 2, 4):
            if seed == 2:
                instance.compaction.run(gallery.key)
            owner = scene.person if seed < 3 else other
            scene.faces[seed] = (
                galleries.add_person_face(gallery, owner, new_face(seed), 99)
                if kind.has_persons
                else galleries.add_face(gallery, new_face(seed), 99)
            )
        return scene

    @classmethod
    def empty(cls, instance: Instance, kind: Kind) -> "Scene":
        key = f"c-{uuid.uuid4().hex}"
        instance.services.collections.create(kind, key, "name", None, MODEL)
        gallery = instance.gallery(kind, key)
        person = instance.stores.galleries.add_person(gallery, "one", None, 99) if kind.has_persons else PersonId("")
        return cls(kind, key, gallery, person, {})


Act = Callable[[Instance, Scene], None]


@dataclass(frozen=True)
class Call:
    """`found`: the seeds of the faces that are found once the call has done its work; before it, ALL are.
    `again`: what it may raise when its work is done already."""

    kind: Kind
    name: str
    act: Act
    found: Set[int] = ALL
    again: tuple[type[FaceError], ...] = ()
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.kind.name}-{self.name}"


def add_face(instance: Instance, scene: Scene) -> None:
    galleries = instance.stores.galleries
    if scene.owner:
        galleries.add_person_face(scene.gallery, scene.owner, new_face(NEW), 99)
    else:
        galleries.add_face(scene.gallery, new_face(NEW), 99)


def remove_face(seed: int) -> Act:
    def act(instance: Instance, scene: Scene) -> None:
        faces = instance.services.persisted_faces
        faces.delete(scene.kind, scene.key, scene.owner, scene.faces[seed])

    return act


def add_person(instance: Instance, scene: Scene) -> None:
    instance.services.persons.create(scene.kind, scene.key, "new", "data")


def remove_person(instance: Instance, scene: Scene) -> None:
    instance.services.persons.delete(scene.kind, scene.key, scene.person)


def compact(instance: Instance, scene: Scene) -> None:
    instance.services.background.run({"do": "compact", "gallery": scene.gallery.key})


def train(instance: Instance, scene: Scene) -> None:
    of = f"{scene.kind.path}|{scene.key}"
    instance.services.background.run({"do": "train", "of": of, "gallery": scene.gallery.key})


def rename(instance: Instance, scene: Scene) -> None:
    instance.services.collections.update(scene.kind, scene.key, "new", "data")


CALLS = (
    Call(LARGE_PERSON_GROUP, "add face", add_face, ALL | {NEW}),
    Call(LARGE_FACE_LIST, "add face", add_face, ALL | {NEW}),
    Call(LARGE_PERSON_GROUP, "remove old face", remove_face(1), ALL - {1}, (PersistedFaceNotFound,)),
    Call(PERSON_GROUP, "remove new face", remove_face(2), ALL - {2}, (PersistedFaceNotFound,), slow=True),
    Call(LARGE_FACE_LIST, "remove old face", remove_face(3), ALL - {3}, (PersistedFaceNotFound,), slow=True),
    Call(LARGE_FACE_LIST, "remove new face", remove_face(4), ALL - {4}, (PersistedFaceNotFound,)),
    Call(LARGE_PERSON_GROUP, "add person", add_person, slow=True),
    Call(LARGE_PERSON_GROUP, "remove person", remove_person, {3, 4}, (PersonNotFound,)),
    Call(LARGE_PERSON_GROUP, "train", train),
    Call(LARGE_FACE_LIST, "compact", compact, slow=True),
    Call(PERSON_GROUP, "rename", rename, slow=True),
)
