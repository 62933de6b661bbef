"""Every method of azure-cognitiveservices-vision-face 0.6.1 against the service, at its own version, v1.0."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.cognitiveservices.vision.face.models import TrainingStatusType

from infra.local.azurite import Azurite
from tests.contract import process
from tests.sdk.conftest import Endpoint
from tests.sdk.old_client import collections, faces, persons, snapshots
from tests.sdk.old_client.world import TRAINED, World, connect
from tests.sdk.recorded import methods

CALLS = {**faces.calls.table, **collections.calls.table, **persons.calls.table, **snapshots.calls.table}
METHODS = [name for name in methods(connect(Endpoint("http://nowhere", "-", ""))) if name != "close"]


@pytest.fixture(scope="module")
def world(endpoint: Endpoint) -> Iterator[World]:
    with connect(endpoint) as client:
        yield World(endpoint, client)


@pytest.fixture(autouse=True)
def _no_warning_of_the_client(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """It logs one where an answer holds a spelling that it does not know."""
    yield
    records = caplog.get_records("setup") + caplog.get_records("call")
    assert [
        one.getMessage() for one in records if one.name.startswith("msrest") and one.levelno >= logging.WARNING
    ] == []


@pytest.mark.parametrize("method", METHODS)
def test_method_is_served(method: str, world: World) -> None:
    world.client.called.clear()
    CALLS[method](world)
    assert method in world.client.called


def test_training_that_waits_is_spelled_as_this_client_knows_it(tmp_path: Path, key_ring_file: Path) -> None:
    """A service that leaves its queue alone: nothing begins."""
    with Azurite(tmp_path) as azurite, process.service_process(azurite.connection_string, key_ring_file) as waiting:
        endpoint = Endpoint(str(waiting.http.base_url), process.KEY, "")
        with connect(endpoint) as client:
            world = World(endpoint, client)
            for group in TRAINED:
                made = world.new(group)
                world.operations(group).train(made)
                assert world.training(group, made) is TrainingStatusType.nonstarted
