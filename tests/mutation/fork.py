"""Runs tests on mutants, each in a fork, so that a mutant costs its tests and little more. No file is changed.

A mutant of a function is put into the fork of a process which has collected the tests already. One that changes what
is made as a module loads is tried in the fork of a process that has loaded nothing of ours: there its module loads as
the mutant."""

import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from tests.mutation.applied import apply, module_name
from tests.mutation.mutants import ROOT, Mutant

HEAVY = (
    *("azure.data.tables", "azure.storage.blob", "azure.storage.queue", "azure.functions", "azure.identity"),
    *("cryptography.hazmat.primitives.asymmetric.rsa", "jwt", "msgspec", "numpy", "onnxruntime", "cv2", "httpx"),
    *("hypothesis", "opentelemetry.sdk.trace", "opentelemetry.sdk.metrics", "jsonschema", "yaml"),
)
OPTIONS = (
    *("-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # about asserts of plugins, which are loaded already
)
SURVIVED, KILLED, LATE = "survived", "killed", "killed by time"


def prepare() -> None:
    """Imports what every mutant needs; nothing of ours, for that may be what is changed."""
    for name in HEAVY:
        importlib.import_module(name)


def forked(run: Callable[[], int], seconds: float) -> str:
    """What came of `run`, 0 being survival, in a fork which ends with all that it started."""
    process = os.fork()
    if process == 0:
        try:
            os.setpgid(0, 0)
            os._exit(run())
        finally:
            os._exit(1)  # whatever happened, what was forked does not go on
    deadline = time.monotonic() + seconds
    status = None
    while status is None and time.monotonic() < deadline:
        ended, code = os.waitpid(process, os.WNOHANG)
        if ended:
            status = code
        else:
            time.sleep(0.01)
    with suppress(ProcessLookupError):  # it started nothing that is left
        os.killpg(process, signal.SIGKILL)
    if status is None:
        os.waitpid(process, 0)
        return LATE
    return KILLED if status else SURVIVED


def run_tests(tests: Sequence[str], folder: Path, plugins: Sequence[object]) -> int:
    """`folder`: for the files of these tests, which are overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    return int(pytest.main([*OPTIONS, f"--basetemp={folder / 'tmp'}", *tests], list(plugins)))


def loaded_as(mutant: Mutant, tests: Sequence[str], folder: Path) -> int:
    """First the tests that are its own, which load little."""
    sys.meta_path.insert(0, _Finder(mutant))
    rest = tests[1:]
    return run_tests(tests[:1], folder, []) or (run_tests(rest, folder, []) if rest else 0)


class Collected:
    """A plugin: once the tests are collected it calls `work` instead of running them, with what runs them."""

    def __init__(self, work: Callable[[Callable[[Mutant | None], int]], None]) -> None:
        self._work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        def run(mutant: Mutant | None) -> int:
            if mutant:
                apply(mutant)
            for at, item in enumerate(session.items):
                following = session.items[at + 1] if at + 1 < len(session.items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    return 1
            return 0 if session.items else 5

        self._work(run)
        return True


class _Loader(SourceFileLoader):
    def __init__(self, name: str, mutant: Mutant) -> None:
        super().__init__(name, str(ROOT / mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._mutant.source, self.get_filename(fullname), "exec")
        return code


class _Finder:
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != module_name(self._mutant.path):
            return None
        loader = _Loader(name, self._mutant)
        return importlib.util.spec_from_file_location(name, str(ROOT / self._mutant.path), loader=loader)
