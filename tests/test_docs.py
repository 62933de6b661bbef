"""The docs name what the code has, no more and no less."""

import re
from pathlib import Path

import pytest

import function_app  # noqa: F401 fills the table of operations
from dev import COMMANDS
from shared.access.roles import ROLES
from shared.errors import FaceError
from shared.settings import USER
from shared.telemetry import ATTRIBUTES, METRICS
from shared.wire.attributes import RULES
from shared.wire.operation import TABLE, UNVERSIONED, VERSIONS

ROOT = Path(__file__).parents[1]


def leaves(kind: type[FaceError] = FaceError) -> list[type[FaceError]]:
    return [leaf for child in kind.__subclasses__() for leaf in (leaves(child) or [child])]


def test_every_error_stands_in_the_docs_with_its_status_and_in_the_tree() -> None:
    documented = set(re.findall(r"^\| (\d+) \| `(\w+)` \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE))
    assert documented == {(str(leaf.status), leaf.code) for leaf in leaves()}
    tree = re.findall(r"^[├└]── (\w+) +(\d+)  (\w+)$", (ROOT / "shared/errors.py").read_text(), re.MULTILINE)
    assert set(tree) == {(leaf.__name__, str(leaf.status), leaf.code) for leaf in leaves()}


def sections() -> list[tuple[str, tuple[str, ...]]]:
    """Each section of docs/operations.md with the versions that its first line names ("In every version.")."""
    parts = re.split(r"^## .*\n", (ROOT / "docs/operations.md").read_text(), flags=re.MULTILINE)[1:]
    return [
        (
            part,
            VERSIONS if part.startswith("In every version.") else tuple(re.findall(r"`(v1[^`]*)`", first_line(part))),
        )
        for part in parts
    ]


def first_line(part: str) -> str:
    line = part.split("\n")[0]
    return line.split(". ")[0] if line.startswith("In ") else ""


def test_every_operation_stands_in_the_docs_with_its_action_and_its_versions() -> None:
    row = re.compile(r"^\| `(\w+) (/\S*)` \| `([\w/]+)` \|", re.MULTILINE)
    documented = sorted((*found, versions) for part, versions in sections() for found in row.findall(part))
    served = sorted(
        (declared.method, declared.route.removeprefix("face/{version}"), declared.action, declared.versions)
        for declared in TABLE.values()
        if declared.versions != UNVERSIONED
    )
    assert documented == served


def test_what_is_served_outside_the_versions_stands_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    documented = set(re.findall(r"^\| `GET /([\w./{}]+)` \| [^`]", text, re.MULTILINE))  # no data action follows
    assert documented == {declared.route for declared in TABLE.values() if declared.versions == UNVERSIONED}


def test_every_query_parameter_stands_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for declared in TABLE.values():
        for name in getattr(declared.query, "__struct_encode_fields__", ()):
            assert f"`{name}`" in text


def test_every_attribute_that_is_served_stands_in_the_docs_with_its_models_and_has_a_section() -> None:
    text = (ROOT / "docs/attributes.md").read_text()
    sections = dict(re.findall(r"^## `(\w+)`\n(.+)$", text, re.MULTILINE))
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (`detection.*?) \| (.*?) \|", text, re.MULTILINE)
    models = {name: row[1:] for row in rows for name in re.findall(r"\w+", row[0])}
    assert models.keys() == RULES.keys()
    for name, rule in RULES.items():
        assert name in sections
        assert "not served" not in sections[name].lower()
        assert models[name] == (_shortened(rule.detection), _shortened(rule.recognition))


def test_every_attribute_that_is_served_stands_among_the_operations_with_its_detection_models() -> None:
    table = (ROOT / "docs/operations.md").read_text().partition("| attribute | with | value |")[2]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.*?) \|", table.partition("\n\n")[0], re.MULTILINE)
    models = {name: row[1] for row in rows for name in re.findall(r"\w+", row[0])}
    assert models.keys() == RULES.keys()
    for name, rule in RULES.items():
        assert models[name].startswith((_shortened(rule.detection), "likewise"))


def _shortened(models: tuple[str, ...]) -> str:
    """`model_01`, `_02`; "any" where none is needed."""
    if not models:
        return "any"
    return ", ".join([f"`{models[0]}`", *(f"`_{model.rpartition('_')[2]}`" for model in models[1:])])


@pytest.mark.parametrize("page", ["privacy", "access", "dpia"])
def test_tests_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / f"docs/{page}.md").read_text()
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", text):
        assert f"def {name}(" in sources
    for path in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / path).is_file()


def test_roles_and_what_they_allow_stand_in_the_docs() -> None:
    rows = re.findall(r"^\| `(Face\w+)` \| [^|]* \| (.*) \|$", (ROOT / "docs/access.md").read_text(), re.MULTILINE)
    documented = {name: set(re.findall(r"`([\w/*]+)`", actions)) for name, actions in rows}
    allowed = {role.name: set(role.actions) for role in ROLES.values()}
    assert documented == {**allowed, USER: set()}  # all
    assert allowed[USER] == {"*"}


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([\w./-]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_ci_runs_exactly_what_the_readme_says() -> None:
    said = re.findall(r"^    python (dev\.py (?:check|test))$", (ROOT / "README.md").read_text(), re.MULTILINE)
    lines = (ROOT / ".ci/run").read_text().splitlines()
    run = re.findall(r"(dev\.py \w+)", "\n".join(line for line in lines if not line.startswith("#")))
    assert said == ["dev.py check", "dev.py test"] == run


def test_commands_that_the_docs_name_exist() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "azure.yaml"]:
        assert set(re.findall(r"dev\.py (\w+)", page.read_text())) <= {*COMMANDS, "COMMAND"}, page.name


def test_telemetry_page_names_every_metric_and_attribute() -> None:
    text = (ROOT / "docs/telemetry.md").read_text()
    rows = re.findall(r"^\| `(ownface\.[\w.]+)` \| (\w+|persons or faces) \| (.*?) \|", text, re.MULTILINE)
    assert [name for name, *_ in rows] == list(METRICS)
    assert {name for *_, words in rows for name in re.findall(r"`(\w+)`", words)} == set(ATTRIBUTES)


def test_operators_page_names_every_parameter_and_every_table() -> None:
    text = (ROOT / "docs/operate.md").read_text()
    parameters = set(re.findall(r"^param (\w+) ", (ROOT / "infra/bicep/main.bicep").read_text(), re.MULTILINE))
    rows = "".join(re.findall(r"^\| (`\w+`.*?) \|", text, re.MULTILINE))
    assert parameters <= set(re.findall(r"`(\w+)`", rows))
    stores = "".join(path.read_text() for path in (ROOT / "shared/store").glob("*.py"))
    kept = {
        *re.findall(r'tables\.table\("(\w+)"\)', stores),
        *re.findall(r'^CONTAINER = "([\w-]+)"', stores, re.MULTILINE),
    }
    backups = text[text.index("## Back up") : text.index("**What a backup")]
    assert kept <= set(re.findall(r"`([\w-]+)`", backups))
