"""What every test may use. Real parts: a real Azurite, installed by `python dev.py test`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.azurite import Azurite, AzuriteError
from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.face_ids import FaceIds
from shared.store.key_ring import create_key_ring
from shared.store.live_ring import LiveRing
from shared.store.tables import Tables
from tests.clock import FakeClock


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """One Azurite for the whole run, empty at its start, on free ports. Its `connection_string` is what tests need."""
    folder: Path = tmp_path_factory.mktemp("azurite")
    try:
        running = Azurite(folder).__enter__()
    except AzuriteError as error:
        pytest.fail(str(error), pytrace=False)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def storage(azurite: Azurite) -> str:
    """Connection string of real storage."""
    return azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def key_ring_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "key_ring.json"
    create_key_ring(path)
    return path


@pytest.fixture
def tables(storage: str) -> Tables:
    return Tables(storage)


@pytest.fixture
def expiries(tables: Tables) -> Expiries:
    return Expiries(tables)


@pytest.fixture
def face_ids(tables: Tables, expiries: Expiries, key_ring_file: Path, clock: FakeClock) -> FaceIds:
    return FaceIds(tables, expiries, Cipher(LiveRing.of_file(key_ring_file)), clock)
