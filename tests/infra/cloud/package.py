"""The package of a deployment, made as the Azure Developer CLI makes it for a remote build: a zip of the project's
folder without what .funcignore names. The build then installs requirements.txt into .python_packages."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from tests.infra.checkout import MODELS
from tests.infra.cloud.bicep import ROOT

PACKAGES = Path(".python_packages/lib/site-packages")
MEGABYTE = 1e6


@dataclass(frozen=True)
class Package:
    """`zipped`: what goes up. `folder`: what an instance finds: code, models and installed packages."""

    zipped: Path
    folder: Path

    @property
    def sizes(self) -> dict[str, float]:
        """Megabytes, unpacked, by part."""
        libraries, models = size(self.folder / PACKAGES), size(self.folder / "models")
        whole = size(self.folder)
        return {"code": whole - libraries - models, "models": models, "libraries": libraries, "whole": whole}


def size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE


def checkout(folder: Path) -> None:
    """A copy of the files that git knows, with what an owner's working tree has beside them, and packaged models."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    for name in (".azure/prod/.env", "local.settings.json", ".local/key_ring.json", ".venv/bin/python"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("secret of the owner's working tree")
    environment = {**os.environ, "FACE_MODELS_DIR": str(MODELS)}
    subprocess.run([sys.executable, "-m", "infra.models", "package"], cwd=folder, env=environment, check=True)


def names(folder: Path) -> Iterator[str]:
    """Of the files that go up."""
    ignored = GitIgnoreSpec.from_lines((folder / ".funcignore").read_text().splitlines())
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not ignored.match_file(name):
            yield name


def build(project: Path, place: Path) -> Package:
    """Zips, unpacks elsewhere and installs as the remote build does."""
    zipped, folder = place / "package.zip", place / "wwwroot"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names(project):
            archive.write(project / name, name)
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*pip, "--target", str(PACKAGES), "-r", "requirements.txt"], cwd=folder, check=True)
    return Package(zipped, folder)
