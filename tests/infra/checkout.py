"""A copy of the checkout for tests that start the service: its `.local` and local.settings.json are its own."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from infra.local.azurite import INSTALLED, ROOT
from infra.local.ports import free_ports

MODELS = ROOT.parent / "shared" / "models"
SOURCES = ("function_app.py", "host.json", "functions", "shared", "infra")
UP_SECONDS = 240  # where others use the machine too
LAST_LINE = "--data-binary"  # of what the service prints when it is up
SETTINGS = ("AzureWebJobsStorage", "FACE_KEY1", "FACE_KEY2", "FACE_KEY_RING_FILE", "FACE_MODELS_DIR")


@dataclass(frozen=True, slots=True)
class Checkout:
    folder: Path

    @classmethod
    def copy(cls, folder: Path, *, azurite: bool = True) -> Self:
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, folder / name)
        if azurite:
            (folder / ".local").mkdir()
            (folder / ".local" / "azurite").symlink_to(INSTALLED)
        return cls(folder)

    def start(self, port: int | None = None, **settings: str) -> "Service":
        """`settings` are environment variables; the ones of this process that the service reads are left out."""
        chosen = port or free_ports(1)[0]
        environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        return Service(self.folder, chosen, {**environment, "FACE_MODELS_DIR": str(MODELS), **settings})


@dataclass(slots=True)
class Service:
    """`python -m infra.local` as a process of its own. As a context manager it is killed at the end, if need be."""

    folder: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[str] = field(init=False)
    lines: list[str] = field(init=False, default_factory=list)
    _changed: threading.Condition = field(init=False, default_factory=threading.Condition)
    _reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local", "--port", str(self.port)],
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_until_up(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: LAST_LINE in self.output or self.process.poll() is not None, UP_SECONDS)
        assert LAST_LINE in self.output, self.output

    def end(self, number: signal.Signals | None = None) -> int:
        """Send a signal, or none, and wait for the exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join(60)
        return code

    def azurite(self) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        return next((child for child in children if "azurite.js" in " ".join(child.cmdline())), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        if self.process.stdout:
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()
