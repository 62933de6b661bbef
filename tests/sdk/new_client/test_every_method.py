"""Every method of the three clients of azure-ai-vision-face 1.0.0b2 against the service, at their own version,
v1.2-preview.1; of the asynchronous clients too."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from azure.ai.vision.face import FaceAdministrationClient, FaceClient, FaceSessionClient
from azure.ai.vision.face import aio as asynchronous
from azure.core.credentials import AzureKeyCredential

from tests.sdk.conftest import Endpoint
from tests.sdk.new_client import collections, faces, members, sessions
from tests.sdk.new_client.world import World
from tests.sdk.recorded import at_once, awaited, methods

CALLS = {**faces.calls.table, **collections.calls.table, **members.calls.table, **sessions.calls.table}
CLIENTS: tuple[Any, ...] = (FaceClient, FaceAdministrationClient, FaceSessionClient)
ASYNCHRONOUS: tuple[Any, ...] = tuple(getattr(asynchronous, client.__name__) for client in CLIENTS)


def methods_of(*kinds: type) -> list[str]:
    """All but `close`, which calls nothing."""
    return sorted(
        {name for kind in kinds for name in methods(kind("http://nowhere", AzureKeyCredential("-")))} - {"close"}
    )


@pytest.fixture(scope="module")
def world(endpoint: Endpoint) -> Iterator[World]:
    key = AzureKeyCredential(endpoint.key)
    with ExitStack() as open_clients:
        made = [open_clients.enter_context(client(endpoint.url, key)) for client in CLIENTS]
        world = World(endpoint, made, at_once)
        yield world
        world.close()


@pytest.fixture(scope="module")
def asynchronous_world(endpoint: Endpoint) -> Iterator[World]:
    key = AzureKeyCredential(endpoint.key)
    with asyncio.Runner() as runner:
        clients = [client(endpoint.url, key) for client in ASYNCHRONOUS]
        world = World(endpoint, clients, awaited(runner))
        yield world
        world.close()
        for client in clients:
            runner.run(client.close())


@pytest.mark.parametrize("method", methods_of(*CLIENTS))
def test_method_is_served(method: str, world: World) -> None:
    call(method, world)


@pytest.mark.parametrize("method", methods_of(*ASYNCHRONOUS))
def test_asynchronous_method_is_served(method: str, asynchronous_world: World) -> None:
    call(method, asynchronous_world)


def call(method: str, world: World) -> None:
    world.called.clear()
    CALLS[method](world)
    assert method in world.called
