"""`python dev.py secrets` against a Key Vault on this machine."""

from collections.abc import Iterator

import pytest

from infra.keys.places import KEY_RING
from infra.secrets.__main__ import KEYS, RECOGNIZER_KEYS, main
from infra.secrets.vault import Vault
from shared.settings import KEY_MIN_LENGTH
from shared.store.key_ring import KeyRing
from tests.key_vault import AUDIENCE, KeyVault, key_vault
from tests.store.entra import token


@pytest.fixture
def vault() -> Iterator[KeyVault]:
    with key_vault() as found:
        yield found


def run(url: str, *arguments: str, audience: str = AUDIENCE) -> int:
    return main([*arguments, "--vault", url], Vault(url, lambda: token(audience)))


def test_secrets_are_made_once_and_never_replaced(vault: KeyVault) -> None:
    assert run(vault.url, "make") == 0
    made = {name: list(versions) for name, versions in vault.secrets.items()}
    assert set(made) == {*KEYS, KEY_RING}
    assert run(vault.url, "make", "--recognizer") == 0
    assert {name: vault.secrets[name] for name in made} == made
    assert set(vault.secrets) == {*KEYS, *RECOGNIZER_KEYS, KEY_RING}


def test_what_is_made_is_what_the_service_takes(vault: KeyVault) -> None:
    assert run(vault.url, "make") == 0
    keys = [vault.secrets[name][0] for name in KEYS]
    assert all(len(key) >= KEY_MIN_LENGTH for key in keys)
    assert len(set(keys)) == len(keys)
    ring = KeyRing.parse(vault.secrets[KEY_RING][0], "here")
    assert list(ring.keys) == [ring.active]


def test_rotation_gives_one_key_a_new_value_and_cannot_touch_the_ring(vault: KeyVault) -> None:
    run(vault.url, "make")
    assert run(vault.url, "rotate", "face-key2") == 0
    assert {name: len(versions) for name, versions in vault.secrets.items()} == {KEYS[0]: 1, KEYS[1]: 2, KEY_RING: 1}
    with pytest.raises(SystemExit):
        run(vault.url, "rotate", KEY_RING)


@pytest.mark.parametrize(("status", "hint"), [(403, "Key Vault Secrets Officer"), (409, "recover it"), (500, "500")])
def test_vault_that_refuses_is_one_line_with_what_to_do_and_without_secrets(
    status: int, hint: str, vault: KeyVault, capsys: pytest.CaptureFixture[str]
) -> None:
    run(vault.url, "make")
    vault.status = status
    assert run(vault.url, "make") == 1
    said = capsys.readouterr()
    assert hint in said.err
    assert not any(value in said.out + said.err for versions in vault.secrets.values() for value in versions)


def test_vault_that_is_away_or_another_tenants_or_without_tls_is_said(
    vault: KeyVault, capsys: pytest.CaptureFixture[str]
) -> None:
    for url, audience, why in (
        (vault.url, "https://storage.azure.com", "az login"),
        ("http://127.0.0.1:1", AUDIENCE, "does not answer"),
        ("http://10.0.0.1", AUDIENCE, "https only"),
    ):
        assert run(url, "make", audience=audience) == 1
        assert why in capsys.readouterr().err
