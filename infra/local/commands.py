"""The commands of dev.py: what each one sets up, and what it then runs. Standard library only."""

import os
import subprocess
import sys
from pathlib import Path

from infra.local import azurite, chromium, node
from infra.local.environment import Environment
from infra.local.errors import LocalError
from infra.local.folder_lock import lock_folder

ROOT = Path(__file__).parent.parent.parent
NODE_TESTS = ROOT / "tests" / "contract" / "node"
TOOLS = ("models", "audit", "secrets", "keys", "smoke")  # packages of infra/ with a command line of their own
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")  # what shares a module's fixtures stays in one process
STORAGE_SETTING = "AzureWebJobsStorage"
EMULATOR = "UseDevelopmentStorage=true"


def run(command: str, arguments: list[str]) -> int:
    """The exit code. Raises LocalError where the set-up fails; on POSIX a command that starts does not return."""
    if command == "run":
        return _run(arguments)
    environment = Environment(ROOT)
    if command in TOOLS:
        environment.ensure_run()
        return _become(environment, "-m", f"infra.{command}", *arguments)
    environment.ensure_dev()
    if command == "check":
        return _check(environment)
    _ensure_azurite(environment)
    if command == "test":
        return _test(environment, arguments)
    return _become(environment, "-m", "tests.benchmarks", *arguments)


def own_storage() -> bool:
    """Whether the environment names a storage account, so that no emulator is needed."""
    return os.environ.get(STORAGE_SETTING, "").strip() not in ("", EMULATOR)


def _run(arguments: list[str]) -> int:
    emulated = not own_storage()
    if emulated:
        _check_that_none_runs()  # before its .venv could be replaced under it
    environment = Environment(ROOT)
    environment.ensure_run()
    if emulated:
        _ensure_azurite(environment)
    return _become(environment, "-m", "infra.local", *arguments)


def _check_that_none_runs() -> None:
    azurite.DATA.mkdir(parents=True, exist_ok=True)
    lock = lock_folder(azurite.DATA)
    if lock is None:
        raise LocalError("Ownface already runs from this checkout: stop that one first, or run from another clone")
    lock.close()


def _test(environment: Environment, arguments: list[str]) -> int:
    if (NODE_TESTS / "package.json").exists():
        node.ensure(environment).install(NODE_TESTS)
    chromium.ensure()
    chosen = [] if "--all" in arguments else ["-m", "not slow"]
    own = [word for word in arguments if word != "--all"]
    return _become(environment, "-m", "pytest", *chosen, *(own or SIDE_BY_SIDE))


def _check(environment: Environment) -> int:
    """Runs all of them, so that one look shows everything."""
    codes = [subprocess.run([environment.python, "-m", *check], cwd=ROOT, check=False).returncode for check in CHECKS]
    return max(codes, key=abs)


def _ensure_azurite(environment: Environment) -> None:
    if not azurite.is_installed(environment.scripts):
        azurite.install(node.ensure(environment))


def _become(environment: Environment, *arguments: str) -> int:
    """Run the environment's Python in place of this process, so that signals and the exit code are its own."""
    os.chdir(ROOT)
    command = [str(environment.python), *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:  # the command got the same Ctrl-C and has stopped by itself
        return 0
