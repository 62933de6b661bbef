"""What infra/bicep describes, read twice: pycep parses each file, and a reader of its layout gives the texts of values.

pycep's tree does not tell a string from a name and nests operators its own way, so values are taken from the text: our
files have one property a line, indented by two spaces, as `bicep format` writes them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "infra" / "bicep"
MODULES = tuple(sorted((FOLDER / "modules").glob("*.bicep")))
FILES = (FOLDER / "main.bicep", *MODULES)

_RESOURCE = re.compile(
    r"^resource (\w+) '([\w./]+)@[\w-]+'( existing)? = (?:if \((.+)\) )?(\[for .+: )?{$", re.MULTILINE
)
_LINE = re.compile(r"^( *)('?[\w${}. -]+'?): (.*)$")


@dataclass(frozen=True)
class Resource:
    """Of either kind of description. `values`: path of a property or argument -> its text; a block of Terraform's that
    stands once has no number in its path. `file`: without the suffix. `repeated`: made in a loop."""

    name: str
    kind: str
    file: str
    condition: str
    repeated: bool
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: str
    default: str | None
    allowed: tuple[str, ...]
    low: str
    high: str


@cache
def resources() -> dict[str, Resource]:
    """By file and name: vault.vault."""
    return {f"{one.file}.{one.name}": one for path in FILES for one in _resources(path)}


def _resources(path: Path) -> Iterator[Resource]:
    text = path.read_text()
    for found in _RESOURCE.finditer(text):
        name, kind, existing, condition, loop = found.groups()
        if not existing:
            body = text[found.end() : text.index("\n}", found.end())]
            yield Resource(name, kind, path.stem, condition or "", bool(loop), dict(_values(body)))


def _values(body: str) -> Iterator[tuple[str, str]]:
    """Paths and texts of all properties. Items of an array count from 0: a.0.b."""
    keys: list[str] = []
    counts: dict[str, int] = {}
    for line in body.splitlines():
        bare = line.strip()
        if bare.startswith("//"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        if bare in {"{", "} : {"} or (bare and not _LINE.match(line) and bare not in {"}", "]", "})", "}]"}):
            keys = keys[: depth - 1]
            place = ".".join(keys)
            keys = [*keys, str(counts.get(place, 0))]
            counts[place] = counts.get(place, 0) + 1
            if bare not in {"{", "} : {"}:
                yield ".".join(keys), bare
        elif found := _LINE.match(line):
            keys = [*keys[: depth - 1], found[2].strip("'")]
            yield ".".join(keys), re.sub(r" // .*", "", found[3])


@cache
def parameters() -> dict[str, Parameter]:
    """Those of main.bicep."""
    text = (FOLDER / "main.bicep").read_text()
    pattern = re.compile(r"((?:^@[^\n]*\n(?:(?![@p])[^\n]*\n)*)+)^param (\w+) (\w+)(?: = (.+))?$", re.MULTILINE)
    return {found[2]: _parameter(*found.groups()) for found in pattern.finditer(text)}


def _parameter(decorators: str, name: str, kind: str, default: str | None) -> Parameter:
    allowed = re.search(r"@allowed\(\[\n(.*?)\]\)", decorators, re.DOTALL)
    low, high = (re.search(rf"@(?:{word})(?:Value|Length)\((\d+)\)", decorators) for word in ("min", "max"))
    values = tuple(line.strip().strip("'") for line in allowed[1].splitlines() if line.strip()) if allowed else ()
    return Parameter(name, kind, default, values, low[1] if low else "", high[1] if high else "")
