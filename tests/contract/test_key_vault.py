"""The service as a process whose key ring is in a Key Vault, as in Azure: on this machine, over TLS."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.keys.__main__ import main as keys
from infra.keys.places import KEY_RING
from infra.secrets.vault import Vault
from shared.clock import system_clock
from shared.store import vault as trust
from shared.store.cipher import sealed_under
from shared.store.key_ring import KeyRing
from shared.store.live_ring import FRESH_SECONDS
from shared.store.tables import Tables
from tests.contract.process import ServiceProcess, service_process
from tests.faces import ROOT as FACES
from tests.key_vault import AUDIENCE, KeyVault, key_vault
from tests.sdk.certificates import issue
from tests.store.entra import CLIENT, identity, token

DAD = (FACES / "azure/images/Family1-Dad1.jpg").read_bytes()
BYTES = {"Content-Type": "application/octet-stream"}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Deployed:
    """`settings`: those that name vault and identity, and the certificate to trust."""

    vault: KeyVault
    settings: dict[str, str]

    def keys(self, command: str) -> int:
        """The operator's command."""
        return keys([command, "--vault", self.vault.url], Vault(self.vault.url, lambda: token(AUDIENCE)))

    def service(self, storage: str) -> AbstractContextManager[ServiceProcess]:
        return service_process(storage, None, triggers=False, log=None, **self.settings)


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    certificates = issue(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    trust._trust.cache_clear()
    with key_vault(certificates.server, "localhost") as vault, identity() as who:
        settings = {
            **who.settings(),
            "FACE_KEY_RING_SECRET": f"{vault.url}/secrets/{KEY_RING}",
            "AzureWebJobsStorage__clientId": CLIENT,
            "SSL_CERT_FILE": str(certificates.authority),
            "FACE_CACHE_DIR": str(tmp_path),
        }
        yield Deployed(vault, settings)
    trust._trust.cache_clear()


@pytest.fixture
def started(storage: str, deployed: Deployed) -> Iterator[ServiceProcess]:
    assert deployed.keys("create") == 0
    with deployed.service(storage) as running:
        yield running


def active(deployed: Deployed) -> str:
    return KeyRing.parse(deployed.vault.secrets[KEY_RING][-1], "vault").active


def detect(http: httpx.Client) -> str:
    answer = http.post("/face/v1.2/detect?recognitionModel=recognition_04", content=DAD, headers=BYTES)
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["faceId"])


def same(http: httpx.Client, one: str, other: str) -> bool:
    answer = http.post("/face/v1.2/verify", json={"faceId1": one, "faceId2": other})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["isIdentical"])


def sealed(tables: Tables, face_id: str) -> str:
    """The key under which it is stored."""
    row = tables.table("faceids").get(face_id[:4], face_id)
    assert row is not None
    return sealed_under(row["template"])


def test_ring_in_a_vault_seals_and_opens(started: ServiceProcess, deployed: Deployed, tables: Tables) -> None:
    face = detect(started.http)
    assert same(started.http, face, detect(started.http))
    assert sealed(tables, face) == active(deployed)


def test_key_that_was_added_is_taken_up_without_a_restart(
    started: ServiceProcess, deployed: Deployed, storage: str, tables: Tables
) -> None:
    """At once where something is sealed under it, and within a minute to seal; what was sealed before opens on."""
    old, before = active(deployed), detect(started.http)
    assert deployed.keys("add") == 0
    with deployed.service(storage) as newer:
        ahead = detect(newer.http)
        assert sealed(tables, ahead) == active(deployed) != old
        assert same(started.http, ahead, before)
    deadline = time.monotonic() + FRESH_SECONDS + 30
    while sealed(tables, after := detect(started.http)) == old and time.monotonic() < deadline:
        time.sleep(2)
    assert sealed(tables, after) == active(deployed)
    assert same(started.http, after, before)


def test_vault_that_goes_away_is_missed_by_nobody(started: ServiceProcess, deployed: Deployed) -> None:
    before = detect(started.http)
    asked = len(deployed.vault.asked)
    deployed.vault.status = 503
    deadline = time.monotonic() + FRESH_SECONDS + 30
    while len(deployed.vault.asked) == asked and time.monotonic() < deadline:
        time.sleep(2)
        assert same(started.http, before, detect(started.http))
    assert len(deployed.vault.asked) == asked + 2  # it looked, and looked again
    assert same(started.http, before, detect(started.http))


def unavailable(answer: httpx.Response, why: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ServiceUnavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert str(answer.json()["error"]["message"]).endswith(why)


def test_vault_that_is_away_at_the_start_is_503_until_it_is_back(storage: str, deployed: Deployed) -> None:
    assert deployed.keys("create") == 0
    deployed.vault.status = 503
    with deployed.service(storage) as waiting:
        assert waiting.http.get("/healthz").status_code == 200
        unavailable(waiting.http.get("/readyz"), "The key ring does not answer.")
        unavailable(waiting.http.post("/face/v1.2/verify", json={}), "The key ring does not answer.")
        deployed.vault.status, deployed.vault.seconds = 0, 60.0
        time.sleep(1.1)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as callers:
            answers = list(callers.map(waiting.http.get, ["/readyz"] * 8))
        assert time.monotonic() - began < 20  # two waits of 3 s, whoever asks
        for answer in answers:
            unavailable(answer, "The key ring does not answer.")
        deployed.vault.seconds = 0.0
        time.sleep(1.1)
        assert same(waiting.http, detect(waiting.http), detect(waiting.http))


def test_vault_without_a_ring_or_with_a_broken_one_is_a_service_that_is_not_configured(
    storage: str, deployed: Deployed
) -> None:
    with deployed.service(storage) as waiting:
        unavailable(waiting.http.get("/readyz"), "The service is not configured.")
        deployed.vault.secrets[KEY_RING] = [json.dumps({"active": "k", "keys": {}})]
        unavailable(waiting.http.get("/readyz"), "The service is not configured.")
        deployed.vault.secrets[KEY_RING] = [KeyRing.new(system_clock()).text()]
        assert waiting.http.get("/readyz").status_code == 200
