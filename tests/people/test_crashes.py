"""A process dies before any of its requests to storage, or loses an answer: what was acknowledged is there, and nothing
half done stays."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.azurite import Azurite
from tests.clock import FakeClock
from tests.people import audit, deaths
from tests.people.deaths import ALL, Call, Scene
from tests.people.instances import Instance
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


def calls() -> list[Any]:
    """Those whose deaths differ most, and with --all every one."""
    return [pytest.param(call, id=str(call), marks=pytest.mark.slow if call.slow else ()) for call in deaths.CALLS]


def swept(survivor: Instance, clock: FakeClock) -> None:
    """Time passes, and the sweep runs: what it leaves is in order."""
    for _ in range(2):
        clock.advance(3600)
        ran = survivor.services.retention.sweep()
        assert (ran.failed, ran.finished) == (0, True)
    audit.check_catalogue(survivor)
    audit.check_nothing_is_left_over(survivor)


def deaths_of(
    call: Call, start: Callable[[], Instance], traffic: Traffic, survivor: Instance
) -> Iterator[tuple[Scene, bool]]:
    """Scenes in which a process died at the call, once before each of its requests that came after a change, and the
    one in which it lived; whether its work is done there."""
    scene, at, lived = Scene.enrolled(survivor, call.kind), 0, False
    while not lived:
        at += 1
        before = audit.rows(survivor, scene.gallery.key)
        with traffic.dying(at):
            call.act(start(), scene)
        lived = traffic.count < at
        found = survivor.seeds(scene.gallery.key)
        assert found == call.found if lived else found in (ALL, call.found)
        assert start().seeds(scene.gallery.key) == found
        if lived or audit.rows(survivor, scene.gallery.key) != before:
            yield scene, found == call.found
            scene = Scene.enrolled(survivor, call.kind)


@pytest.mark.parametrize("call", calls())
def test_death_at_any_request_leaves_all_or_nothing_and_the_sweep_tidies_up(
    call: Call, start: Callable[[], Instance], traffic: Traffic, clock: FakeClock
) -> None:
    survivor = start()
    scenes = list(deaths_of(call, start, traffic, survivor))
    swept(survivor, clock)
    for scene, done in scenes:
        assert survivor.seeds(scene.gallery.key) == (call.found if done else ALL)
        survivor.services.collections.delete(scene.kind, scene.key)
    swept(survivor, clock)


@pytest.mark.slow
@pytest.mark.parametrize("call", calls())
def test_call_that_died_can_be_made_again(
    call: Call, start: Callable[[], Instance], traffic: Traffic, clock: FakeClock
) -> None:
    survivor = start()
    for scene, done in deaths_of(call, start, traffic, survivor):
        try:
            call.act(survivor, scene)
        except call.again:
            assert done
        assert survivor.seeds(scene.gallery.key) == call.found
        audit.check(survivor, scene.gallery)
    swept(survivor, clock)
