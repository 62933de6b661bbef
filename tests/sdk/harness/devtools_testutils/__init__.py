"""What Microsoft's tests of azure-ai-vision-face import from azure-sdk-tools, for live runs only.

Their own package plays recordings through a proxy program that is not to be had from a package registry. Names and
calls are as the tests use them; nothing is recorded, so there is nothing to sanitize and no proxy to start."""

import functools
import inspect
import json
import os
from collections.abc import Callable
from typing import Any

Test = Callable[..., Any]

__all__ = [
    "AzureMgmtPreparer",
    "AzureRecordedTestCase",
    "EnvironmentVariableLoader",
    "add_body_key_sanitizer",
    "add_general_regex_sanitizer",
    "add_remove_header_sanitizer",
    "recorded_by_proxy",
]


class AzureRecordedTestCase:
    """The base class of every test."""


def recorded_by_proxy(test: Test) -> Test:
    """Gets the variables that a recording would hold, where the run has some: ids of sessions that were performed."""

    @functools.wraps(test)
    def run(case: AzureRecordedTestCase, *arguments: Any, **named: Any) -> Any:
        return test(case, *arguments, **named, **recorded(case))

    return run


def recorded(case: AzureRecordedTestCase) -> dict[str, Any]:
    kind = "detectLivenessWithVerify" if "WithVerify" in type(case).__name__ else "detectLiveness"
    session = json.loads(os.environ.get("FINISHED", "{}")).get(kind)
    return {"variables": {"sessionId": session}} if session else {}


def add_body_key_sanitizer(**_: str) -> None: ...


def add_general_regex_sanitizer(**_: str) -> None: ...


def add_remove_header_sanitizer(**_: str) -> None: ...


class EnvironmentVariableLoader:
    """The outermost decorator. `names`: variables, in lower case, with the values that recordings hold for them."""

    def __init__(self, directory: str, **names: str) -> None:
        del directory
        self._names = tuple(names)

    def __call__(self, test: Test) -> Test:
        @functools.wraps(test)
        def run(case: AzureRecordedTestCase) -> None:
            """What a test returns is for its recording, and pytest takes it for a mistake."""
            test(case, **{name: os.environ[name.upper()] for name in self._names})

        del run.__wrapped__  # else pytest takes the test's arguments for fixtures
        return run


class AzureMgmtPreparer:
    """A decorator that makes a client for the test. Subclasses make and remove it."""

    def __init__(self, name_prefix: str, random_name_length: int) -> None:
        del name_prefix, random_name_length

    def create_resource(self, name: str, **arguments: Any) -> dict[str, Any]:
        raise NotImplementedError

    def remove_resource(self, name: str, **arguments: Any) -> None:
        raise NotImplementedError

    def __call__(self, test: Test) -> Test:
        @functools.wraps(test)
        def run(case: AzureRecordedTestCase, **arguments: Any) -> Any:
            made = self.create_resource(test.__name__, **arguments)
            try:
                return test(case, **accepted(test, made))
            finally:
                self.remove_resource(test.__name__)

        del run.__wrapped__
        return run


def accepted(test: Test, arguments: dict[str, Any]) -> dict[str, Any]:
    """Those that the test declares; all where it takes any."""
    declared = inspect.signature(test).parameters
    if any(one.kind is one.VAR_KEYWORD for one in declared.values()):
        return arguments
    return {name: value for name, value in arguments.items() if name in declared}
