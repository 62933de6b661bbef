"""The functions of an app, read from the binding documents that a worker sends to the Functions host."""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from infra.local.errors import LocalError
from shared.settings import SettingsError, storage

DEFAULT_CONNECTION = "AzureWebJobsStorage"


class BindingError(LocalError):
    """A function asks for something that the local host does not reproduce. The text names the function."""


@dataclass(frozen=True, slots=True)
class Target:
    """A function of the app and the parameter that takes its trigger."""

    name: str
    call: Callable[..., Any]
    parameter: str


@dataclass(frozen=True, slots=True)
class HttpFunction:
    target: Target
    route: str
    methods: frozenset[str]  # upper case; empty: every method


@dataclass(frozen=True, slots=True)
class TimerFunction:
    target: Target
    schedule: str
    run_on_startup: bool


@dataclass(frozen=True, slots=True)
class QueueFunction:
    target: Target
    queue: str
    connection_string: str


@dataclass(frozen=True, slots=True)
class AppFunctions:
    http: tuple[HttpFunction, ...]
    timers: tuple[TimerFunction, ...]
    queues: tuple[QueueFunction, ...]


def read_functions(app: func.FunctionApp, environment: Mapping[str, str]) -> AppFunctions:
    """`environment` resolves connection settings and `%NAME%` in bindings. Raises BindingError."""
    found: list[HttpFunction | TimerFunction | QueueFunction] = []
    for function in app.get_functions():
        bindings = [json.loads(text) for text in function.get_raw_bindings()]
        found.append(_read(str(function.get_function_name()), function.get_user_function(), bindings, environment))
    return AppFunctions(
        tuple(one for one in found if isinstance(one, HttpFunction)),
        tuple(one for one in found if isinstance(one, TimerFunction)),
        tuple(one for one in found if isinstance(one, QueueFunction)),
    )


def _read(
    name: str, call: Callable[..., Any], bindings: list[dict[str, Any]], environment: Mapping[str, str]
) -> HttpFunction | TimerFunction | QueueFunction:
    triggers = [binding for binding in bindings if str(binding["type"]).endswith("Trigger")]
    others = [binding["type"] for binding in bindings if binding not in triggers and binding["name"] != "$return"]
    if len(triggers) != 1 or others:
        raise BindingError(f"function {name}: the local host runs one trigger and no other binding, not {others}")
    trigger = triggers[0]
    if list(inspect.signature(call).parameters) != [trigger["name"]]:
        raise BindingError(f"function {name} must take {trigger['name']} and nothing else")
    target = Target(name, call, trigger["name"])
    match trigger["type"]:
        case "httpTrigger":
            return _http(target, trigger)
        case "timerTrigger":
            schedule = _resolve(name, trigger["schedule"], environment)
            return TimerFunction(target, schedule, bool(trigger.get("runOnStartup")))
        case "queueTrigger":
            connection = _connection(name, trigger.get("connection") or DEFAULT_CONNECTION, environment)
            return QueueFunction(target, _resolve(name, trigger["queueName"], environment), connection)
        case other:
            raise BindingError(f"function {name}: the local host does not run a {other}")


def _http(target: Target, trigger: dict[str, Any]) -> HttpFunction:
    """The Functions host would ask for function keys; this one has none, so it says so instead of being laxer."""
    level = str(trigger.get("authLevel", "function")).lower()
    if level != "anonymous":
        raise BindingError(f"function {target.name} has auth level {level}: the local host has no function keys")
    methods = frozenset(str(method).upper() for method in trigger.get("methods") or ())
    return HttpFunction(target, trigger["route"], methods)


def _resolve(name: str, text: str, environment: Mapping[str, str]) -> str:
    """`%SETTING%` in a binding stands for the setting's value."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise BindingError(f"function {name} needs the setting {match[1]}")
        return environment[match[1]]

    return re.sub(r"%([^%]+)%", value, text)


def _connection(name: str, setting: str, environment: Mapping[str, str]) -> str:
    """The setting's own name is tried after the name with the host's prefix; then the endpoints of an identity."""
    value = environment.get(f"AzureWebJobs{setting}") or environment.get(setting)
    if not value and setting == DEFAULT_CONNECTION:
        with suppress(SettingsError):
            value = storage(environment)
    if not value:
        raise BindingError(f"function {name} needs the connection string {setting}")
    return value
