"""Operations of the directory: none opens again, and no change is made that could not be answered with one."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError

from infra.local.azurite import Azurite
from shared.engine import decode
from shared.settings import Settings
from shared.store.ids import PersonId
from shared.store.tables import StoreUnavailable
from tests.clock import FakeClock
from tests.faces import ROOT
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


class World:
    """A person of the directory with a face, in a group."""

    def __init__(self, one: Instance) -> None:
        self.directory, self.groups = one.services.directory, one.services.dynamic_groups
        self.person, _ = self.directory.create("somebody", None)
        gallery = self.directory.gallery()
        assert gallery
        self.face = one.stores.galleries.add_person_face(gallery, self.person, new_face(1), 99)
        self.group = f"g-{uuid.uuid4().hex}"
        self.groups.create(self.group, "name", None, [self.person])

    def shown(self) -> object:
        """Everything that callers can see."""
        persons = self.directory.list("", 1000)
        members = {one.id: list(self.groups.persons(one.id, "", 1000)) for one in self.groups.list("", 1000)}
        return [(one.person_id, one.faces) for one in persons], members


def new_group(world: World) -> object:
    return world.groups.create(f"g-{uuid.uuid4().hex}", "name", None, [world.person])


def new_face_of_a_picture(world: World) -> object:
    seen = decode((ROOT / "azure" / "images" / "Family1-Dad1.jpg").read_bytes())
    return world.directory.add_face(world.person, MODEL, seen, None, "detection_03", None)


CHANGES: dict[str, Callable[[World], object]] = {
    "create person": lambda world: world.directory.create("another", None),
    "add face": new_face_of_a_picture,
    "delete face": lambda world: world.directory.delete_face(world.person, MODEL, world.face),
    "delete person": lambda world: world.directory.delete(world.person),
    "create group": new_group,
    "update group": lambda world: world.groups.update(world.group, None, None, None, [world.person]),
    "delete group": lambda world: world.groups.delete(world.group),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_whose_operation_cannot_be_stored_is_not_made(
    one: Instance, monkeypatch: pytest.MonkeyPatch, change: Callable[[World], object]
) -> None:
    world, traffic = World(one), Traffic(monkeypatch)
    before = world.shown()

    def refuse_operations(request: Any, send: Send) -> Any:
        if "/operations" in request.url:
            raise ServiceRequestError("storage is away")
        return send()

    with traffic.hooked(refuse_operations), pytest.raises(StoreUnavailable):
        change(world)
    assert world.shown() == before


def test_operation_that_has_ended_stays_so_though_its_message_comes_again(one: Instance, clock: FakeClock) -> None:
    person, _ = one.services.directory.create("somebody", None)
    operation = one.services.directory.delete(person)
    message = {"do": "leave", "person": PersonId(person), "operation": operation}
    one.services.background.run(message)
    before = one.services.operations.get(operation)
    assert before.status == "succeeded"
    clock.advance(30)
    one.services.background.run(message)
    one.services.background.give_up(message)
    assert one.services.operations.get(operation) == before
