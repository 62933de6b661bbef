"""Mutants of a module: its source with one thing changed, as mutmut's operators change it.

mutmut changes functions only. Here the constants of modules and classes are changed too, for there stand the limits
and the lists that a guard lives by. Left alone is what no caller can see: annotations, decorators, docstrings, and
what goes to the log."""

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """`name`: stays the same while the line does, wherever it stands. `removed`, `added`: the lines that differ.
    `in_function`: nothing else is changed."""

    name: str
    path: str
    line: int
    removed: str
    added: str
    source: str
    in_function: bool


def mutants(path: str, only: Sequence[str] = ()) -> list[Mutant]:
    """Of one file, in its order. `only`: functions by name, where not all of it is meant."""
    text = (ROOT / path).read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text))
    visitor = _Visitor(frozenset(only))
    wrapper.visit(visitor)
    every = ((wrapper.module.deep_replace(old, new).code, inside) for old, new, inside in visitor.found)
    changed = {source: inside for source, inside in every if source != text and _compiles(source)}
    return list(_named(path, text, changed))


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _named(path: str, text: str, sources: dict[str, bool]) -> Iterator[Mutant]:
    taken: set[str] = set()
    for source, in_function in sources.items():
        line, removed, added = _difference(text, source)
        number = 0
        while (name := _digest(path, removed, added, number)) in taken:
            number += 1
        taken.add(name)
        yield Mutant(name, path, line, removed, added, source, in_function)


def _difference(before: str, after: str) -> tuple[int, str, str]:
    old, new = before.splitlines(), after.splitlines()
    codes = [
        code for code in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    first, last = codes[0], codes[-1]
    removed, added = old[first[1] : last[2]], new[first[3] : last[4]]
    return first[1] + 1, "\n".join(map(str.strip, removed)), "\n".join(map(str.strip, added))


def _digest(path: str, removed: str, added: str, number: int) -> str:
    return hashlib.sha256(f"{path}\n{removed}\n{added}\n{number}".encode()).hexdigest()[:8]


class _Visitor(cst.CSTVisitor):  # type: ignore[misc]
    """Collects nodes, each with what may stand in its place, and whether that is within a function."""

    def __init__(self, only: frozenset[str]) -> None:
        self.found: list[tuple[cst.CSTNode, Any, bool]] = []
        self._only = only
        self._functions: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator) or _is_told_to_the_log(node):
            return False
        if isinstance(node, cst.FunctionDef):
            self._functions.append(node.name.value)
        if not self._only or self._only & set(self._functions):
            self._mutate(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef):
            self._functions.pop()

    def _mutate(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Assign | cst.AnnAssign) and not self._functions:
            return  # of a constant its parts are changed; None in its place would be an alias of a type most often
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found += [(node, changed, bool(self._functions)) for changed in operator(node)]


def _is_told_to_the_log(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Assign):
        return any(isinstance(one.target, cst.Name) and one.target.value == "log" for one in node.targets)
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    return isinstance(node.func.value, cst.Name) and node.func.value.value == "log"
