"""A pytest plugin for live runs of Microsoft's tests: the fixture that their conftest.py asks for, their two marks, and
one line of JSON per test, in the file that OUTCOMES names, of what became of it. There are two runs: one of the tests
that are meant to run live, and one, with FINISHED, of those that need a session that was performed."""

import json
import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_proxy() -> None:
    """Theirs starts the recording proxy; a live run needs none."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live_test_only: left out where recordings are played")
    config.addinivalue_line("markers", "playback_test_only: needs a session that was performed")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if bool(item.get_closest_marker("playback_test_only")) != ("FINISHED" in os.environ):
        pytest.skip("of the other run")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The call counts; set-up and tear-down only where they did not pass."""
    if report.when == "call" or report.outcome != "passed":
        line = {"test": report.nodeid, "outcome": report.outcome, "text": report.longreprtext}
        with Path(os.environ["OUTCOMES"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
