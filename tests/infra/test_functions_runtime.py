"""The app under Microsoft's own worker library, which needs Python 3.13: it must load there as it does here."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local import stamp
from infra.local.azurite import ROOT
from tests.faces import folder

pytestmark = pytest.mark.slow  # it makes an environment of another Python's

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


def call(
    function: str, url: str, method: str = "GET", file: Path | None = None, **parts: dict[str, str]
) -> dict[str, Any]:
    picture = str(file) if file else None
    empty: dict[str, dict[str, str]] = {"route": {}, "query": {}, "headers": {}}
    return {"function": function, "url": url, "method": method, "file": picture, **empty, **parts}


def index_and_invoke(python: Path, folder: Path, calls: list[dict[str, Any]], **settings: str) -> Any:
    done = subprocess.run(
        [python, "-m", "tests.infra.index_and_invoke", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.timeout(600)  # the first time it installs
def test_the_worker_library_serves_a_tiny_app(worker_python: Path, tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(TINY_APP, encoding="utf-8")
    done = index_and_invoke(worker_python, tmp_path, [call("hello", "http://127.0.0.1/hello")])
    assert done["functions"] == ["hello"]
    assert (done["answers"][0]["status"], done["answers"][0]["body"]) == ("200", "hello from http://127.0.0.1/hello")


@pytest.mark.timeout(600)
def test_the_worker_library_indexes_and_serves_every_function_of_the_app(
    worker_python: Path, storage: str, key_ring_file: Path
) -> None:
    key = {"ocp-apim-subscription-key": "worker-tests-key-0123456789"}
    octets = {**key, "content-type": "application/octet-stream"}
    detect = call(
        "Detect",
        "http://127.0.0.1/face/v1.2/detect?returnRecognitionModel=true",
        "POST",
        folder("azure") / "images" / "detection1.jpg",
        route={"version": "v1.2"},
        query={"returnRecognitionModel": "true"},
        headers=octets,
    )
    denied = {**detect, "headers": {"content-type": "application/octet-stream"}}
    unknown = call("ZUnknownPath", "http://127.0.0.1/face/v1.2/nothing", route={"path": "v1.2/nothing"})
    done = index_and_invoke(
        worker_python,
        ROOT,
        [
            call("Healthz", "http://127.0.0.1/healthz"),
            call("Readyz", "http://127.0.0.1/readyz"),
            detect,
            denied,
            unknown,
        ],
        AzureWebJobsStorage=storage,
        FACE_KEY1=key["ocp-apim-subscription-key"],
        FACE_KEY_RING_FILE=str(key_ring_file),
        FACE_APPROVED_FEATURES="identification,verification",
    )
    app = runpy.run_path(str(ROOT / "function_app.py"))["app"]  # afresh: an app can be indexed only once
    assert done["functions"] == sorted(str(one.get_function_name()) for one in app.get_functions())
    assert [answer["status"] for answer in done["answers"]] == ["200", "200", "200", "401", "404"]
    (face,) = json.loads(done["answers"][2]["body"])
    assert sorted(face) == ["faceId", "faceRectangle", "recognitionModel"]
    assert all("apim-request-id" in answer["headers"] for answer in done["answers"])
    assert json.loads(done["answers"][3]["body"])["error"]["code"] == "401"
