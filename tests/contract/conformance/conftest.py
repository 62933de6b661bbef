"""What the conformance tests share: the queue of long work, a world per version, and what was called."""

from collections.abc import Callable, Iterator

import pytest

from tests.contract.changes import Changes, watched
from tests.contract.conformance.recipes.registry import Recorder
from tests.contract.conformance.work import Work
from tests.contract.conformance.world import World
from tests.contract.conftest import Service


@pytest.fixture(scope="session")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def changes() -> Iterator[Changes]:
    with watched() as noted:
        yield noted


@pytest.fixture(scope="session")
def work(running: Service, storage: str) -> Work:
    return Work(running, storage)


@pytest.fixture(scope="package")
def world_of(running: Service, work: Work) -> Iterator[Callable[[str], World]]:
    """The world of a version, made when first asked for and taken down after the last test."""
    worlds: dict[str, World] = {}
    yield lambda version: worlds.setdefault(version, World(running, work, version))
    for world in worlds.values():
        world.end()
