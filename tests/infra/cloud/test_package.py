"""What goes up to Azure works where nothing else is, and holds nothing else of the owner's working tree."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from shared.engine.manifest import load
from tests.faces import ROOT as FACES
from tests.infra.cloud import package
from tests.infra.cloud.bicep import ROOT
from tests.infra.cloud.package import PACKAGES, Package

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MOST_MEGABYTES = 250
KEY = "package-tests-key-0123456789"
SERVE = Path(__file__).with_name("serve_package.py")
HOST = ROOT / "infra" / "local" / "requirements.txt"
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    package.checkout(folder)
    return folder


def test_package_holds_code_models_and_requirements_and_nothing_else(project: Path) -> None:
    found = set(package.names(project))
    assert {"function_app.py", "host.json", "requirements.txt", "constraints.txt"} <= found
    assert {f"models/{model.file}" for model in load().models.values()} <= found
    roots = {name.partition("/")[0] for name in found}
    assert roots == {
        *("function_app.py", "host.json", "requirements.txt", "constraints.txt", "LICENSE", ".funcignore"),
        *("functions", "shared", "models"),
    }
    texts = [project / name for name in found if not name.startswith("models/")]
    assert not any(b"secret of the owner" in path.read_bytes() for path in texts)


@pytest.fixture(scope="module")
def built(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package.build(project, tmp_path_factory.mktemp("deployed"))


def environment(storage: str, key_ring_file: Path) -> dict[str, str]:
    """Nothing of this process's own but where programs are."""
    return {
        "PATH": os.environ["PATH"],
        "AzureWebJobsStorage": storage,
        "FACE_KEY1": KEY,
        "FACE_KEY_RING_FILE": str(key_ring_file),
        "FACE_APPROVED_FEATURES": "verification",
    }


def test_package_is_small_enough_for_a_quick_start(built: Package) -> None:
    sizes = built.sizes
    zipped = built.zipped.stat().st_size / package.MEGABYTE
    print(f"\nzip {zipped:.1f} MB; unpacked " + ", ".join(f"{part} {size:.1f} MB" for part, size in sizes.items()))
    assert sizes["whole"] <= MOST_MEGABYTES


def test_package_loads_with_nothing_but_itself(built: Package, storage: str, key_ring_file: Path) -> None:
    command = [sys.executable, "-I", "-S", str(SERVE), str(built.folder)]
    loaded = subprocess.run(
        command, env=environment(storage, key_ring_file), capture_output=True, text=True, cwd="/", check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    app = runpy.run_path(str(ROOT / "function_app.py"))["app"]  # afresh: an app can be indexed only once
    assert loaded.stdout.split() == sorted(str(one.get_function_name()) for one in app.get_functions())


def test_package_detects_where_it_was_unpacked(
    built: Package, storage: str, key_ring_file: Path, tmp_path: Path
) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(tmp_path), "-r", str(HOST), "-c", "constraints.txt"], cwd=ROOT, check=True)
    command = [sys.executable, "-I", "-S", str(SERVE), str(built.folder), str(tmp_path), str(ROOT)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(storage, key_ring_file), cwd="/", text=True, **pipes) as served:  # type: ignore[call-overload]
        try:
            url = served.stdout.readline().strip()
            picture = (FACES / "azure/images/detection1.jpg").read_bytes()
            headers = {"Ocp-Apim-Subscription-Key": KEY, "Content-Type": "application/octet-stream"}
            query = {"returnFaceLandmarks": "true"}
            answer = httpx.post(f"{url}/face/v1.2/detect", params=query, content=picture, headers=headers, timeout=60)
        finally:
            served.kill()
    assert answer.status_code == 200, answer.text
    found = answer.json()[0]
    assert found["faceId"]
    assert len(found["faceLandmarks"]) == 27
    assert (built.folder / PACKAGES / "onnxruntime").is_dir()


def test_every_library_is_there_as_a_wheel_for_the_next_python_too(tmp_path: Path) -> None:
    """pip goes by its own version for what the requirements choose by version, so 3.13 is for those who have one
    (test_functions_runtime.py)."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--disable-pip-version-check"]
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    options = ["--only-binary", ":all:", "--python-version", "3.12", "--target", str(tmp_path), *platforms]
    subprocess.run([*pip, *options, "-r", "requirements.txt"], cwd=ROOT, check=True, timeout=580)
