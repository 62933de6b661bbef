"""The Azurite launcher: real Azurite processes on folders of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableClient
from azure.storage.queue import QueueServiceClient

from infra.local.azurite import ROOT, Azurite, AzuriteError
from infra.local.ports import are_free, free_ports

ENTITY = {"PartitionKey": "p", "RowKey": "r", "Value": 7}


def table(azurite: Azurite) -> TableClient:
    return TableClient.from_connection_string(azurite.connection_string, "kept")


def put(azurite: Azurite) -> None:
    with table(azurite) as client:
        client.create_table()
        client.create_entity(ENTITY)


def value(azurite: Azurite) -> object:
    with table(azurite) as client:
        return client.get_entity("p", "r")["Value"]


def eventually(holds: Callable[[], bool]) -> None:
    """For what happens in another process: asked again until it holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended(azurite: Azurite) -> bool:
    try:
        azurite.check()
    except AzuriteError:
        return True
    return False


def test_all_three_services_answer_when_the_block_begins_and_none_when_it_has_ended(tmp_path: Path) -> None:
    with Azurite(tmp_path) as azurite:
        put(azurite)
        with QueueServiceClient.from_connection_string(azurite.connection_string) as queues:
            assert list(queues.list_queues()) == []
        assert not are_free(azurite.ports)
    assert are_free(azurite.ports)


def test_a_second_start_on_the_folder_finds_the_data_of_the_first(tmp_path: Path) -> None:
    with Azurite(tmp_path) as first:
        put(first)
    with Azurite(tmp_path) as second:
        assert value(second) == ENTITY["Value"]


def test_a_folder_serves_one_azurite_at_a_time(tmp_path: Path) -> None:
    with Azurite(tmp_path), pytest.raises(AzuriteError, match="another process runs Azurite"):
        Azurite(tmp_path).start()


def test_a_dead_azurite_is_one_line_with_what_it_said(tmp_path: Path) -> None:
    with Azurite(tmp_path) as azurite:
        azurite.check()
        assert azurite.process_id is not None
        os.kill(azurite.process_id, signal.SIGKILL)
        eventually(lambda: ended(azurite))
        with pytest.raises(AzuriteError, match=r"^Azurite died with exit code -9: .*listening") as caught:
            azurite.check()
    assert "\n" not in str(caught.value)


def test_a_port_in_use_is_one_line_that_names_it(tmp_path: Path) -> None:
    with Azurite(tmp_path / "first") as first:
        second = Azurite(tmp_path / "second", (*free_ports(2), first.ports[2]))
        with pytest.raises(AzuriteError, match=f"cannot have port {first.ports[2]}: it is in use") as caught, second:
            pytest.fail("it must not start")
    assert "\n" not in str(caught.value)


def test_an_azurite_that_is_not_installed_is_one_line_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(AzuriteError, match=r"^Azurite is not installed: `python dev\.py run`"):
        Azurite(tmp_path / "data", installed=tmp_path).start()


@pytest.mark.slow
def test_it_does_not_outlive_the_process_that_started_it_and_saves_even_then(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from infra.local.azurite import Azurite; "
        "a = Azurite(Path(sys.argv[1])); a.start(); a.wait(); print(a.process_id, *a.ports, flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        process_id, *ports = (int(word) for word in parent.stdout.readline().split())
        put(Azurite(tmp_path, tuple(ports)))
        parent.kill()
    eventually(lambda: not psutil.pid_exists(process_id))
    with Azurite(tmp_path) as later:
        assert value(later) == ENTITY["Value"]


@pytest.mark.slow
def test_a_killed_azurite_loses_only_what_it_had_not_saved_yet(tmp_path: Path) -> None:
    """It saves tables every few seconds: a row that stands in its file survives, the row written just before does not
    have to, and the next start works in any case."""
    with Azurite(tmp_path) as azurite:
        put(azurite)
        eventually(lambda: "RowKey" in (tmp_path / "__azurite_db_table__.json").read_text(encoding="utf-8"))
        assert azurite.process_id is not None
        os.kill(azurite.process_id, signal.SIGKILL)
        eventually(lambda: ended(azurite))
    with Azurite(tmp_path) as later:
        assert value(later) == ENTITY["Value"]
        with table(later) as client, pytest.raises(ResourceNotFoundError):
            client.get_entity("p", "never")
