"""Storage did what it was asked, and the answer was lost: the client's next try meets its own write. Calls succeed all
the same, and nothing is there twice."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.azurite import Azurite
from shared.people.kinds import LARGE_FACE_LIST, PERSON_GROUP
from shared.settings import Settings
from shared.store.ids import PersonId
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, Instance, new_face
from tests.people.traffic import Loss, Traffic, answered_503, reset

GROUP, LIST = "a-group", "a-list"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def one(settings: Settings, clock: FakeClock, tmp_path: Path) -> Iterator[Instance]:
    """With a trained group and a list, whose counts are right whatever a test did to them."""
    instance = Instance.build(settings, clock, tmp_path / "one")
    lists = instance.services.collections
    lists.create(PERSON_GROUP, GROUP, "name", None, MODEL)
    lists.create(LARGE_FACE_LIST, LIST, "name", None, MODEL)
    train(instance)
    yield instance
    audit.check(instance, instance.gallery(PERSON_GROUP, GROUP))
    audit.check(instance, instance.gallery(LARGE_FACE_LIST, LIST))
    lists.delete(PERSON_GROUP, GROUP)
    lists.delete(LARGE_FACE_LIST, LIST)
    audit.check_catalogue(instance)


def train(one: Instance) -> None:
    one.services.training.start(PERSON_GROUP, GROUP)
    run_training(one)


def run_training(one: Instance) -> None:
    gallery = one.gallery(PERSON_GROUP, GROUP).key
    one.services.background.run({"do": "train", "of": f"{PERSON_GROUP.path}|{GROUP}", "gallery": gallery})


def things(one: Instance) -> Counter[str]:
    """How much there is of what: rows of both galleries and of the catalogue, by their first letters."""
    galleries = one.gallery(PERSON_GROUP, GROUP).key, one.gallery(LARGE_FACE_LIST, LIST).key
    found = Counter(key[0] for gallery in galleries for key in audit.rows(one, gallery))
    catalogue = one.stores.tables.table("catalogue").query("PartitionKey ge @first", first="")
    return found + Counter(row["PartitionKey"] for row in catalogue if row["RowKey"] != "!count")


Work = Callable[[Instance], Callable[[], object]]
"""Prepares a call."""


def person_with_face(one: Instance) -> tuple[str, str]:
    person = one.services.persons.create(PERSON_GROUP, GROUP, "somebody", None)
    gallery = one.gallery(PERSON_GROUP, GROUP)
    return person, one.stores.galleries.add_person_face(gallery, person, new_face(0), 99)


def create_person(one: Instance) -> Callable[[], object]:
    return lambda: one.services.persons.create(PERSON_GROUP, GROUP, "somebody", None)


def create_collection(one: Instance) -> Callable[[], object]:
    key = f"c-{uuid.uuid4().hex}"
    return lambda: one.services.collections.create(PERSON_GROUP, key, "name", None, MODEL)


def delete_collection(one: Instance) -> Callable[[], object]:
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(PERSON_GROUP, key, "name", None, MODEL)
    return lambda: one.services.collections.delete(PERSON_GROUP, key)


def add_face_to_person(one: Instance) -> Callable[[], object]:
    person, _ = person_with_face(one)
    gallery = one.gallery(PERSON_GROUP, GROUP)
    return lambda: one.stores.galleries.add_person_face(gallery, PersonId(person), new_face(1), 99)


def add_face_to_list(one: Instance) -> Callable[[], object]:
    gallery = one.gallery(LARGE_FACE_LIST, LIST)
    return lambda: one.stores.galleries.add_face(gallery, new_face(1), 99)


def remove_face(one: Instance) -> Callable[[], object]:
    person, face = person_with_face(one)
    return lambda: one.services.persisted_faces.delete(PERSON_GROUP, GROUP, person, face)


def remove_person(one: Instance) -> Callable[[], object]:
    person, _ = person_with_face(one)
    return lambda: one.services.persons.delete(PERSON_GROUP, GROUP, person)


def rename_person(one: Instance) -> Callable[[], object]:
    person, _ = person_with_face(one)
    return lambda: one.services.persons.update(PERSON_GROUP, GROUP, person, "new", None)


WORK: dict[Work, dict[str, int]] = {
    create_person: {"p": 1},
    create_collection: {PERSON_GROUP.path: 1},
    delete_collection: {PERSON_GROUP.path: -1},
    add_face_to_person: {"f": 1, "e": 1},
    add_face_to_list: {"f": 1, "e": 1},
    remove_face: {"f": -1, "e": 1},
    remove_person: {"p": -1, "f": -1, "e": 1},
    rename_person: {},
}
LOSSES = [answered_503, reset]


def losses(traffic: Traffic, how: Loss) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Runners that lose the answer to each request of a call, one after the other."""
    at, lost = 0, True

    def run(call: Callable[[], object]) -> None:
        nonlocal lost
        with traffic.losing(at, how):
            call()
        lost = lost or traffic.count >= at

    while lost:
        at, lost = at + 1, False
        yield run


