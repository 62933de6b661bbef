"""A process dies while it makes or deletes a collection, or changes dynamic groups or the directory."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from infra.local.azurite import Azurite
from shared.people.collections import TRAINED_WITHIN
from shared.people.kinds import FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.store.ids import PersonId
from tests.clock import FakeClock
from tests.people import audit
from tests.people.deaths import Scene
from tests.people.instances import MODEL, Instance, new_face
from tests.people.traffic import Traffic


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: everything in it is accounted for."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def survivor(start: Callable[[], Instance]) -> Instance:
    return start()


def deaths(traffic: Traffic, act: Callable[[], object]) -> Iterator[bool]:
    """Dies at each request of `act`, one after the other; at last it lives, which is told."""
    for at in count(1):
        with traffic.dying(at):
            act()
        yield (lived := traffic.count < at)
        if lived:
            return


def swept(survivor: Instance, clock: FakeClock) -> None:
    """Time passes, and the sweep runs: what it leaves is in order."""
    for _ in range(2):
        clock.advance(3600)
        ran = survivor.services.retention.sweep()
        assert (ran.failed, ran.finished) == (0, True)
    audit.check_catalogue(survivor)
    audit.check_nothing_is_left_over(survivor)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FACE_LIST, LARGE_PERSON_GROUP], ids=lambda kind: kind.name)
def test_collection_whose_creation_died_is_there_or_not(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock, kind: Kind
) -> None:
    key = "made"
    lists = survivor.services.collections

    def create() -> None:
        start().services.collections.create(kind, key, "name", None, MODEL)

    for _ in deaths(traffic, create):
        there = [found.id for found in lists.list(kind, "", 10)]
        assert there in ([], [key])
        if there:
            lists.delete(kind, key)
        lists.create(kind, key, "again", None, MODEL)
        assert lists.get(kind, key).name == "again"
        lists.delete(kind, key)
    swept(survivor, clock)
    assert lists.list(kind, "", 10) == []


@pytest.mark.parametrize("kind", [FACE_LIST, LARGE_PERSON_GROUP], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "again", [pytest.param(True, marks=pytest.mark.slow), False], ids=["made again", "left to the sweep"]
)
def test_collection_whose_deletion_died_is_whole_or_gone(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock, kind: Kind, again: bool
) -> None:
    scene = Scene.enrolled(survivor, kind)
    lists = survivor.services.collections
    for lived in deaths(traffic, lambda: start().services.collections.delete(kind, scene.key)):  # noqa: B023
        gone = not lists.list(kind, "", 10)
        assert gone or not lived
        if not gone:
            audit.check(survivor, scene.gallery)
        if gone and not lived:
            scene = Scene.enrolled(survivor, kind)
    if again:
        scene = Scene.enrolled(survivor, kind)
        erase = {"do": "erase", "gallery": scene.gallery.key, "of": f"{kind.path}|{scene.key}"}
        lists.delete(kind, scene.key)
        for _ in deaths(traffic, lambda: start().services.background.run(erase)):
            continue
        assert audit.rows(survivor, scene.gallery.key) == {}
        assert audit.blobs(survivor, scene.gallery.key) == set()
    swept(survivor, clock)
    assert lists.list(kind, "", 10) == []


@pytest.mark.slow
def test_erasure_that_died_is_finished_by_the_sweep(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    kind = LARGE_PERSON_GROUP
    for at in count(1):
        scene = Scene.enrolled(survivor, kind)
        survivor.services.collections.delete(kind, scene.key)
        with traffic.dying(at):
            erase = {"do": "erase", "gallery": scene.gallery.key, "of": f"{kind.path}|{scene.key}"}
            start().services.background.run(erase)
        if traffic.count < at:
            break
    swept(survivor, clock)


def test_training_whose_start_died_does_not_lock_the_group_for_long(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    scene = Scene.enrolled(survivor, PERSON_GROUP)
    training = survivor.services.training
    for _ in deaths(traffic, lambda: start().services.training.start(PERSON_GROUP, scene.key)):
        clock.advance(TRAINED_WITHIN.total_seconds())
        survivor.services.persons.create(PERSON_GROUP, scene.key, "somebody", None)
        training.start(PERSON_GROUP, scene.key)
        of = f"{PERSON_GROUP.path}|{scene.key}"
        survivor.services.background.run({"do": "train", "of": of, "gallery": scene.gallery.key})
        assert training.status(PERSON_GROUP, scene.key).status == "succeeded"
    survivor.services.collections.delete(PERSON_GROUP, scene.key)
    swept(survivor, clock)


# the directory


def persons(instance: Instance, how_many: int) -> list[PersonId]:
    return [instance.services.directory.create("somebody", None)[0] for _ in range(how_many)]


def group(instance: Instance, members: list[PersonId]) -> str:
    """A settled dynamic group of these."""
    key = f"g-{uuid.uuid4().hex}"
    instance.services.dynamic_groups.create(key, "name", None, members)
    settle(instance, key)
    return key


def settle(instance: Instance, key: str) -> None:
    row = instance.stores.catalogue.find("dynamicpersongroups", key)
    assert row is not None
    instance.services.dynamic_groups.settle(key, row["group"])


def test_group_whose_creation_died_is_whole_or_not_there(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    members = sorted(persons(survivor, 3))
    key = f"g-{uuid.uuid4().hex}"
    groups = survivor.services.dynamic_groups
    for _ in deaths(traffic, lambda: start().services.dynamic_groups.create(key, "name", None, members)):
        if key in [found.id for found in groups.list("", 1000)]:
            assert list(groups.persons(key, "", 10)) == members
            groups.delete(key)
    swept(survivor, clock)


@pytest.mark.slow
def test_change_of_members_that_died_can_be_made_again_and_is_brought_in_order(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    stays, leaves, joins = persons(survivor, 3)
    groups = survivor.services.dynamic_groups
    for again in (True, False):
        key = group(survivor, [stays, leaves])
        groups.members(key)  # from now on it remembers them
        for _ in deaths(traffic, lambda: start().services.dynamic_groups.update(key, "new", None, [joins], [leaves])):  # noqa: B023
            if again:
                groups.update(key, "new", None, [joins], [leaves])
                assert list(groups.persons(key, "", 10)) == sorted([stays, joins])
                settle(survivor, key)
            else:
                swept(survivor, clock)
            assert groups.members(key) == start().services.dynamic_groups.members(key)
            groups.update(key, "old", None, [leaves], [joins])
            settle(survivor, key)
            groups.members(key)
        swept(survivor, clock)


def test_settling_that_died_is_finished_by_the_next(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    members = persons(survivor, 2)
    key = f"g-{uuid.uuid4().hex}"
    survivor.services.dynamic_groups.create(key, "name", None, members)
    for _ in deaths(traffic, lambda: settle(start(), key)):
        continue
    swept(survivor, clock)
    assert survivor.stores.memberships.references(members[0]) != []


def test_group_whose_deletion_died_is_whole_or_gone(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    members = sorted(persons(survivor, 2))
    groups = survivor.services.dynamic_groups
    key = group(survivor, members)
    for lived in deaths(traffic, lambda: start().services.dynamic_groups.delete(key)):  # noqa: B023
        there = key in [found.id for found in groups.list("", 1000)]
        assert not (there and lived)
        if there:
            assert list(groups.persons(key, "", 10)) == members
        elif not lived:
            key = group(survivor, members)
    swept(survivor, clock)


def test_person_of_the_directory_whose_deletion_died_is_whole_or_gone_and_in_no_group(
    start: Callable[[], Instance], survivor: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    directory = survivor.services.directory
    gallery = directory.gallery() or directory._made()

    def enrolled() -> PersonId:
        (person,) = persons(survivor, 1)
        survivor.stores.galleries.add_person_face(gallery, person, new_face(0), 99)
        group(survivor, [person])
        return person

    person = enrolled()
    for lived in deaths(traffic, lambda: start().services.directory.delete(person)):  # noqa: B023
        gone = survivor.stores.galleries.person(gallery.key, person) is None
        assert survivor.seeds(gallery.key) == (set() if gone else {0})
        assert gone or not lived
        if gone and not lived:
            person = enrolled()
    swept(survivor, clock)
    assert audit.rows(survivor, gallery.key, "f|") == {}
