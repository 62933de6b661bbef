"""The arrows between packages, as design section 2 draws them, and the rules about size."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "functions": {"services", "telemetry", "wire", "people", "store", "access", "errors", "clock"},
    "wire": {
        *("wire", "services", "people", "gallery", "store", "engine", "access"),
        *("telemetry", "settings", "errors", "clock", "turns", ""),
    },
    "services": {
        *("wire", "people", "gallery", "store", "engine", "access"),
        *("measured", "readiness", "settings", "stores", "clock", "pace", "turns"),
    },
    "readiness": {"store", "engine"},
    "stores": {"people", "store", "settings", "clock"},
    "people": {"people", "gallery", "store", "engine", "telemetry", "settings", "errors", "clock", "pace"},
    "access": {"access", "settings", "errors", "clock", "pace"},
    "gallery": {"gallery"},
    "store": {"store", "telemetry", "clock"},
    "measured": {"engine", "telemetry"},
    "telemetry": set(),
    "engine": {"engine"},
    "settings": set(),
    "pace": {"errors", "clock"},
    "turns": {"errors", "clock"},
    "errors": set(),
    "clock": set(),
}
"""Package or module of ours -> what of ours it may import ("" is the version in shared/__init__)."""

STORAGE = ("azure.data", "azure.storage", "azure.core")


def sources() -> list[Path]:
    return [*sorted((ROOT / "shared").rglob("*.py")), *sorted((ROOT / "functions").glob("*.py"))]


def room(path: Path) -> str:
    """The package of shared/, or the module that stands in it alone, or functions."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "functions" if parts[0] == "functions" else parts[1]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    if path == ROOT / "shared" / "__init__.py" or path == ROOT / "functions" / "__init__.py":
        assert list(imports(path)) == []
        return
    ours = {
        name.split(".")[1] if name != "shared.__version__" else ""
        for name in imports(path)
        if name.startswith("shared.")
    }
    assert ours <= MAY_IMPORT[room(path)]
    assert not any(name.startswith(("functions", "infra", "tests")) for name in imports(path))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_store_knows_azure_storage_and_only_the_edge_knows_http(path: Path) -> None:
    if room(path) != "store":
        assert not any(name.startswith(STORAGE) for name in imports(path))
    if room(path) not in {"wire", "functions"}:
        assert not any(name.startswith("azure.functions") for name in imports(path))
    if room(path) not in {"wire", "functions", "store"}:  # the store asks Azure, over HTTP too
        assert not any(name.startswith("http.") for name in imports(path))


@pytest.mark.parametrize("path", [*sources(), ROOT / "dev.py", *sorted((ROOT / "infra").rglob("*.py"))], ids=str)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name
