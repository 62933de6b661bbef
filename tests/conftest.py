"""What every test may use. Real parts: a real Azurite, installed by `python dev.py test`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.azurite import Azurite, AzuriteError


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
