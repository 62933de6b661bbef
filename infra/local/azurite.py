"""Azurite, the storage emulator: blob, queue and table services on loopback ports, with their data in one folder."""

import http.client
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from infra.local import node, ports
from infra.local.errors import LocalError
from infra.local.folder_lock import lock_folder

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
INSTALLED = ROOT / ".local" / "azurite"
DATA = ROOT / ".local" / "azurite-data"  # what `dev.py run` stores
PROGRAM = Path("node_modules/azurite/dist/src/azurite.js")
STANDARD_PORTS = (10000, 10001, 10002)  # blob, queue, table: where storage tools look for it
ACCOUNT = "devstoreaccount1"
# The emulator's published account key: the same on every machine, and no secret.
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
START_SECONDS = 60
STOP_SECONDS = 10
TAIL_BYTES = 600


class AzuriteError(LocalError):
    """Azurite is not installed, did not start, or died. The text is one line with what it said last."""


def is_installed(scripts: Path, folder: Path = INSTALLED) -> bool:
    """Whether what the checkout pins is there, with a Node.js to run it."""
    pinned = (HERE / "package-lock.json").read_bytes()
    copied = folder / "package-lock.json"
    complete = folder / "node_modules" / "install.stamp"
    return (
        complete.exists() and copied.exists() and copied.read_bytes() == pinned and node.find_node(scripts) is not None
    )


def install(tools: node.Node, folder: Path = INSTALLED) -> None:
    """Install the pinned Azurite. Raises LocalError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    tools.install(folder)


@dataclass(slots=True)
class Azurite:
    """`start` returns at once, `wait` when all three services answer; as a context manager both, and `stop` at the end.

    `location` keeps the data: a later Azurite on the same folder finds it. One process at a time may use a folder.
    A stop saves everything. Azurite holds table and queue rows and the index of blobs in memory and writes them every
    few seconds, so one killed with SIGKILL loses what was written in the last seconds before."""

    location: Path
    ports: tuple[int, ...] = field(default_factory=lambda: ports.free_ports(3))
    installed: Path = INSTALLED
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)
    _lock: IO[bytes] | None = field(init=False, default=None)

    @property
    def connection_string(self) -> str:
        blob, queue, table = (f"http://{ports.LOOPBACK}:{port}/{ACCOUNT}" for port in self.ports)
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
            f"BlobEndpoint={blob};QueueEndpoint={queue};TableEndpoint={table};"
        )

    @property
    def process_id(self) -> int | None:
        """Of the running Azurite; None before start and after stop."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Raises AzuriteError where it is not installed, or another process uses a port or the folder."""
        program = self.installed / PROGRAM
        runtime = node.find_node(Path(sys.executable).parent)
        if runtime is None or not program.exists():
            raise AzuriteError("Azurite is not installed: `python dev.py run` and `python dev.py test` install it")
        taken = [port for port in self.ports if not ports.are_free([port])]
        if taken:  # whoever listens there would be mistaken for a started Azurite
            raise AzuriteError(f"Azurite cannot have port {taken[0]}: it is in use")
        self.location.mkdir(parents=True, exist_ok=True)
        self._lock = lock_folder(self.location)
        if self._lock is None:
            raise AzuriteError(f"another process runs Azurite on {self.location}: stop that one first")
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [runtime, "--require", HERE / "stop_with_parent.cjs", program, *self._options()],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a terminal is for the host, which stops Azurite last
            )

    def wait(self) -> None:
        """Until all three services answer. Raises AzuriteError where it dies or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        waiting = list(self.ports)
        while waiting:
            self.check()
            if time.monotonic() > deadline:
                raise AzuriteError(f"Azurite did not answer within {START_SECONDS} s: {self._tail()}")
            waiting = [port for port in waiting if not _answers(port)]
            if waiting:
                time.sleep(0.02)

    def check(self) -> None:
        """Raises AzuriteError where it is not running any more."""
        code = self._process.poll() if self._process else None
        if code is not None:
            raise AzuriteError(f"Azurite died with exit code {code}: {self._tail()}")

    def stop(self) -> None:
        """Let it save and end. Does nothing where it is not running."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _output(self) -> Path:
        return self.location / "azurite.log"

    def _options(self) -> list[str]:
        services = zip(("blob", "queue", "table"), self.ports, strict=True)
        places = [word for name, port in services for word in _place(name, port)]
        # Current storage SDKs send an API version newer than the one this Azurite knows by name.
        return ["--location", str(self.location), "--silent", "--disableTelemetry", "--skipApiVersionCheck", *places]

    def _tail(self) -> str:
        lines = self._output.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace").splitlines()
        return " | ".join(line.strip() for line in lines if line.strip()) or "it said nothing"


def _place(service: str, port: int) -> tuple[str, ...]:
    return (f"--{service}Host", ports.LOOPBACK, f"--{service}Port", str(port))


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()  # read by stop_with_parent.cjs
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
