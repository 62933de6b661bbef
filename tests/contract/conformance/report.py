"""docs/conformance.md, made from the contract, the table of recipes and the table of triggers.

`python -m tests.contract.conformance.report` writes it. The tests hold what it says against what was really called.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.contract.conformance.errors.rows import rows
from tests.contract.conformance.errors.table import TRIGGERS, codes_raised, key, raised_rows, reason
from tests.contract.conformance.errors.unraised import OTHER_STATUS
from tests.contract.conformance.recipes.liveness import is_elsewhere
from tests.contract.conformance.recipes.snapshots import is_withdrawn
from tests.contract.conformance.recipes.table import RECIPES
from tests.contract.conformance.specification import API, Declared, in_scope

PAGE = Path(__file__).resolve().parents[3] / "docs" / "conformance.md"
SHORT = {
    "v1.0": "1.0",
    "v1.0-preview": "1.0p",
    "v1.1-preview.1": "1.1p",
    "v1.2-preview.1": "1.2p",
    "v1.2": "1.2",
    "v1.3-preview.1": "1.3p",
}

HEAD = """# Conformance

Made by `python -m tests.contract.conformance.report` from the contract's OpenAPI files, the contract's tables of
errors, and the tables that the tests run. A test fails when this page is not what that command writes, and two more
when something that it counts was not really called or raised over HTTP.
"""
OPERATIONS = """
## Operations
Each is called at least once in each of its versions, by `test_operation_answers_as_its_version_declares` with the
recipe named here (`tests/contract/conformance/recipes`). The request is held against the version's own schema before
it is sent, the answer after: status, headers, body, and that an empty body is empty.
"""
ERRORS = """
## Errors
Each is raised by `test_error_is_raised_as_the_contract_says` with the trigger named here
(`tests/contract/conformance/errors`). A message may go on with a sentence that says more.
"""
UNRAISED = """
## Errors that are not raised
"""


def report() -> str:
    return "\n".join([*_head(), *_operations(), *_errors(), *_unraised()]) + "\n"


def _head() -> Iterator[str]:
    calls, names = in_scope(), {operation.name for operation in in_scope()}
    called = [operation for operation in calls if operation.name in RECIPES]
    lines = rows()
    codes = {code for row in lines for code in row.codes}
    raised = {code for row in raised_rows() for code in row.codes}
    yield HEAD
    yield "| | of the contract | tested | |"
    yield "|---|---:|---:|---:|"
    yield _share("operations", len(names), len({operation.name for operation in called}))
    yield _share("operations x versions", len(calls), len(called))
    yield _share("those that succeed", len(calls), sum(not is_withdrawn(c) and not is_elsewhere(c) for c in called))
    yield _share("error codes", len(codes), len(raised))
    yield _share("error messages", len(lines), len(raised_rows()))


def _share(what: str, whole: int, part: int) -> str:
    return f"| {what} | {whole} | {part} | {100 * part / whole:.1f} % |"


def _operations() -> Iterator[str]:
    yield OPERATIONS
    yield "| operationId | call | versions | Python SDK methods | recipe | answer |"
    yield "|---|---|---|---|---|---|"
    methods = sdk_methods()
    for name, versions in _by_name(in_scope()).items():
        one = versions[0]
        paths = " or ".join(dict.fromkeys(f"`{each.path}`" for each in versions))
        yield (
            f"| {name} | {one.method} {paths} | {_versions(versions)} | {methods.get(_short(name), '')} "
            f"| {RECIPES[name].place} | {_answer(versions)} |"
        )


def _by_name(operations: tuple[Declared, ...]) -> dict[str, list[Declared]]:
    found: dict[str, list[Declared]] = {}
    for operation in operations:
        found.setdefault(operation.name, []).append(operation)
    return dict(sorted(found.items(), key=lambda item: (item[1][0].path.lower(), item[1][0].method, item[0])))


def _versions(operations: list[Declared]) -> str:
    return " ".join(SHORT[operation.version] for operation in operations)


def _answer(operations: list[Declared]) -> str:
    if is_elsewhere(operations[0]):
        return "404, there is nothing to get access to"
    withdrawn = [operation for operation in operations if is_withdrawn(operation)]
    answers = sorted({str(status) for one in operations if one not in withdrawn for status in one.successes})
    refused = f"403, withdrawn ({_versions(withdrawn)})" if answers and withdrawn else "403, withdrawn"
    return " or ".join(answers + ([refused] if withdrawn else []))


def _short(name: str) -> str:
    """As operations.md names it: without the prefix from 1.1 on, and as the old SDK spells it before."""
    prefix, _, rest = name.partition("_")
    if not rest or prefix.endswith("Operations"):
        return rest or name
    return f"{_snake(prefix)}.{_snake(rest)}"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def sdk_methods() -> dict[str, str]:
    """From the tables of operations.md: name of an operation, or of the old SDK's method -> methods that call it."""
    found: dict[str, list[str]] = {}
    for line in (API / "operations.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        if len(cells) != 12 or not line.startswith("| ") or cells[0].startswith("operationId"):
            continue
        name, old, new = cells[0], cells[-2], cells[-1]
        if new != "-":
            found.setdefault(name, []).append(new)
        if old != "-":
            found.setdefault(re.sub(r"\(.*", "", old), []).append(old)
    return {name: ", ".join(f"`{method}`" for method in methods) for name, methods in found.items()}


def _errors() -> Iterator[str]:
    yield ERRORS
    yield "| status | codes | message | where | trigger |"
    yield "|---:|---|---|---|---|"
    for row in raised_rows():
        trigger = TRIGGERS[key(row)]
        place = f"{trigger.__module__.rsplit('.', 1)[-1]}.{trigger.__name__}"
        yield f"| {row.status} | {_codes(codes_raised(row))} | {row.message} | {row.group} | {place} |"


def _unraised() -> Iterator[str]:
    yield UNRAISED
    yield "| status | codes | message | where | why not |"
    yield "|---:|---|---|---|---|"
    for row in rows():
        if why := reason(row):
            yield f"| {row.status} | {_codes(row.codes)} | {row.message} | {row.group} | {why} |"
        for code in row.codes:
            if why := OTHER_STATUS.get((row.group, row.status, code)):
                yield f"| {row.status} | {_codes([code])} | {row.message} | {row.group} | {why} |"


def _codes(codes: Sequence[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


if __name__ == "__main__":
    PAGE.write_text(report(), encoding="utf-8")
