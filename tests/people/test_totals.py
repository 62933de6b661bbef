"""The limit on persons over all groups of a kind together."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from infra.local.azurite import Azurite
from shared.errors import ConcurrentOperationConflict, QuotaExceeded
from shared.people.kinds import LARGE_PERSON_GROUP, PERSON_GROUP, Kind
from shared.settings import Limits, Settings
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, Instance, together
from tests.people.traffic import Send, Traffic

TOTAL = 12
FULL = "Person number reached subscription level limit."
Start = Callable[..., Instance]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: what it holds is counted."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def start(settings: Settings, clock: FakeClock, tmp_path: Path) -> Start:
    """Starts processes in which all PersonGroups together may have so many persons."""
    numbers = count()

    def started(total: int = TOTAL, each: int = 1000) -> Instance:
        limits = Limits(persons_in_all_person_groups=total, persons_per_person_group=each)
        return Instance.build(replace(settings, limits=limits), clock, tmp_path / str(next(numbers)))

    return started


@pytest.fixture
def one(start: Start) -> Iterator[Instance]:
    """Leaves no group behind."""
    instance = start()
    yield instance
    for kind in (PERSON_GROUP, LARGE_PERSON_GROUP):
        for found in instance.services.collections.list(kind):
            instance.services.collections.delete(kind, found.id)
    assert granted(instance) == {}
    audit.check_catalogue(instance)


def group(instance: Instance, kind: Kind = PERSON_GROUP) -> str:
    key = f"g-{uuid.uuid4().hex}"
    instance.services.collections.create(kind, key, "name", None, MODEL)
    return key


def add(instance: Instance, key: str, kind: Kind = PERSON_GROUP) -> str:
    return instance.services.persons.create(kind, key, "somebody", None)


def add_all(instance: Instance, key: str) -> list[str]:
    """As many persons as the limit lets in. A conflict is tried again: nothing has changed then."""
    added = []
    while True:
        try:
            added.append(add(instance, key))
        except ConcurrentOperationConflict:
            continue
        except QuotaExceeded:
            return added


def granted(instance: Instance) -> dict[str, int]:
    """Of each group that may have persons, how many."""
    found = instance.services.collections.list(PERSON_GROUP)
    return {one.id: sum(one.granted) for one in found if any(one.granted)}


def test_groups_share_one_limit_and_those_of_another_kind_have_their_own(one: Instance) -> None:
    groups = [group(one), group(one)]
    for number in range(TOTAL):
        add(one, groups[number % 2])
    for key in groups:
        with pytest.raises(QuotaExceeded, match=FULL):
            add(one, key)
    large = group(one, LARGE_PERSON_GROUP)
    for _ in range(TOTAL + 1):
        add(one, large, LARGE_PERSON_GROUP)


@pytest.mark.usefixtures("one")
def test_limit_of_one_group_is_told_as_its_own(start: Start) -> None:
    small = start(TOTAL, each=2)
    key = group(small)
    add(small, key)
    add(small, key)
    with pytest.raises(QuotaExceeded, match="reached person group level limit"):
        add(small, key)


def test_deleted_person_makes_room_in_another_group_at_once(one: Instance) -> None:
    full, other = group(one), group(one)
    persons = add_all(one, full)
    assert len(persons) == TOTAL
    for person in persons[:3]:
        one.services.persons.delete(PERSON_GROUP, full, person)
        add(one, other)
    for key in (full, other):
        with pytest.raises(QuotaExceeded, match=FULL):
            add(one, key)


def test_deleted_group_gives_back_all_of_its_room_before_it_is_erased(one: Instance) -> None:
    full, other = group(one), group(one)
    add_all(one, full)
    one.services.collections.delete(PERSON_GROUP, full)
    assert len(add_all(one, other)) == TOTAL


def test_limit_holds_whoever_adds_to_whichever_group(start: Start, one: Instance) -> None:
    groups = [group(one), group(one)]
    writers = [start() for _ in range(4)]
    answers = together([partial(add_all, writer, groups[number % 2]) for number, writer in enumerate(writers)])
    added = [person for answer in answers if isinstance(answer, list) for person in answer]
    assert len(set(added)) == TOTAL
    assert sum(granted(one).values()) == TOTAL
    audit.check_catalogue(one)


@pytest.mark.slow
def test_persons_deleted_and_added_by_many_are_counted_right_in_the_end(start: Start, one: Instance) -> None:
    groups = [group(one), group(one)]

    def work(instance: Instance, key: str) -> None:
        for _ in range(4):
            person = persistent(lambda: add(instance, key))
            persistent(lambda: instance.services.persons.delete(PERSON_GROUP, key, person))  # noqa: B023 run at once

    answers = together([partial(work, start(), groups[number % 2]) for number in range(4)])
    assert answers == [None] * 4
    audit.check_catalogue(one)
    assert len(add_all(one, groups[0])) + len(add_all(one, groups[1])) == TOTAL


def persistent(write: Callable[[], Any]) -> Any:
    while True:
        try:
            return write()
        except ConcurrentOperationConflict:
            continue


@pytest.mark.slow
@pytest.mark.parametrize("at_work", ["add", "delete"])
def test_total_is_right_wherever_a_process_dies(
    start: Start, one: Instance, monkeypatch: pytest.MonkeyPatch, at_work: str
) -> None:
    traffic, key = Traffic(monkeypatch), group(one)
    for at in count(1):
        person, dying = add(one, key), start()
        with traffic.dying(at):
            if at_work == "add":
                add(dying, key)
            else:
                dying.services.persons.delete(PERSON_GROUP, key, person)
        audit.check_catalogue(one)
        for found in one.services.persons.list(PERSON_GROUP, key, "", 1000):
            one.services.persons.delete(PERSON_GROUP, key, found.person_id)
        if traffic.count < at:
            break
    assert len(add_all(one, group(one))) == TOTAL


def test_under_a_large_limit_most_additions_ask_for_no_room(
    start: Start, one: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, traffic = start(100_000_000), Traffic(monkeypatch)
    key = group(large)
    asked = []

    def note(request: Any, send: Send) -> Any:
        if request.method == "GET" and "!count" in request.url.replace("%21", "!"):
            asked.append(request.url)
        return send()

    with traffic.hooked(note):
        for _ in range(24):
            add(large, key)
    assert len(asked) == 24 // 4
    assert granted(one) == {key: 24}


def test_groups_made_before_there_was_a_total_are_counted_when_they_grow(one: Instance) -> None:
    key = group(one)
    gallery = one.gallery(PERSON_GROUP, key)
    for _ in range(5):
        one.stores.galleries.add_person(gallery, "somebody", None, 99)
    assert len(add_all(one, key)) == TOTAL - 5
