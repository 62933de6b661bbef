"""What dev.py refuses before it sets anything up."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import azurite, commands
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


def test_an_unknown_command_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "dev.py", "rum"], cwd=azurite.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no command rum" in done.stderr
