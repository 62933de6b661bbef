"""The app under Microsoft's own worker library, which needs Python 3.13: it must load there as it does here."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import stamp
from infra.local.azurite import ROOT

REQUIREMENTS = ("requirements.txt", "tests/infra/requirements-functions-runtime.txt")
VENV = ROOT / ".local" / "venv313"
TINY_APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="hello", methods=["GET"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"hello from {req.url}")
"""


def candidates() -> Iterator[str]:
    yield sys.executable
    yield shutil.which("python3.13") or ""
    for path in sorted((Path.home() / ".pyenv" / "versions").glob("3.13*/bin/python3.13")):
        yield str(path)


def is_python_313(program: str) -> bool:
    """A version manager's shim may be on PATH and not work."""
    question = "import sys, ensurepip, venv; print(sys.version_info[:2] == (3, 13))"
    try:
        answer = subprocess.run([program, "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == "True"


@pytest.fixture(scope="module")
def worker_python() -> Path:
    """A Python 3.13 with the app's requirements and the worker library, in an environment of its own."""
    base = next((program for program in candidates() if is_python_313(program)), None)
    if base is None:
        pytest.skip("no Python 3.13 here, and the worker library needs one")
    python, mark = VENV / "bin" / "python", VENV / "install.stamp"
    wanted = stamp.digest([ROOT / name for name in (*REQUIREMENTS, "constraints.txt")], base)
    if not stamp.is_current(mark, wanted) or not python.exists():
        subprocess.run([base, "-m", "venv", "--clear", VENV], check=True)
        files = [word for name in REQUIREMENTS for word in ("-r", name)]
        pip = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *files,
            "-c",
            "constraints.txt",
        ]
        subprocess.run(pip, cwd=ROOT, check=True)
        mark.write_text(wanted, encoding="utf-8")
    return python


def index_and_invoke(python: Path, folder: Path, route: str) -> dict[str, object]:
    done = subprocess.run(
        [python, "-m", "tests.infra.index_and_invoke", folder, route],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


@pytest.mark.timeout(600)  # the first time it installs
def test_the_worker_library_serves_a_tiny_app(worker_python: Path, tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(TINY_APP, encoding="utf-8")
    answer = index_and_invoke(worker_python, tmp_path, "hello")
    assert answer == {"functions": ["hello"], "status": "200", "body": "hello from http://127.0.0.1/hello"}


@pytest.mark.timeout(600)
def test_the_worker_library_indexes_every_function_of_the_app_and_serves_healthz(worker_python: Path) -> None:
    answer = index_and_invoke(worker_python, ROOT, "healthz")
    app = runpy.run_path(str(ROOT / "function_app.py"))["app"]  # afresh: an app can be indexed only once
    assert answer["functions"] == sorted(str(one.get_function_name()) for one in app.get_functions())
    assert (answer["status"], json.loads(str(answer["body"]))) == ("200", {"status": "ok"})
