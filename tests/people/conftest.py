"""The domain without HTTP: real storage, real models, a clock that tests move."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from infra.local.azurite import Azurite
from shared.services import Services
from shared.settings import Limits, Settings
from tests.clock import FakeClock
from tests.people.instances import Instance
from tests.people.traffic import Traffic

LIMITS = Limits(face_lists=3, faces_per_face_list=4, persons_per_person_group=20, faces_per_person=3)


@pytest.fixture(scope="package")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The domain's own: what its tests leave in the queue is no work for a service of others."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def settings(storage: str, key_ring_file: Path, tmp_path: Path) -> Settings:
    """Small limits, and a disk cache of the test's own."""
    return Settings(
        keys=("people-tests-key-0123456789",),
        storage=storage,
        key_ring_file=key_ring_file,
        limits=LIMITS,
        cache_dir=tmp_path / "segments",
    )


@pytest.fixture
def domain(settings: Settings, clock: FakeClock) -> Services:
    return Services.build(settings, clock)


@pytest.fixture
def start(settings: Settings, clock: FakeClock, tmp_path: Path) -> Callable[[], Instance]:
    """Starts another process, with nothing cached."""
    numbers = count()
    return lambda: Instance.build(settings, clock, tmp_path / str(next(numbers)))


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> Traffic:
    return Traffic(monkeypatch)
