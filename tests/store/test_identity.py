"""Storage without keys, reached as a managed identity: a real Azurite that takes tokens only."""

from collections.abc import Iterator

import pytest
from azure.core.exceptions import ClientAuthenticationError

from shared.settings import Settings, SettingsError
from shared.store import account
from shared.store.blobs import Blobs
from shared.store.identity import ManagedIdentity, own_identity
from shared.store.tables import StoreUnavailable, Tables
from shared.store.work_queue import WorkQueue
from tests.store.entra import CLIENT, HEADER, Identity, KeylessStorage, identity, keyless_storage
from tests.test_settings import MINIMAL


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeylessStorage]:
    with keyless_storage(tmp_path_factory.mktemp("keyless")) as storage:
        yield storage


@pytest.fixture
def endpoint(keyless: KeylessStorage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    """The identity of this process, and trust in the storage's certificate."""
    with identity() as found:
        for name, value in {**found.settings(), "REQUESTS_CA_BUNDLE": str(keyless.certificate)}.items():
            monkeypatch.setenv(name, value)
        own_identity.cache_clear()
        yield found
    own_identity.cache_clear()


def test_tables_blobs_and_queue_work_without_a_key_on_one_token(endpoint: Identity, keyless: KeylessStorage) -> None:
    table = Tables(keyless.connection_string).table("keyless")
    table.put([{"PartitionKey": "p", "RowKey": "r", "value": 7}])
    assert (table.get("p", "r") or {})["value"] == 7
    blobs = Blobs(keyless.connection_string, "keyless")
    blobs.put("name", b"data")
    assert blobs.get("name") == b"data"
    WorkQueue(keyless.connection_string).send({"do": "nothing"})
    resource = {"resource": "https://storage.azure.com", "api-version": "2019-08-01", "client_id": CLIENT}
    assert endpoint.asked == [resource]


def test_token_for_something_else_is_storage_that_does_not_answer(endpoint: Identity, keyless: KeylessStorage) -> None:
    endpoint.audience = "https://vault.azure.net"
    with pytest.raises(StoreUnavailable):
        Tables(keyless.connection_string).ping()


def test_token_that_expires_soon_is_asked_for_anew(endpoint: Identity) -> None:
    asker = ManagedIdentity(CLIENT, endpoint.settings())
    endpoint.lifetime = 200
    asker.get_token("https://storage.azure.com/.default")
    endpoint.lifetime = 3600
    asker.get_token("https://storage.azure.com/.default")
    asker.get_token("https://storage.azure.com/.default")
    assert len(endpoint.asked) == 2


def test_identity_that_is_not_there_or_refuses_is_said_without_its_secret(endpoint: Identity) -> None:
    for settings in (
        {},
        {**endpoint.settings(), "IDENTITY_HEADER": "wrong"},
        {**endpoint.settings(), "IDENTITY_ENDPOINT": "http://127.0.0.1:1/"},
    ):
        with pytest.raises(ClientAuthenticationError) as refused:
            ManagedIdentity(CLIENT, settings).get_token("https://storage.azure.com/.default")
        assert HEADER not in str(refused.value)


def test_token_never_goes_over_plain_http() -> None:
    for client in (account.blob_service, account.table_service):
        with pytest.raises(ValueError, match="not https"):
            client("BlobEndpoint=http://10.0.0.1/a;QueueEndpoint=http://10.0.0.1/a;TableEndpoint=http://10.0.0.1/a")


def test_endpoints_take_the_place_of_a_connection_string_and_all_three_are_needed(keyless: KeylessStorage) -> None:
    without = {name: value for name, value in MINIMAL.items() if name != "AzureWebJobsStorage"}
    assert Settings.from_environment({**without, **keyless.settings()}).storage == keyless.connection_string
    two = {name: value for name, value in keyless.settings().items() if "queue" not in name}
    with pytest.raises(SettingsError, match="AzureWebJobsStorage is not set"):
        Settings.from_environment({**without, **two})
