"""Chromium for the browser tests: the machine's own, or Debian's package where this process may install it."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGE = "chromium"
NOT_TO_BE_HAD = (
    f"there is no Chromium: install it (Debian and Ubuntu: apt-get install {PACKAGE}), "
    f"so that one of {', '.join(NAMES)} is on the PATH"
)


def find() -> Path | None:
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


def ensure() -> None:
    """Install it where it is missing, and root and apt-get are at hand. Where that fails, the tests say what is
    missing."""
    apt = shutil.which("apt-get")
    if find() or apt is None or not _is_root():
        return
    print("Installing Chromium for the browser tests (once, about a minute) ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", PACKAGE]):
        done = subprocess.run([apt, "-q", *arguments], env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"apt-get {arguments[0]} failed: {done.stderr.strip()}", flush=True)
            return


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
