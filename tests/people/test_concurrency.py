"""Several writers at once, each with its own clients and caches: nothing is lost, nothing is counted twice."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from infra.local.azurite import Azurite
from shared.errors import ConcurrentOperationConflict, PersonNotFound, QuotaExceeded
from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.settings import Limits, Settings
from shared.store.galleries import PersonGone
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersistedFaceId, PersonId
from shared.store.retries import LimitReached, WriteConflict
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face, together

T = TypeVar("T")
WRITERS = 6


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own, so that its counts are of what is done here."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def instances(settings: Settings, clock: FakeClock, tmp_path: Path) -> list[Instance]:
    settings = replace(settings, limits=Limits(face_lists=4, persons_per_person_group=20))
    return [Instance.build(settings, clock, tmp_path / str(number)) for number in range(WRITERS)]


@pytest.fixture
def first(instances: list[Instance]) -> Instance:
    return instances[0]


def create(instance: Instance, kind: Kind) -> tuple[str, GalleryRef]:
    """A new collection's id and gallery."""
    key = f"c-{uuid.uuid4().hex}"
    instance.services.collections.create(kind, key, "name", None, MODEL)
    return key, instance.gallery(kind, key)


def persistent(write: Callable[[], T]) -> T:
    """A caller who tries again what was answered with a conflict: then nothing has changed."""
    while True:
        try:
            return write()
        except (WriteConflict, ConcurrentOperationConflict):
            continue


def by_all(instances: Sequence[Instance], work: Callable[[Instance, int], T]) -> list[T]:
    """What each answered, all at work at once; `work` is told whose and the how manieth it is."""
    answers = together([partial(work, instance, number) for number, instance in enumerate(instances)])
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if not isinstance(answer, BaseException)]


def outcomes(instances: Sequence[Instance], work: Callable[[Instance, int], object]) -> Counter[str]:
    """How often each kind of error was raised; "done" where none was."""
    answers = together([partial(work, instance, number) for number, instance in enumerate(instances)])
    return Counter(type(answer).__name__ if isinstance(answer, BaseException) else "done" for answer in answers)


# additions


@pytest.mark.slow
def test_faces_added_to_one_person_by_many_are_all_there_once(instances: list[Instance], first: Instance) -> None:
    _, gallery = create(first, LARGE_PERSON_GROUP)
    person = first.stores.galleries.add_person(gallery, "one", None, NO_LIMIT)

    def add(instance: Instance, number: int) -> list[PersistedFaceId]:
        galleries = instance.stores.galleries
        faces = (new_face(10 * number + more) for more in range(4))
        return [persistent(partial(galleries.add_person_face, gallery, person, face, 99)) for face in faces]

    added = sorted(face for faces in by_all(instances, add) for face in faces)
    found = first.stores.galleries.person(gallery.key, person)
    assert found is not None
    assert sorted(found.face_ids) == added
    audit.check(first, gallery)


@pytest.mark.parametrize("kind", [FACE_LIST, LARGE_FACE_LIST], ids=lambda kind: kind.name)
def test_faces_added_to_one_list_by_many_are_all_there_once(
    instances: list[Instance], first: Instance, kind: Kind
) -> None:
    key, gallery = create(first, kind)

    def add(instance: Instance, number: int) -> list[PersistedFaceId]:
        galleries = instance.stores.galleries
        faces = (new_face(10 * number + more) for more in range(5))
        return [persistent(partial(galleries.add_face, gallery, face, NO_LIMIT)) for face in faces]

    added = sorted(face for faces in by_all(instances, add) for face in faces)
    assert [face.face_id for face in first.services.persisted_faces.list(kind, key, "", None)] == added
    assert all(instance.visible(gallery.key) == added for instance in instances)
    audit.check(first, gallery)
    first.services.collections.delete(kind, key)


