"""The inference runtime's official builds contain an uploader. Here it must never start."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOAD_A_MODEL = "from shared.engine import Engine, ModelLibrary; Engine(ModelLibrary.find()).warm()"
LOAD_THE_RUNTIME_ALONE = "import onnxruntime"


def traces(program: str, folder: Path, **settings: str) -> list[str]:
    """What a process leaves in its home and temporary folders. The uploader holds back where it sees a build server,
    so the process gets no environment but its own."""
    places = {name: folder / name for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    for place in places.values():
        place.mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], **{name: str(place) for name, place in places.items()}, **settings}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, timeout=60)
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def test_engine_starts_no_telemetry_even_where_the_environment_asks_for_it(tmp_path: Path) -> None:
    assert traces(LOAD_A_MODEL, tmp_path / "unset") == []
    assert traces(LOAD_A_MODEL, tmp_path / "enabled", ORT_DISABLE_TELEMETRY="0") == []


def test_this_check_sees_telemetry_where_it_does_start(tmp_path: Path) -> None:
    assert traces(LOAD_THE_RUNTIME_ALONE, tmp_path) != []
