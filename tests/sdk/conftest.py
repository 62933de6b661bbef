"""A service as `python dev.py run` starts it, in a process and on a storage of its own, for Microsoft's clients."""

import json
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
from tests.issuer import OBJECT, TENANT
from tests.sdk import pictures, sdist, short_links, sign_in
from tests.sdk.certificates import Certificates, issue
from tests.sdk.short_links import BOOK, ShortLinks
from tests.sdk.sign_in import SignIn

KEY = "sdk-tests-key-0123456789"
STOP_SECONDS = 20
PUBLIC, OTHER_PUBLIC = "20.70.246.20", "20.190.151.7"  # any public addresses: nothing is ever sent to them


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
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """For every host that stands on this machine for one elsewhere."""
    return issue(tmp_path_factory.mktemp("certificates"), short_links.HOST, sign_in.HOST, "localhost")


@pytest.fixture(scope="session")
def aka(certificates: Certificates, picture_server: str) -> Iterator[ShortLinks]:
    """https://aka.ms as the service finds it: all its links lead to one picture with a single face."""
    target = f"http://{picture_server}/azure/images/detection1.jpg"
    with short_links.short_links(certificates.server, target) as serving:
        yield serving


@pytest.fixture(scope="session")
def entra(certificates: Certificates) -> Iterator[SignIn]:
    """Entra ID as the service and its clients find it."""
    with sign_in.sign_in(certificates.server) as serving:
        yield serving


@pytest.fixture(scope="session")
def endpoint(
    tmp_path_factory: pytest.TempPathFactory,
    key_ring_file: Path,
    picture_server: str,
    aka: ShortLinks,
    entra: SignIn,
    certificates: Certificates,
) -> Iterator[Endpoint]:
    """Its storage is empty at the start: Microsoft's tests count sessions and choose fixed ids."""
    book = {short_links.HOST: [PUBLIC, aka.port], sign_in.HOST: [OTHER_PUBLIC, entra.port]}
    with Azurite(tmp_path_factory.mktemp("sdk-azurite")) as azurite:
        environment = {
            **os.environ,
            "AzureWebJobsStorage": azurite.connection_string,
            "FACE_KEY1": KEY,
            "FACE_KEY_RING_FILE": str(key_ring_file),
            "FACE_APPROVED_FEATURES": "identification,verification,liveness",
            "FACE_URL_ALLOWED_HOSTS": picture_server,
            "FACE_ENTRA_TENANT": TENANT,
            "FACE_ENTRA_AUDIENCES": sign_in.RESOURCE,
            "FACE_ENTRA_ASSIGNMENTS": f"{OBJECT}=FaceRecognizer",
            BOOK: json.dumps(book),
            "SSL_CERT_FILE": str(certificates.authority),
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
