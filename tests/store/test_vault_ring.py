"""The key ring out of a Key Vault on this machine, over TLS and as a managed identity."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.keys.places import KEY_RING
from shared.clock import system_clock
from shared.store import vault
from shared.store.identity import own_identity
from shared.store.key_ring import KeyRing, KeyRingAway, KeyRingError
from shared.store.live_ring import FRESH_SECONDS, LiveRing
from shared.store.vault_ring import VaultRing, vault_ring
from tests.key_vault import AUDIENCE, KeyVault, key_vault
from tests.sdk.certificates import issue
from tests.store.entra import CLIENT, HEADER, Identity, identity, token


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[KeyVault, Identity]]:
    """A vault with a ring and an identity that may read it, for this process."""
    certificates = issue(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    with key_vault(certificates.server, "localhost") as found, identity() as who:
        for name, value in who.settings().items():
            monkeypatch.setenv(name, value)
        found.secrets[KEY_RING] = [KeyRing.new(system_clock()).text()]
        for known in (own_identity, vault_ring, vault._trust):
            known.cache_clear()
        yield found, who
    for known in (own_identity, vault_ring, vault._trust):
        known.cache_clear()


def secret(found: KeyVault) -> str:
    return f"{found.url}/secrets/{KEY_RING}"


def test_ring_is_read_over_tls_as_the_identity_that_the_settings_name(asked: tuple[KeyVault, Identity]) -> None:
    found, who = asked
    ring = LiveRing.opened(None, secret(found), CLIENT)
    assert ring.now().text() == found.secrets[KEY_RING][0]
    assert who.asked == [{"resource": AUDIENCE, "api-version": "2019-08-01", "client_id": CLIENT}]
    assert found.asked == [("GET", KEY_RING)]


def test_vault_whose_certificate_nobody_vouches_for_gets_no_token(
    asked: tuple[KeyVault, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, _ = asked
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(KeyRingAway, match="SSLCertVerificationError"):
        LiveRing.opened(None, secret(found), "")
    assert not found.asked


def test_new_key_is_taken_up_and_a_vault_that_falls_silent_changes_nothing(
    asked: tuple[KeyVault, Identity], caplog: pytest.LogCaptureFixture
) -> None:
    found, _ = asked
    now = [0.0]
    ring = LiveRing(vault_ring(secret(found), "").load, lambda: now[0])
    newer = ring.now().with_new_key(system_clock())
    found.secrets[KEY_RING].append(newer.text())
    assert ring.now().active != newer.active
    now[0] = FRESH_SECONDS
    assert ring.now().active == newer.active
    found.status = 503
    now[0] += FRESH_SECONDS
    with caplog.at_level(logging.ERROR):
        assert ring.now().active == newer.active
    assert "used as it was" in caplog.text


@pytest.mark.parametrize("status", [429, 500, 503])
def test_vault_that_cannot_answer_now_is_asked_twice_and_is_away(status: int, asked: tuple[KeyVault, Identity]) -> None:
    found, _ = asked
    found.status = status
    with pytest.raises(KeyRingAway, match=f"answered {status}"):
        LiveRing.opened(None, secret(found), "")
    assert len(found.asked) == 2


@pytest.mark.parametrize(("status", "hint"), [(401, "token"), (403, "Secrets User"), (404, "no such"), (302, "302")])
def test_vault_that_refuses_is_asked_once_and_is_not_away(
    status: int, hint: str, asked: tuple[KeyVault, Identity]
) -> None:
    found, _ = asked
    found.status, found.elsewhere = status, secret(found)
    with pytest.raises(KeyRingError, match=hint) as refused:
        LiveRing.opened(None, secret(found), "")
    assert not isinstance(refused.value, KeyRingAway)
    assert len(found.asked) == 1


def test_failures_tell_no_key_and_no_token(asked: tuple[KeyVault, Identity]) -> None:
    found, who = asked
    said = []
    for content in ("c2VjcmV0", '{"active": "a", "keys": {"a": "c2VjcmV0"}}', "x" * 70_000):
        found.secrets[KEY_RING] = [content]
        with pytest.raises(KeyRingError) as refused:
            VaultRing(secret(found), lambda: token(AUDIENCE)).load()
        said.append(str(refused.value))
    who.audience = "https://storage.azure.com"
    with pytest.raises(KeyRingError, match="401") as refused:
        LiveRing.opened(None, secret(found), "")
    said.append(str(refused.value))
    assert all(secret(found) in line for line in said)
    assert not any(text in line for line in said for text in ("c2VjcmV0", "xx", token()[:20], HEADER))


def test_identity_that_is_not_there_is_a_ring_that_is_away(
    asked: tuple[KeyVault, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IDENTITY_ENDPOINT")
    with pytest.raises(KeyRingAway, match="no managed identity"):
        LiveRing.opened(None, secret(asked[0]), "")


def test_vault_that_was_away_is_not_waited_for_by_everybody(asked: tuple[KeyVault, Identity]) -> None:
    found, _ = asked
    found.status = 503
    ring = vault_ring(secret(found), "")
    for _ in range(20):
        with pytest.raises(KeyRingAway):
            ring.load()
    assert len(found.asked) == 2
    found.status = 0
    time.sleep(1.1)
    assert ring.load().text() == found.secrets[KEY_RING][0]
