"""The docs name what the code has, no more and no less."""

import re
from pathlib import Path

import function_app  # noqa: F401 fills the table of operations
from shared.errors import FaceError
from shared.wire.operation import TABLE, VERSIONS

ROOT = Path(__file__).parents[1]


def leaves(kind: type[FaceError] = FaceError) -> list[type[FaceError]]:
    return [leaf for child in kind.__subclasses__() for leaf in (leaves(child) or [child])]


def test_every_error_stands_in_the_docs_with_its_status_and_in_the_tree() -> None:
    documented = set(re.findall(r"^\| (\d+) \| `(\w+)` \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE))
    assert documented == {(str(leaf.status), leaf.code) for leaf in leaves()}
    tree = re.findall(r"^[├└]── (\w+) +(\d+)  (\w+)$", (ROOT / "shared/errors.py").read_text(), re.MULTILINE)
    assert set(tree) == {(leaf.__name__, str(leaf.status), leaf.code) for leaf in leaves()}


def test_every_operation_and_version_stands_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    assert {declared.name for declared in TABLE.values() if f"{declared.method} /{declared.route}" not in text} == set()
    assert all(f"`{version}`" in text for version in VERSIONS)


def test_every_query_parameter_stands_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for declared in TABLE.values():
        for name in getattr(declared.query, "__struct_encode_fields__", ()):
            assert f"`{name}`" in text


def test_tests_that_the_privacy_page_names_exist() -> None:
    text = (ROOT / "docs/privacy.md").read_text()
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", text):
        assert f"def {name}(" in sources
    for path in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / path).is_file()


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([\w./-]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_ci_runs_exactly_what_the_readme_says() -> None:
    said = re.findall(r"^    python (dev\.py (?:check|test))$", (ROOT / "README.md").read_text(), re.MULTILINE)
    lines = (ROOT / ".ci/run").read_text().splitlines()
    run = re.findall(r"(dev\.py \w+)", "\n".join(line for line in lines if not line.startswith("#")))
    assert said == ["dev.py check", "dev.py test"] == run
