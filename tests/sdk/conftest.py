"""A service as `python dev.py run` starts it, in a process and on a storage of its own, for Microsoft's clients."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.azurite import ROOT, Azurite
from tests.contract.conftest import picture_server as picture_server
from tests.sdk import pictures, sdist
from tests.sdk.short_links import ShortLinks, short_links

KEY = "sdk-tests-key-0123456789"
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a client is given. `pictures`: URL of a web server over the test pictures, allowed by the service."""

    url: str
    key: str
    pictures: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that Microsoft's tests and samples read."""
        return {"AZURE_FACE_API_ENDPOINT": self.url, "AZURE_FACE_API_ACCOUNT_KEY": self.key}


@pytest.fixture(scope="session")
def aka(tmp_path_factory: pytest.TempPathFactory, picture_server: str) -> Iterator[ShortLinks]:
    """https://aka.ms as the service finds it: all its links lead to one picture with a single face."""
    target = f"http://{picture_server}/azure/images/detection1.jpg"
    with short_links(tmp_path_factory.mktemp("aka"), target) as serving:
        yield serving


@pytest.fixture(scope="session")
def endpoint(
    tmp_path_factory: pytest.TempPathFactory, key_ring_file: Path, picture_server: str, aka: ShortLinks
) -> Iterator[Endpoint]:
    """Its storage is empty at the start: Microsoft's tests count sessions and choose fixed ids."""
    with Azurite(tmp_path_factory.mktemp("sdk-azurite")) as azurite:
        environment = {
            **os.environ,
            "AzureWebJobsStorage": azurite.connection_string,
            "FACE_KEY1": KEY,
            "FACE_KEY_RING_FILE": str(key_ring_file),
            "FACE_URL_ALLOWED_HOSTS": picture_server,
            **aka.variables,
        }
        with served(environment) as url:
            yield Endpoint(url, KEY, f"http://{picture_server}")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Microsoft's source archive, unpacked, with the pictures where its tests and samples look for them."""
    unpacked = sdist.unpack(tmp_path_factory.mktemp("sdist"))
    pictures.place(unpacked / "samples" / "images")
    return unpacked


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The URL of tests/sdk/serve.py, which ends with the block, or with this process."""
    command = [sys.executable, "-m", "tests.sdk.serve"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdin
        assert started.stdout
        url = started.stdout.readline().strip()
        assert url, "the service did not start: its reason is above"
        try:
            yield url
        finally:
            started.stdin.close()
            try:
                started.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()
                raise
