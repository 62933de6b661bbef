"""The source archive of azure-ai-vision-face: Microsoft's own tests and samples, which no wheel holds.

pip fetches it, so that the machine's index, proxy and certificates are used, and checks its hash. It is kept outside
the repository's history; what is unpacked from it is never changed."""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from infra.local.azurite import ROOT

PACKAGE = "azure-ai-vision-face"
PIN = Path(__file__).parent / "requirements-sdist.txt"
CACHE = ROOT / ".local" / "sdist"


class SdistError(Exception):
    """The archive is not in the cache, and pip could not fetch the one that is pinned."""


def unpack(folder: Path) -> Path:
    """The archive's top folder, unpacked into `folder`. Raises SdistError."""
    archive = _cached()
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (top,) = (path for path in folder.iterdir() if path.is_dir())
    return top


def _cached() -> Path:
    """The archive, fetched where it is missing or damaged."""
    found = next(filter(_is_pinned, CACHE.glob("*.tar.gz")), None)
    if found is None:
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
            fetched = _fetch(Path(fresh))  # whose hash pip has checked
            found = fetched.replace(CACHE / fetched.name)
    return found


def _fetch(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--no-binary", PACKAGE, "--require-hashes", "-r", str(PIN), "--dest", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SdistError(f"pip could not fetch the source archive of {PACKAGE}:\n{ended.stderr}")
    return next(folder.glob("*.tar.gz"))


def _is_pinned(archive: Path) -> bool:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return f"--hash=sha256:{digest}" in PIN.read_text(encoding="utf-8").split()
