"""Which function answers a request: the Functions host's rules, which are not ASP.NET Core's.

Functions are tried in the alphabetical order of their names, whatever their routes say, and the first whose route and
method fit answers (azure-functions-host issues 3153 and 9876). Routes match without regard to case, a `%2F` counts as
a slash, and a slash at the end does not count. One thing is more lenient here, because the Face contract asks for it: a
run of slashes counts as one, where the Functions host finds no function and answers 404."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from infra.local.bindings import BindingError, HttpFunction, Target

_HEX4 = "[0-9a-f]{4}"
CONSTRAINTS = {
    "": "[^/]+",
    "alpha": "[a-z]+",
    "bool": "true|false",
    "guid": f"[({{]?{_HEX4}{_HEX4}-?{_HEX4}-?{_HEX4}-?{_HEX4}-?{_HEX4}{_HEX4}{_HEX4}[)}}]?",
    "int": "-?[0-9]{1,10}",
}
_PARAMETER = re.compile(r"\{(\*{0,2})(\w+)(?::(\w+))?(\?)?\}")


@dataclass(frozen=True, slots=True)
class Match:
    target: Target
    route_params: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Route:
    target: Target
    methods: frozenset[str]
    pattern: re.Pattern[str]
    parameters: tuple[str, ...]

    def match(self, method: str, path: str) -> Match | None:
        if self.methods and method not in self.methods:
            return None
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        values = zip(self.parameters, found.groups(), strict=True)
        return Match(self.target, {name: value for name, value in values if value})


class Router:
    def __init__(self, functions: Iterable[HttpFunction], prefix: str = "") -> None:
        """Raises BindingError for a route that the local host cannot read."""
        ordered = sorted(functions, key=lambda function: function.target.name.upper())
        self._routes = tuple(_compile(function, prefix) for function in ordered)

    def match(self, method: str, path: str) -> Match | None:
        """`path` is percent-decoded."""
        path = re.sub("/+", "/", path).strip("/")
        for route in self._routes:
            found = route.match(method.upper(), path)
            if found is not None:
                return found
        return None


def _compile(function: HttpFunction, prefix: str) -> _Route:
    whole = f"{prefix.strip('/')}/{function.route.strip('/')}".strip("/")
    parameters: list[str] = []
    text = ""
    for number, segment in enumerate(whole.split("/")):
        pattern, skippable = _segment(function.target.name, segment, parameters)
        separator = "/" if number else ""
        text += f"(?:{separator}{pattern})?" if skippable else f"{separator}{pattern}"
    return _Route(function.target, function.methods, re.compile(text, re.IGNORECASE | re.DOTALL), tuple(parameters))


def _segment(name: str, segment: str, parameters: list[str]) -> tuple[str, bool]:
    """A segment's pattern, and whether the path may end before it. Adds its parameters' names to `parameters`."""
    skippable = False
    text, position = "", 0
    for found in _PARAMETER.finditer(segment):
        stars, parameter, constraint, optional = found.groups()
        if (constraint or "") not in CONSTRAINTS:
            raise BindingError(f"function {name}: the local host does not know the route constraint {constraint}")
        parameters.append(parameter)
        skippable = skippable or bool(stars or optional)
        inner = ".*" if stars else CONSTRAINTS[constraint or ""]
        text += f"{re.escape(segment[position : found.start()])}({inner})"
        position = found.end()
    rest = segment[position:]
    if "{" in rest or "}" in rest:
        raise BindingError(f"function {name}: the local host cannot read the route segment {segment}")
    return text + re.escape(rest), skippable