def test_persons_added_and_deleted_by_many_are_counted_right(instances: list[Instance], first: Instance) -> None:
    key, gallery = create(first, LARGE_PERSON_GROUP)

    def work(instance: Instance, number: int) -> list[PersonId]:
        persons = instance.services.persons
        create = partial(persons.create, LARGE_PERSON_GROUP, key, f"by {number}", None)
        mine = [persistent(create) for _ in range(4)]
        for person in mine:
            face = new_face(number)
            persistent(partial(instance.stores.galleries.add_person_face, gallery, person, face, 99))
        for person in mine[:2]:
            persistent(partial(persons.delete, LARGE_PERSON_GROUP, key, person))
        return mine[2:]

    left = sorted(person for persons in by_all(instances, work) for person in persons)
    assert [one.person_id for one in first.services.persons.list(LARGE_PERSON_GROUP, key, "", 1000)] == left
    audit.check(first, gallery)


def test_one_who_adds_and_one_who_removes_do_not_undo_each_other(instances: list[Instance], first: Instance) -> None:
    key, gallery = create(first, PERSON_GROUP)
    galleries = first.stores.galleries
    person = galleries.add_person(gallery, "one", None, NO_LIMIT)
    old = [galleries.add_person_face(gallery, person, new_face(seed), 99) for seed in range(WRITERS)]

    def work(instance: Instance, number: int) -> PersistedFaceId:
        if number % 2:
            persistent(partial(instance.services.persisted_faces.delete, PERSON_GROUP, key, person, old[number]))
            return old[number]
        return persistent(partial(instance.stores.galleries.add_person_face, gallery, person, new_face(number), 99))

    answers = by_all(instances, work)
    expected = {*old} - {*answers[1::2]} | {*answers[::2]}
    found = galleries.person(gallery.key, person)
    assert found is not None
    assert {*found.face_ids} == expected
    audit.check(first, gallery)


# limits


def test_limit_of_a_list_holds_whoever_adds(instances: list[Instance], first: Instance) -> None:
    for kind, limit in ((FACE_LIST, 7), (LARGE_FACE_LIST, 7), (LARGE_FACE_LIST, 21)):
        key, gallery = create(first, kind)

        def add(instance: Instance, number: int) -> int:
            added = 0
            for more in range(5):
                try:
                    face = new_face(10 * number + more)
                    persistent(partial(instance.stores.galleries.add_face, gallery, face, limit))  # noqa: B023 run at once
                    added += 1
                except LimitReached:
                    continue
            return added

        assert sum(by_all(instances, add)) == limit
        audit.check(first, gallery)
        first.services.collections.delete(kind, key)


def test_limit_of_a_person_holds_whoever_adds(instances: list[Instance], first: Instance) -> None:
    _, gallery = create(first, LARGE_PERSON_GROUP)
    person = first.stores.galleries.add_person(gallery, "one", None, NO_LIMIT)

    def add(instance: Instance, number: int) -> None:
        persistent(partial(instance.stores.galleries.add_person_face, gallery, person, new_face(number), 3))

    assert outcomes(instances, add) == {"done": 3, LimitReached.__name__: WRITERS - 3}
    audit.check(first, gallery)


@pytest.mark.slow
def test_limit_of_a_group_holds_whoever_adds_and_a_deleted_person_makes_room(
    instances: list[Instance], first: Instance
) -> None:
    key, gallery = create(first, PERSON_GROUP)

    def add(instance: Instance, _: int) -> int:
        added = 0
        for _ in range(5):
            try:
                persistent(lambda: instance.services.persons.create(PERSON_GROUP, key, "somebody", None))
                added += 1
            except QuotaExceeded:
                continue
        return added

    assert sum(by_all(instances, add)) == 20
    person, *_ = first.services.persons.list(PERSON_GROUP, key, "", 1)
    first.services.persons.delete(PERSON_GROUP, key, person.person_id)
    assert sum(by_all(instances, add)) == 1
    audit.check(first, gallery)


