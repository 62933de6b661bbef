"""Runs Microsoft's tests and samples as they are, each in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HARNESS = Path(__file__).parent / "harness"
SECONDS = 240


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one published test: passed or failed, and what pytest says about it."""

    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A sample that ran: its exit code and what it wrote."""

    code: int
    text: str


def run_tests(tree: Path, variables: dict[str, str], sessions: dict[str, str] | None = None) -> dict[str, Outcome]:
    """Tests under tests/ of the unpacked archive -> their outcomes: those meant for live runs, or with `sessions`
    (kind -> id of one that was performed) those that need them. Names are `file.py::Class::test`."""
    variables = variables | ({"FINISHED": json.dumps(sessions)} if sessions else {})
    outcomes = tree / "outcomes.jsonl"
    outcomes.unlink(missing_ok=True)
    (tree / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # so that no file above it is taken for theirs
    command = ["-P", "-m", "pytest", "-p", "live_run", "-p", "no:cacheprovider", "-q", "-c", "pytest.ini", "tests"]
    ended = _run(command, tree, {**variables, "PYTHONPATH": str(HARNESS), "OUTCOMES": str(outcomes)})
    assert ended.code in (0, 1), ended.text  # 1: some failed; anything else: it could not run
    found: dict[str, Outcome] = {}
    for line in outcomes.read_text(encoding="utf-8").splitlines():
        report = json.loads(line)
        name = report["test"].removeprefix("tests/")
        if report["outcome"] == "skipped":
            continue
        if name not in found or report["outcome"] == "failed":
            found[name] = Outcome(report["outcome"], report["text"])
    return found


def run_sample(tree: Path, name: str, variables: dict[str, str]) -> Ended:
    return _run([name], tree / "samples", variables)


def _run(command: list[str], folder: Path, variables: dict[str, str]) -> Ended:
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        input="\n",  # some samples wait for a key
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)
