"""The checkout's virtual environment: made when missing, rebuilt after an interrupted install, else left alone."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.local import stamp
from infra.local.errors import LocalError

CONSTRAINTS = "constraints.txt"
RUN = ("requirements.txt", "infra/local/requirements.txt")
DEV = ("requirements-dev.txt",)
DEV_INCLUDES = RUN  # requirements-dev.txt includes these, so a change of theirs is a change of its own
NODE = "infra/local/requirements-node.txt"


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Environment:
    """The `.venv` of the checkout at `root`."""

    root: Path

    @property
    def directory(self) -> Path:
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        return self.directory / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def _interrupted(self) -> Path:
        """Exists while pip works: packages it left half-written look installed to the next pip."""
        return self.directory / "install-unfinished"

    def ensure_run(self) -> None:
        """What `run` needs is installed when this returns. Raises LocalError."""
        if not self._is_current("dev", DEV + DEV_INCLUDES):  # which includes all of it
            self._ensure("run", RUN, RUN)

    def ensure_dev(self) -> None:
        """What `test`, `check` and `bench` need is installed when this returns. Raises LocalError."""
        self._ensure("dev", DEV, DEV + DEV_INCLUDES)

    def install(self, *requirements: str) -> None:
        """pip-install requirement files of the checkout under its constraints. Raises LocalError."""
        arguments = [part for name in requirements for part in ("-r", name)]
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        self._interrupted.touch()
        code = subprocess.run([*pip, *arguments, "-c", CONSTRAINTS], cwd=self.root, check=False).returncode
        if code >= 0:  # it ended by itself, and so has undone what it could not finish
            self._interrupted.unlink()
        if code != 0:
            raise LocalError(f"pip could not install {' and '.join(requirements)}: its reason is above")

    def _ensure(self, name: str, requirements: tuple[str, ...], inputs: tuple[str, ...]) -> None:
        if self._is_current(name, inputs):
            return
        if self._interrupted.exists() or not self._usable():
            self._create()
        print(f"Installing {' and '.join(requirements)} into .venv (once, about a minute) ...", flush=True)
        self.install(*requirements)
        self._stamp(name).write_text(self._digest(inputs), encoding="utf-8")

    def _is_current(self, name: str, inputs: tuple[str, ...]) -> bool:
        whole = self.python.exists() and not self._interrupted.exists()
        return whole and stamp.is_current(self._stamp(name), self._digest(inputs))

    def _stamp(self, name: str) -> Path:
        return self.directory / f"{name}.stamp"

    def _digest(self, inputs: tuple[str, ...]) -> str:
        return stamp.digest([self.root / file for file in (*inputs, CONSTRAINTS)], python_version())

    def _usable(self) -> bool:
        """Whether it is whole, and made by this version of Python."""
        question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
        try:
            answer = subprocess.run([self.python, "-c", question], capture_output=True, text=True, check=False)
        except OSError:
            return False
        return answer.returncode == 0 and answer.stdout.strip() == python_version()

    def _create(self) -> None:
        print(f"Making .venv with Python {python_version()} ...", flush=True)
        if self.directory.exists():
            shutil.rmtree(self.directory)
        if subprocess.run([sys.executable, "-m", "venv", self.directory], check=False).returncode:
            raise LocalError("python -m venv failed: its reason is above (Debian and Ubuntu: install python3-venv)")
