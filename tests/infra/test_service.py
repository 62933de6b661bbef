"""`python -m infra.local` as a person starts it: a process of its own, in a copy of the checkout."""

import json
import signal
import socket
import stat
from pathlib import Path

import httpx
import pytest
from azure.data.tables import TableClient

from infra.local.azurite import ROOT, Azurite
from infra.local.host import listen
from tests.infra.checkout import Checkout

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.copy(tmp_path)


def settings(checkout: Checkout) -> dict[str, str]:
    document = json.loads((checkout.folder / "local.settings.json").read_text(encoding="utf-8"))
    assert document["IsEncrypted"] is False
    values = document["Values"]
    assert isinstance(values, dict)
    return values


def refusal(output: str) -> str:
    """The one line that a start that failed leaves."""
    (line,) = output.splitlines()
    assert line.startswith("ownface: ")
    return line


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop_and_leaves_nothing_running(
    checkout: Checkout, number: signal.Signals
) -> None:
    with checkout.start() as service:
        service.wait_until_up()
        assert httpx.get(f"{service.url}/healthz").status_code == 200
        azurite = service.azurite()
        assert azurite is not None
        assert service.end(number) == 0
        assert not azurite.is_running()
        assert "Traceback" not in service.output


def test_it_prints_the_endpoint_the_key_and_a_call_to_try(checkout: Checkout) -> None:
    with checkout.start() as service:
        service.wait_until_up()
        key = settings(checkout)["FACE_KEY1"]
        assert f"endpoint  {service.url}\n" in service.output
        assert f"key       {key}\n" in service.output
        assert f'curl "{service.url}/face/v1.2/detect' in service.output


def test_a_second_start_finds_the_keys_and_the_data_of_the_first(checkout: Checkout) -> None:
    with checkout.start() as first:
        first.wait_until_up()
        before = settings(checkout)
        with TableClient.from_connection_string(before["AzureWebJobsStorage"], "kept") as table:
            table.create_table()
            table.create_entity({"PartitionKey": "p", "RowKey": "r", "Value": 7})
        assert first.end(signal.SIGINT) == 0
    with checkout.start() as second:
        second.wait_until_up()
        after = settings(checkout)
        with TableClient.from_connection_string(after["AzureWebJobsStorage"], "kept") as table:
            assert table.get_entity("p", "r")["Value"] == 7
    for name in ("FACE_KEY1", "FACE_KEY2", "FACE_KEY_RING_FILE"):
        assert after[name] == before[name]


@pytest.mark.slow
def test_secrets_are_readable_by_their_owner_only(checkout: Checkout) -> None:
    with checkout.start() as service:
        service.wait_until_up()
    for file in (".local/keys.json", ".local/key_ring.json", "local.settings.json"):
        assert stat.S_IMODE((checkout.folder / file).stat().st_mode) == 0o600


@pytest.mark.slow
def test_local_settings_keep_what_a_developer_added(checkout: Checkout) -> None:
    file = checkout.folder / "local.settings.json"
    file.write_text('{"IsEncrypted": false, "Values": {"MINE": "1"}, "Host": {"CORS": "*"}}', encoding="utf-8")
    with checkout.start() as service:
        service.wait_until_up()
    assert settings(checkout)["MINE"] == "1"
    assert settings(checkout)["FUNCTIONS_WORKER_RUNTIME"] == "python"
    assert json.loads(file.read_text(encoding="utf-8"))["Host"] == {"CORS": "*"}


@pytest.mark.slow
def test_keys_and_storage_of_the_environment_are_used_instead_of_its_own(checkout: Checkout, azurite: Azurite) -> None:
    with checkout.start(FACE_KEY1=KEY, AzureWebJobsStorage=azurite.connection_string) as service:
        service.wait_until_up()
        assert service.azurite() is None
        assert httpx.get(f"{service.url}/healthz").status_code == 200
    assert settings(checkout)["FACE_KEY1"] == KEY
    assert settings(checkout)["AzureWebJobsStorage"] == azurite.connection_string


@pytest.mark.slow
def test_the_emulators_short_name_means_its_own_azurite(checkout: Checkout) -> None:
    with checkout.start(AzureWebJobsStorage="UseDevelopmentStorage=true") as service:
        service.wait_until_up()
        assert service.azurite() is not None


def test_a_port_in_use_is_one_line(checkout: Checkout) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with checkout.start(port) as service:
            assert service.end() == 1
            assert f"cannot listen on port {port} of 127.0.0.1" in refusal(service.output)


def test_missing_models_are_one_line_and_stop_azurite(checkout: Checkout) -> None:
    with checkout.start(FACE_MODELS_DIR=str(checkout.folder)) as service:
        assert service.end() == 1
        assert "model files are missing" in refusal(service.output)


def test_a_setting_that_is_wrong_is_one_line_without_its_value(checkout: Checkout) -> None:
    with checkout.start(FACE_KEY1="too-short") as service:
        assert service.end() == 1
        assert "FACE_KEY1" in refusal(service.output)
        assert "too-short" not in service.output
    assert not (checkout.folder / "local.settings.json").exists()


def test_an_altered_model_is_one_line_before_anybody_is_told_that_the_service_is_up(
    checkout: Checkout, tmp_path: Path
) -> None:
    for model in (ROOT.parent / "shared" / "models").glob("*.onnx"):
        (tmp_path / model.name).write_bytes(model.read_bytes() + b"x")
    with checkout.start(FACE_MODELS_DIR=str(tmp_path)) as service:
        assert service.end() == 1
        assert "is not the pinned model" in refusal(service.output)
        assert "endpoint" not in service.output


def test_storage_that_does_not_answer_is_one_line_without_its_key(checkout: Checkout) -> None:
    nowhere = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0LXNlY3JldA==;TableEndpoint=http://127.0.0.1:1/a;"
    with checkout.start(AzureWebJobsStorage=nowhere) as service:
        assert service.end() == 1
        assert "does not answer" in refusal(service.output)
        assert "c2VjcmV0" not in service.output


def test_a_missing_azurite_is_one_line(tmp_path: Path) -> None:
    with Checkout.copy(tmp_path, azurite=False).start() as service:
        assert service.end() == 1
        assert "Azurite is not installed" in refusal(service.output)


def test_an_azurite_that_dies_ends_the_service_with_one_line(checkout: Checkout) -> None:
    with checkout.start() as service:
        service.wait_until_up()
        azurite = service.azurite()
        assert azurite is not None
        azurite.kill()
        assert service.end() == 1
        assert "ownface: Azurite died with exit code -9" in service.lines[-1]
        assert "Traceback" not in service.output


def test_answers_do_not_wait_for_nagles_algorithm() -> None:
    """asyncio turns it off for a connection only where the listening socket names its protocol."""
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP
