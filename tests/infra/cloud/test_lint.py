"""checkov over both descriptions and the Dockerfile: nothing fails that is not justified where it stands.

It brings three hundred megabytes of its own pins, so it runs in an environment of its own, made once in .local/lint."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local import stamp
from tests.infra.cloud.bicep import ROOT

pytestmark = pytest.mark.slow

REQUIREMENTS = Path(__file__).with_name("requirements-lint.txt")
FOLDER = ROOT / ".local" / "lint"
INSTALL_SECONDS, RUN_SECONDS = 1500, 240


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of its programs."""
    done, wanted = FOLDER / "lint.stamp", stamp.digest([REQUIREMENTS], sys.version)
    if not stamp.is_current(done, wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True, timeout=INSTALL_SECONDS)
        done.write_text(wanted)
    return FOLDER / "bin"


def checked(tools: Path, framework: str, *where: str) -> dict[str, Any]:
    """checkov's report. Without --skip-download it would ask its maker's server for texts."""
    options = ["--framework", framework, "--skip-download", "--output", "json", "--quiet", "--soft-fail"]
    command = [str(tools / "checkov"), *where, *options]
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "LOG_LEVEL": "ERROR"}, capture_output=True, text=True, timeout=RUN_SECONDS
    )
    found = json.loads(ended.stdout)
    assert isinstance(found, dict), ended.stderr
    return found


@pytest.mark.timeout(INSTALL_SECONDS + RUN_SECONDS)
@pytest.mark.parametrize(
    ("framework", "where", "least"),
    [
        ("bicep", ("--directory", "infra/bicep"), 25),
        ("terraform", ("--directory", "infra/terraform"), 15),
        ("dockerfile", ("--file", "Dockerfile"), 5),
        ("kubernetes", ("--directory", "infra/kubernetes"), 40),
    ],
)
def test_no_check_fails_that_is_not_justified_in_place(
    tools: Path, framework: str, where: tuple[str, ...], least: int
) -> None:
    report = checked(tools, framework, *where)
    failed = [f"{one['check_id']} {one['check_name']}: {one['resource']}" for one in report["results"]["failed_checks"]]
    assert failed == []
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] >= least  # else it looked at nothing


@pytest.mark.timeout(INSTALL_SECONDS + RUN_SECONDS)
def test_dockerfile_is_clean_for_hadolint(tools: Path) -> None:
    ended = subprocess.run([str(tools / "hadolint"), "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_check_that_is_left_out_says_why() -> None:
    for path in [path for kind in ("*.bicep", "*.tf", "*.yaml") for path in (ROOT / "infra").rglob(kind)]:
        for line in re.findall(r"checkov:skip.*", path.read_text()):
            assert re.fullmatch(r"checkov:skip=CKV2?_(?:AZURE|K8S)_\d+: .{20,}", line), line
