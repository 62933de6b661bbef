"""The real engine on the real models."""

from pathlib import Path

import pytest

from shared.engine import Engine, ModelLibrary
from tests.engine import strangers as unseen
from tests.engine.opencv_reference import OpenCvPipeline
from tests.engine.strangers import Stranger

MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"


@pytest.fixture(scope="session")
def library() -> ModelLibrary:
    """The models of this machine, as an installation finds them."""
    return ModelLibrary.find()


@pytest.fixture(scope="session")
def engine(library: ModelLibrary) -> Engine:
    """The engine with every core."""
    return Engine(library)


@pytest.fixture(scope="session")
def opencv() -> OpenCvPipeline:
    """The independent pipeline to compare with."""
    return OpenCvPipeline(MODELS)


@pytest.fixture(scope="session")
def strangers(engine: Engine) -> list[Stranger]:
    """171 labelled faces of people that no readout was trained on."""
    return unseen.judged(engine)