def test_quota_of_collections_holds_whoever_creates(instances: list[Instance], first: Instance) -> None:
    lists = first.services.collections

    def make(instance: Instance, number: int) -> None:
        persistent(lambda: instance.services.collections.create(FACE_LIST, f"quota-{number}", "name", None, MODEL))

    assert outcomes(instances, make) == {"done": 4, QuotaExceeded.__name__: WRITERS - 4}
    audit.check_catalogue(first)
    for found in lists.list(FACE_LIST, "", 10):
        lists.delete(FACE_LIST, found.id)
    audit.check_catalogue(first)


# one wins


@pytest.mark.slow
@pytest.mark.parametrize("kind", [LARGE_FACE_LIST, LARGE_PERSON_GROUP], ids=lambda kind: kind.name)
def test_of_many_who_create_one_collection_one_wins_and_the_rest_leave_nothing(
    instances: list[Instance], first: Instance, clock: FakeClock, kind: Kind
) -> None:
    key = f"c-{uuid.uuid4().hex}"

    def make(instance: Instance, number: int) -> None:
        persistent(lambda: instance.services.collections.create(kind, key, f"by {number}", None, MODEL))

    assert outcomes(instances, make) == {"done": 1, kind.exists.__name__: WRITERS - 1}
    audit.check_catalogue(first)
    clock.advance(3600)
    first.services.retention.sweep()
    audit.check_nothing_is_left_over(first)
    assert first.services.collections.get(kind, key).id == key


def test_many_who_need_the_directory_first_share_one(instances: list[Instance], first: Instance) -> None:
    def make(instance: Instance, number: int) -> str:
        person, _ = persistent(lambda: instance.services.directory.create(f"by {number}", None))
        return person

    made = sorted(by_all(instances, make))
    assert [one.person_id for one in first.services.directory.list("", 100)] == made
    audit.check_catalogue(first)


def test_of_many_who_start_a_training_one_does(instances: list[Instance], first: Instance) -> None:
    kind = LARGE_PERSON_GROUP
    key, _ = create(first, kind)
    started = outcomes(instances, lambda instance, _: instance.services.training.start(kind, key))
    assert kind.training_not_finished is not None
    assert started == {"done": 1, kind.training_not_finished.__name__: WRITERS - 1}


def test_of_many_who_delete_one_person_one_does(instances: list[Instance], first: Instance) -> None:
    key, gallery = create(first, LARGE_PERSON_GROUP)
    person = first.services.persons.create(LARGE_PERSON_GROUP, key, "one", None)
    first.stores.galleries.add_person_face(gallery, person, new_face(1), 9)

    def delete(instance: Instance, _: int) -> None:
        persistent(lambda: instance.services.persons.delete(LARGE_PERSON_GROUP, key, person))

    assert outcomes(instances, delete) == {"done": 1, PersonNotFound.__name__: WRITERS - 1}
    assert all(instance.visible(gallery.key) == [] for instance in instances)
    audit.check(first, gallery)


def test_faces_added_to_a_person_who_is_being_deleted_go_too(instances: list[Instance], first: Instance) -> None:
    key, gallery = create(first, LARGE_PERSON_GROUP)
    for _ in range(3):
        person = first.stores.galleries.add_person(gallery, "one", None, NO_LIMIT)

        def work(instance: Instance, number: int) -> None:
            if number == 0:
                persistent(partial(instance.services.persons.delete, LARGE_PERSON_GROUP, key, person))  # noqa: B023
                return
            for seed in range(4):
                face = new_face(seed)
                persistent(partial(instance.stores.galleries.add_person_face, gallery, person, face, 99))  # noqa: B023

        assert outcomes(instances, work).keys() <= {"done", PersonGone.__name__}
        assert all(instance.visible(gallery.key) == [] for instance in instances)
        assert audit.rows(first, gallery.key, "f|") == {}
        audit.check(first, gallery)
