"""What another does between two requests of a call: the order that would do harm, brought about on purpose."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from infra.local.azurite import Azurite
from shared.errors import ConcurrentOperationConflict, DynamicPersonGroupNotFound
from shared.people.kinds import LARGE_PERSON_GROUP
from shared.settings import Settings
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersonId
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, Instance, new_face
from tests.people.traffic import Send, Traffic


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def one(settings: Settings, clock: FakeClock, tmp_path: Path) -> Instance:
    return Instance.build(settings, clock, tmp_path / "one")


@pytest.fixture
def other(settings: Settings, clock: FakeClock, tmp_path: Path) -> Instance:
    return Instance.build(settings, clock, tmp_path / "other")


def once_before(wanted: Callable[[Any], bool], happen: Callable[[], object]) -> Callable[[Any, Send], Any]:
    """A hook: before the first request that is `wanted`, let something happen."""
    left = [happen]

    def hook(request: Any, send: Send) -> Any:
        if left and wanted(request):
            left.pop()()
        return send()

    return hook


def writes(text: str) -> Callable[[Any], bool]:
    """Whether a request writes a row that says so."""
    return lambda request: request.method != "GET" and text in str(request.body or request.content or "")


def settles(request: Any) -> bool:
    """Whether a request says of a change that it has been settled."""
    return request.method == "POST" and "DELETE" in str(request.content or request.body)


def group_of(one: Instance) -> tuple[str, str, str]:
    """A dynamic group that has one person, not settled yet: its id, its key, the person."""
    key = f"g-{uuid.uuid4().hex}"
    person, _ = one.services.directory.create("somebody", None)
    one.services.dynamic_groups.create(key, "name", None, [person])
    row = one.stores.catalogue.find("dynamicpersongroups", key)
    assert row is not None
    return key, row["group"], person


def test_who_leaves_a_group_while_it_is_settled_has_left(one: Instance, other: Instance, traffic: Traffic) -> None:
    key, group, person = group_of(one)

    def leave() -> None:
        other.services.dynamic_groups.update(key, None, None, None, [person])

    with traffic.hooked(once_before(settles, leave)):
        one.services.dynamic_groups.settle(key, group)
    assert list(one.services.dynamic_groups.persons(key, "", 10)) == []
    one.services.dynamic_groups.settle(key, group)
    assert list(one.services.directory.references(person, "", 10)) == []


def test_settling_a_change_does_not_look_through_the_group(one: Instance, traffic: Traffic) -> None:
    key, group, _ = group_of(one)
    looked = []

    def note(request: Any, send: Send) -> Any:
        if request.method == "GET" and "/memberships()" in request.url:
            looked.append(unquote(request.url))
        return send()

    with traffic.hooked(note):
        one.services.dynamic_groups.settle(key, group)
    assert looked
    assert all("RowKey+ge+'u|'" in url.replace(" ", "+") for url in looked)


def test_who_joins_a_group_again_while_it_is_settled_is_in_it(one: Instance, other: Instance, traffic: Traffic) -> None:
    key, group, person = group_of(one)
    one.services.dynamic_groups.settle(key, group)
    one.services.dynamic_groups.update(key, None, None, None, [person])

    def join() -> None:
        other.services.dynamic_groups.update(key, None, None, [person], None)

    with traffic.hooked(once_before(lambda request: request.method != "GET", join)):
        one.services.dynamic_groups.settle(key, group)
    assert list(one.services.dynamic_groups.persons(key, "", 10)) == [person]
    one.services.dynamic_groups.settle(key, group)
    assert list(one.services.directory.references(person, "", 10)) == [key]


def test_reference_of_one_who_left_while_it_was_made_does_not_stay(
    one: Instance, other: Instance, traffic: Traffic
) -> None:
    key, group, person = group_of(one)

    def leave() -> None:
        other.services.dynamic_groups.update(key, None, None, None, [person])
        other.services.dynamic_groups.settle(key, group)

    def refers(request: Any) -> bool:
        return request.method == "PUT" and f"p%7C{person}" in request.url

    with traffic.hooked(once_before(refers, leave)):
        one.services.dynamic_groups.settle(key, group)
    assert list(one.services.dynamic_groups.persons(key, "", 10)) == []
    assert list(one.services.directory.references(person, "", 10)) == []


def test_who_joins_a_group_that_is_deleted_meanwhile_leaves_nothing(
    one: Instance, other: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    key, group, person = group_of(one)
    late, _ = one.services.directory.create("late", None)

    def delete() -> None:
        other.services.dynamic_groups.delete(key)
        other.services.dynamic_groups.settle(key, group)

    with traffic.hooked(once_before(writes(late), delete)), pytest.raises(DynamicPersonGroupNotFound):
        one.services.dynamic_groups.update(key, None, None, [late], None)
    clock.advance(3600)
    one.services.retention.sweep()
    assert one.stores.memberships.some_of(group, 1000) == []
    assert list(one.services.directory.references(person, "", 10)) == []


def test_person_who_is_deleted_while_a_group_is_settled_is_in_no_group(
    one: Instance, other: Instance, traffic: Traffic, clock: FakeClock
) -> None:
    key, group, person = group_of(one)

    def delete() -> None:
        other.services.directory.delete(person)
        other.services.dynamic_groups.leave_all(PersonId(person))

    with traffic.hooked(once_before(settles, delete)):
        one.services.dynamic_groups.settle(key, group)
    clock.advance(3600)
    one.services.retention.sweep()
    assert list(one.services.dynamic_groups.persons(key, "", 10)) == []
    assert one.stores.memberships.references(PersonId(person)) == []


def test_directory_that_another_makes_first_is_shared(one: Instance, other: Instance, traffic: Traffic) -> None:
    catalogue = one.stores.tables.table("catalogue")
    catalogue.delete("directory", ["directory", "!count"])
    made: list[str] = []

    def make() -> None:
        made.append(other.services.directory.create("first", None)[0])

    def counts(request: Any) -> bool:
        return "%21count" in request.url or "!count" in request.url

    with traffic.hooked(once_before(counts, make)):
        made.append(one.services.directory.create("second", None)[0])
    assert [found.person_id for found in one.services.directory.list("", 10)] == sorted(made)


@pytest.mark.slow
def test_change_that_others_keep_overtaking_answers_a_conflict_and_changes_nothing(
    one: Instance, other: Instance, traffic: Traffic
) -> None:
    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    gallery = one.gallery(LARGE_PERSON_GROUP, key)
    person = one.services.persons.create(LARGE_PERSON_GROUP, key, "one", None)
    kept = one.stores.galleries.add_person_face(gallery, person, new_face(0), 99)
    theirs: list[str] = [kept]

    def overtake(request: Any, send: Send) -> Any:
        if "$batch" in request.url:
            theirs.append(other.stores.galleries.add_person_face(gallery, person, new_face(len(theirs)), 99))
        return send()

    with traffic.hooked(overtake), pytest.raises(ConcurrentOperationConflict):
        one.services.persisted_faces.delete(LARGE_PERSON_GROUP, key, person, kept)
    with traffic.hooked(overtake), pytest.raises(ConcurrentOperationConflict):
        one.services.persons.delete(LARGE_PERSON_GROUP, key, person)
    assert one.services.persons.get(LARGE_PERSON_GROUP, key, person).face_ids == tuple(theirs)
    audit.check(one, gallery)
    one.services.persons.delete(LARGE_PERSON_GROUP, key, person)
    assert other.visible(gallery.key) == []


@pytest.mark.parametrize("what", ["add", "remove"])
def test_person_who_comes_between_the_steps_of_another_change_is_counted(
    one: Instance, other: Instance, traffic: Traffic, what: str
) -> None:
    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    gallery, galleries = one.gallery(LARGE_PERSON_GROUP, key), one.stores.galleries
    person = galleries.add_person(gallery, "one", None, 999)
    face = galleries.add_person_face(gallery, person, new_face(0), 99)

    def until_one_shares_the_shard() -> None:
        while other.stores.galleries.add_person(gallery, "more", None, 999)[0] != person[0]:
            continue

    with traffic.hooked(once_before(lambda request: "$batch" in request.url, until_one_shares_the_shard)):
        if what == "add":
            galleries.add_person_face(gallery, person, new_face(1), 99)
        else:
            one.services.persisted_faces.delete(LARGE_PERSON_GROUP, key, person, face)
    audit.check(one, gallery)


def eventful(one: Instance) -> tuple[GalleryRef, list[str]]:
    """A gallery with faces in segments and in events, some of which went, and those that are left."""
    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    gallery, galleries = one.gallery(LARGE_PERSON_GROUP, key), one.stores.galleries
    person, leaver = (galleries.add_person(gallery, "somebody", None, 99) for _ in range(2))
    faces = [galleries.add_person_face(gallery, person, new_face(seed), 99) for seed in range(4)]
    galleries.add_person_face(gallery, leaver, new_face(9), 99)
    one.compaction.run(gallery.key)
    faces += [galleries.add_person_face(gallery, person, new_face(seed), 99) for seed in range(4, 6)]
    assert galleries.remove_face(gallery, person, MODEL, faces.pop(0))
    assert galleries.remove_person(gallery, leaver)
    return gallery, sorted(faces)


@pytest.mark.parametrize("request_number", range(1, 8))
def test_search_that_a_compaction_overtakes_anywhere_sees_everything_once(
    one: Instance, other: Instance, traffic: Traffic, request_number: int
) -> None:
    gallery, faces = eventful(other)
    seen = 0

    def at_that_request(_: Any) -> bool:
        nonlocal seen
        seen += 1
        return seen == request_number

    with traffic.hooked(once_before(at_that_request, lambda: other.compaction.run(gallery.key))):
        assert one.visible(gallery.key) == faces
    assert other.visible(gallery.key) == faces


def test_search_that_another_of_its_process_overtakes_sees_everything_once(
    one: Instance, other: Instance, traffic: Traffic
) -> None:
    gallery, faces = eventful(other)
    assert one.visible(gallery.key) == faces
    left = [other]

    def hook(_: Any, send: Send) -> Any:
        answer = send()  # manifest and heads as they are now
        if left:
            left.pop().compaction.run(gallery.key)
            assert one.visible(gallery.key) == faces
        return answer

    with traffic.hooked(hook):
        assert one.visible(gallery.key) == faces


def test_compactions_that_follow_on_each_others_heels_fold_every_event_once(
    one: Instance, other: Instance, traffic: Traffic
) -> None:
    gallery, faces = eventful(other)
    left = [other]

    def hook(request: Any, send: Send) -> Any:
        answer = send()
        if request.method == "PATCH" and left:  # right after it replaced the manifest for the first time
            left.pop()
            late = other.stores.galleries.add_person_face(gallery, someone(other, gallery), new_face(8), 99)
            faces.append(late)
            other.compaction.run(gallery.key)
        return answer

    with traffic.hooked(hook):
        one.compaction.run(gallery.key)
    assert not left
    assert one.visible(gallery.key) == other.visible(gallery.key) == sorted(faces)
    audit.check(other, gallery)


def someone(instance: Instance, gallery: GalleryRef) -> PersonId:
    return instance.stores.galleries.persons(gallery.key, "", 1)[0].person_id
