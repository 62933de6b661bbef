"""The set that is built here, once for all."""

from pathlib import Path

import pytest

from shared.engine import ModelLibrary
from shared.engine.manifest import load
from tests.convert.built import build
from tests.engine.conftest import MODELS


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def library() -> ModelLibrary:
    """The bundle."""
    return ModelLibrary(load(), [MODELS])