@pytest.mark.parametrize("how", [LOSSES[0], *(pytest.param(how, marks=pytest.mark.slow) for how in LOSSES[1:])])
@pytest.mark.parametrize("work", WORK)
def test_change_happens_once_though_an_answer_is_lost(
    one: Instance, monkeypatch: pytest.MonkeyPatch, work: Work, how: Loss
) -> None:
    for run in losses(Traffic(monkeypatch), how):
        call = work(one)
        before = things(one)
        run(call)
        after = things(one)
        assert {key: after[key] - before[key] for key in {*after, *before} if after[key] != before[key]} == WORK[work]


@pytest.mark.slow
@pytest.mark.parametrize("how", LOSSES)
def test_training_that_was_started_runs_though_an_answer_is_lost(
    one: Instance, monkeypatch: pytest.MonkeyPatch, how: Loss
) -> None:
    for run in losses(Traffic(monkeypatch), how):
        run(lambda: one.services.training.start(PERSON_GROUP, GROUP))
        assert one.services.training.status(PERSON_GROUP, GROUP).status == "notStarted"
        run_training(one)
    for run in losses(Traffic(monkeypatch), how):
        one.services.training.start(PERSON_GROUP, GROUP)
        run(lambda: run_training(one))
        assert one.services.training.status(PERSON_GROUP, GROUP).status == "succeeded"


@pytest.mark.slow
@pytest.mark.parametrize("how", LOSSES)
def test_compaction_does_its_work_though_an_answer_is_lost(
    one: Instance, monkeypatch: pytest.MonkeyPatch, how: Loss
) -> None:
    gallery = one.gallery(PERSON_GROUP, GROUP)
    for run in losses(Traffic(monkeypatch), how):
        person, face = person_with_face(one)
        one.stores.galleries.add_person_face(gallery, PersonId(person), new_face(1), 99)
        one.compaction.run(gallery.key)
        one.services.persisted_faces.delete(PERSON_GROUP, GROUP, person, face)
        run(lambda: one.compaction.run(gallery.key))
        assert audit.rows(one, gallery.key, "e|") == {}
        assert len(audit.blobs(one, gallery.key)) == 1
        audit.check(one, gallery)


@pytest.mark.parametrize("how", LOSSES)
def test_face_of_a_list_is_there_once_though_its_event_was_folded_before_the_next_try(
    one: Instance, monkeypatch: pytest.MonkeyPatch, how: Loss
) -> None:
    gallery = one.gallery(LARGE_FACE_LIST, LIST)
    traffic = Traffic(monkeypatch)

    def fold_and_lose(answer: object) -> object:
        assert one.compaction.run(gallery.key) == 1
        return how(answer)

    with traffic.losing(2, fold_and_lose):
        face = one.stores.galleries.add_face(gallery, new_face(1), 99)
    assert one.visible(gallery.key) == [face]


@pytest.mark.slow
@pytest.mark.parametrize("how", LOSSES)
def test_members_of_a_group_are_right_though_an_answer_is_lost(
    one: Instance, monkeypatch: pytest.MonkeyPatch, how: Loss
) -> None:
    directory, groups = one.services.directory, one.services.dynamic_groups
    for run in losses(Traffic(monkeypatch), how):
        before = len(directory.list("", 1000))
        run(lambda: directory.create("somebody", None))
        found = directory.list("", 1000)
        assert len(found) == before + 1
        members = [found[0].person_id]
        run(lambda: groups.create("members", "name", None, members))  # noqa: B023 run at once
        assert list(groups.persons("members", "", 1000)) == members
        run(lambda: groups.update("members", "new", None, None, members))  # noqa: B023
        assert list(groups.persons("members", "", 1000)) == []
        run(lambda: groups.delete("members"))
        assert groups.list("", 1000) == []
