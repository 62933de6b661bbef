"""Chromium for the browser tests: found, installed where that is possible, or else left to the tests to miss."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import chromium

ROOT = Path(__file__).parents[2]


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "_is_root", lambda: True)
    return tmp_path


def test_the_machines_own_is_taken_and_nothing_installed(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program(path, "chromium-browser", "exit 0")
    program(path, "apt-get", "echo called >&2; exit 1")
    chromium.ensure()
    assert chromium.find() == path / "chromium-browser"
    assert capfd.readouterr() == ("", "")


def test_missing_one_is_installed_quietly_and_once(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = f'printf "#!/bin/sh\\n" > {path}/chromium; /bin/chmod +x {path}/chromium'
    program(
        path, "apt-get", f'echo noise; case "$*" in *"install --yes --no-install-recommends chromium") {made};; esac'
    )
    chromium.ensure()
    chromium.ensure()
    assert chromium.find() == path / "chromium"
    assert capfd.readouterr().out.splitlines() == [
        "Installing Chromium for the browser tests (once, about a minute) ..."
    ]


def test_failed_install_gives_its_reason_and_does_not_stop_the_other_tests(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(path, "apt-get", "echo no such package >&2; exit 100")
    chromium.ensure()
    assert chromium.find() is None
    assert capfd.readouterr().out.splitlines()[-1] == "apt-get update failed: no such package"


def test_who_is_not_root_installs_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chromium, "_is_root", lambda: False)
    program(path, "apt-get", "echo called; exit 0")
    chromium.ensure()
    assert capfd.readouterr().out == ""
    assert "apt-get install chromium" in chromium.NOT_TO_BE_HAD


@pytest.mark.parametrize(("setting", "outcome"), [("true", "1 error"), ("", "1 skipped")])
@pytest.mark.slow
def test_browser_tests_without_one_say_so_and_fail_where_ci_is_true(path: Path, setting: str, outcome: str) -> None:
    one = "test_contrast_of_a_page_that_cannot_be_read_is_noticed"
    command = [sys.executable, "-m", "pytest", "-q", "tests/browser/test_accessibility.py", "-k", one]
    environment = {**os.environ, "PATH": str(path), "CI": setting}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert outcome in ended.stdout
    assert chromium.NOT_TO_BE_HAD in ended.stdout
    assert ended.returncode == (1 if setting else 0)
