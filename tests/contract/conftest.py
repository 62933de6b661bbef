"""The whole service over HTTP: local host, real Azurite, real models, a clock that tests move."""

import functools
import http.server
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from function_app import app
from infra.local.host import LocalHost
from shared import services
from shared.services import Services, access_by
from shared.settings import FEATURES, Entra, Settings
from shared.store.tables import Tables
from tests.clock import FakeClock
from tests.faces import ROOT as FACES
from tests.issuer import AUDIENCE, ISSUER, TENANT, Issuer, issuer
from tests.servers import http_server

KEY, RECOGNIZER_KEY = "contract-tests-key-0123456789", "recognizer-tests-key-0123456789"

Change = Callable[..., Services]


@dataclass(frozen=True)
class Service:
    """The running service. `pictures`: a web server over the test pictures, which the service is told to allow."""

    url: str
    key: str
    clock: FakeClock
    tables: Tables
    pictures: str
    http: httpx.Client

    def detect(self, picture: bytes | Path, version: str = "v1.2", **query: str) -> Any:
        """The faces that detect answers for a picture sent as bytes."""
        data = picture if isinstance(picture, bytes) else picture.read_bytes()
        headers = {"Content-Type": "application/octet-stream"}
        answer = self.http.post(f"/face/{version}/detect", params=query, content=data, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def face_id(self, picture: bytes | Path, **query: str) -> str:
        """The faceId of the largest face."""
        return str(self.detect(picture, **query)[0]["faceId"])

    def stored_faces(self) -> int:
        return sum(1 for _ in self.tables.table("faceids").query("PartitionKey ge @first", first=""))


class PictureHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="session")
def picture_server() -> Iterator[str]:
    """ "host:port" of a web server over ../shared/faces."""
    handler = functools.partial(PictureHandler, directory=str(FACES))
    with http_server(handler) as port:
        yield f"127.0.0.1:{port}"


@pytest.fixture(scope="session")
def running(
    storage: str, picture_server: str, key_ring_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    settings = Settings(
        keys=("another-key-0123456789", KEY),
        storage=storage,
        key_ring_file=key_ring_file,
        url_timeout_seconds=5,
        url_allowed_hosts=frozenset({picture_server}),
        cache_dir=tmp_path_factory.mktemp("segments"),
        approved_features=frozenset(FEATURES),
    )
    clock = FakeClock(datetime.now(UTC))
    built = Services.build(settings, clock)
    services.use(built)
    headers = {"Ocp-Apim-Subscription-Key": KEY}
    with (
        LocalHost(app, port=0, environment={"AzureWebJobsStorage": storage}, triggers=False) as host,
        httpx.Client(base_url=host.url, headers=headers, timeout=60) as client,
    ):
        yield Service(host.url, KEY, clock, Tables(storage), f"http://{picture_server}", client)
    services.use(None)


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """The session's service; whatever a test does to its clock is undone."""
    before = running.clock.now
    yield running
    running.clock.now = before


@pytest.fixture(scope="session")
def entra() -> Iterator[Issuer]:
    with issuer() as found:
        yield found


@pytest.fixture
def change(service: Service, entra: Issuer) -> Iterator[Change]:
    """Has the host serve, from now on and until the test is over, by other settings of access."""
    before = services.current()
    trust = Entra(TENANT, frozenset({AUDIENCE}), frozenset({ISSUER}), entra.url)
    settings = replace(before.settings, entra=trust, recognizer_keys=(RECOGNIZER_KEY,))

    def use(**changes: Any) -> Services:
        changed = replace(settings, **changes)
        ours = replace(before, settings=changed, access=access_by(changed, service.clock))
        services.use(ours)
        return ours

    use()
    yield use
    services.use(before)


@pytest.fixture(scope="session")
def picture() -> Callable[[str], Path]:
    return lambda name: FACES / name
