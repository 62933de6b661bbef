"""dev.py's set-up: the virtual environment, Node.js, and what an unfinished one does to the next start."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import azurite, commands, node, stamp
from infra.local.azurite import ROOT
from infra.local.environment import NODE, Environment
from infra.local.errors import LocalError

FILES = ("requirements.txt", "infra/local/requirements.txt", "requirements-dev.txt", NODE, "constraints.txt")
MISSING = "./no-such-folder\n"
OTHER_PYTHONS = Path.home() / ".pyenv" / "versions"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Of a checkout that requires no packages, so that a set-up is quick; everything else about it is real."""
    (tmp_path / "infra" / "local").mkdir(parents=True)
    for file in FILES:
        (tmp_path / file).write_text("# nothing\n", encoding="utf-8")
    return Environment(tmp_path)


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def has_pip(environment: Environment) -> bool:
    question = [str(environment.python), "-c", "import pip"]
    return subprocess.run(question, check=False, capture_output=True).returncode == 0


def break_pip(environment: Environment) -> None:
    """Afterwards only a set-up that does not call pip can succeed."""
    for pip in environment.directory.glob("**/site-packages/pip"):
        shutil.rmtree(pip)
    assert not has_pip(environment)


def test_a_second_start_does_not_call_pip(environment: Environment, capfd: pytest.CaptureFixture[str]) -> None:
    environment.ensure_dev()
    break_pip(environment)
    capfd.readouterr()
    environment.ensure_dev()
    environment.ensure_run()
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_a_changed_requirement_calls_pip_again_in_the_same_environment(environment: Environment) -> None:
    environment.ensure_run()
    kept = environment.directory / "kept"
    kept.touch()
    (environment.root / "infra/local/requirements.txt").write_text(MISSING, encoding="utf-8")
    with pytest.raises(LocalError, match=r"pip could not install requirements\.txt and infra/local/requirements\.txt"):
        environment.ensure_run()
    (environment.root / "infra/local/requirements.txt").write_text("# nothing more\n", encoding="utf-8")
    environment.ensure_run()
    assert kept.exists()


@pytest.mark.slow
def test_an_interrupted_install_is_made_anew(environment: Environment) -> None:
    environment.scripts.mkdir(parents=True)
    half_written = environment.directory / "half-written"
    half_written.touch()
    (environment.directory / "install-unfinished").touch()
    environment.ensure_run()
    assert not half_written.exists()
    assert not (environment.directory / "install-unfinished").exists()
    assert has_pip(environment)


@pytest.mark.slow
def test_a_half_made_environment_is_made_anew(environment: Environment) -> None:
    program(environment.scripts, "python", "exit 1")
    environment.ensure_run()
    assert has_pip(environment)


@pytest.mark.slow
def test_an_environment_whose_python_is_gone_is_made_anew(environment: Environment) -> None:
    environment.scripts.mkdir(parents=True)
    environment.python.symlink_to("/nowhere/python")
    environment.ensure_run()
    assert has_pip(environment)


def test_a_stamp_is_current_only_for_exactly_its_inputs(tmp_path: Path) -> None:
    file, mark = tmp_path / "a", tmp_path / "stamp"
    file.write_text("1", encoding="utf-8")
    first = stamp.digest([file], "3.11")
    assert not stamp.is_current(mark, first)
    mark.write_text(first, encoding="utf-8")
    assert stamp.is_current(mark, stamp.digest([file], "3.11"))
    assert not stamp.is_current(mark, stamp.digest([file], "3.12"))
    file.write_text("2", encoding="utf-8")
    assert not stamp.is_current(mark, stamp.digest([file], "3.11"))


def test_no_npm_and_no_package_of_it_is_one_line_that_says_what_to_do(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(environment.scripts, "python", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    (environment.root / NODE).write_text(MISSING, encoding="utf-8")
    with pytest.raises(LocalError, match=r"install Node\.js, or set AzureWebJobsStorage") as caught:
        node.ensure(environment)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("version", "npm", "found"),
    [
        ("echo v20.0.0", "echo 10", True),
        ("echo v18.20.4", "echo 10", False),
        ("exit 127", "echo 10", False),  # as a version manager's shims
        ("echo v22.1.0", "exit 127", False),
        ("echo nonsense", "echo 10", False),
    ],
)
def test_only_a_node_that_answers_and_is_new_enough_is_used(
    version: str, npm: str, found: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "bin", "node", version)
    program(tmp_path / "bin", "npm", npm)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert (node.find(tmp_path / "scripts") is not None) == found


def test_the_environments_node_serves_where_the_machine_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("node", "npm"):
        program(tmp_path / "scripts", name, "echo v22.20.0")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert node.find_node(tmp_path / "scripts") == tmp_path / "scripts" / "node"
    assert node.find(tmp_path / "scripts") is not None


def test_npm_runs_once_for_what_the_lock_pins(tmp_path: Path) -> None:
    folder, log = tmp_path / "package", tmp_path / "log"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    program(tmp_path / "bin", "npm", f'echo "$@" >> {log}; mkdir -p node_modules')
    tools = node.Node(tmp_path / "bin" / "node", tmp_path / "bin" / "npm")
    tools.install(folder)
    tools.install(folder)
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1
    (folder / "package-lock.json").write_text('{"new": 1}', encoding="utf-8")
    tools.install(folder)
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2


def test_an_npm_that_fails_is_tried_again_by_the_next_start(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    program(tmp_path / "bin", "npm", "mkdir -p node_modules; exit 1")
    tools = node.Node(tmp_path / "bin" / "node", tmp_path / "bin" / "npm")
    for _ in range(2):
        with pytest.raises(LocalError, match="npm could not install"):
            tools.install(tmp_path)


def test_the_installed_azurite_is_the_pinned_one(tmp_path: Path) -> None:
    scripts = Path(sys.executable).parent
    assert azurite.is_installed(scripts)
    assert not azurite.is_installed(scripts, tmp_path)
    for name in ("package.json", "package-lock.json"):
        assert (azurite.INSTALLED / name).read_bytes() == (ROOT / "infra" / "local" / name).read_bytes()


@pytest.mark.parametrize(
    ("value", "own"),
    [("", False), ("UseDevelopmentStorage=true", False), ("DefaultEndpointsProtocol=https;AccountName=a", True)],
)
def test_only_a_storage_account_replaces_azurite(value: str, own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", value)
    assert commands.own_storage() == own


def dev(*arguments: str, python: Path | str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, ROOT / "dev.py", *arguments], capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def test_an_unknown_command_prints_the_commands_and_fails() -> None:
    answer = dev("dance")
    assert answer.returncode == 2
    for command in ("run", "test", "check", "bench"):
        assert f"\n    {command} " in answer.stdout


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_a_python_that_is_too_old_is_one_line_that_names_what_is_needed(version: str) -> None:
    found = sorted(OTHER_PYTHONS.glob(f"{version}.*/bin/python3"))
    if not found:
        pytest.skip(f"no Python {version} here")
    answer = dev("run", python=found[0])
    assert answer.returncode == 1
    assert answer.stderr == f"dev.py: it needs Python 3.11, 3.12 or 3.13; this is {version}\n"
