"""Starts tests/contract/serve.py as a real process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]
KEY = "process-tests-key-0123456789"


@dataclass(frozen=True)
class ServiceProcess:
    http: httpx.Client
    process: psutil.Process

    def peak_megabytes(self) -> float:
        """The most resident memory that the process ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024


@contextmanager
def service_process(
    storage: str, key_ring_file: Path | None, *, triggers: bool = False, log: Path | None = None, **settings: str
) -> Iterator[ServiceProcess]:
    """`key_ring_file`: None where the settings say where else the ring is. `triggers`: its timers and queue functions
    run too. `log`: where it says all that can be said."""
    environment = {
        **os.environ,
        "AzureWebJobsStorage": storage,
        "FACE_KEY1": KEY,
        "FACE_KEY_RING_FILE": str(key_ring_file or ""),
        "FACE_APPROVED_FEATURES": "identification,verification,liveness",
        **settings,
    }
    command = [sys.executable, "-m", "tests.contract.serve", *(["triggers"] if triggers else [])]
    with ExitStack() as open_files:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        if log is not None:
            command.append("talkative")
            pipes["stderr"] = open_files.enter_context(log.open("ab"))
        started = open_files.enter_context(subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes))
        assert started.stdout
        try:
            url = started.stdout.readline().strip()
            headers = {"Ocp-Apim-Subscription-Key": KEY}
            with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                yield ServiceProcess(client, psutil.Process(started.pid))
        finally:
            started.kill()
