"""What dev.py refuses before it sets anything up."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import azurite, commands
from infra.local.environment import Environment
from infra.local.errors import LocalError
from infra.local.folder_lock import lock_folder


def test_a_second_run_from_one_checkout_is_refused_before_its_venv_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azurite, "DATA", tmp_path)
    monkeypatch.setattr(commands, "Environment", lambda _: pytest.fail("set up"))
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    with lock_folder(tmp_path) or pytest.fail("locked"), pytest.raises(LocalError, match="already runs"):
        commands.run("run", [])


@pytest.mark.parametrize("command", ["test", "bench"])
def test_what_needs_storage_installs_azurite_where_it_is_missing(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(_: object) -> None:
        raise LocalError("Azurite is being installed")

    monkeypatch.setattr(Environment, "ensure_dev", lambda _: None)
    monkeypatch.setattr(azurite, "is_installed", lambda _: False)
    monkeypatch.setattr(azurite, "install", install)
    monkeypatch.setattr(commands, "_become", lambda *_: pytest.fail("started without Azurite"))
    with pytest.raises(LocalError, match="is being installed"):
        commands.run(command, [])


def test_an_unknown_command_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "dev.py", "rum"], cwd=azurite.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no command rum" in done.stderr
