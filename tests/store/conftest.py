from pathlib import Path

import pytest

from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.face_ids import FaceIds
from shared.store.key_ring import KeyRing, create_key_ring
from shared.store.tables import Tables
from tests.clock import FakeClock


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
    return FaceIds(tables, expiries, Cipher(KeyRing.load(key_ring_file)), clock)
