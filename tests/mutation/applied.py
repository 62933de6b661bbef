"""A mutant put into a module that is loaded: where it changes the body of a function, or its defaults."""

import importlib
import inspect
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import ROOT, Mutant


def apply(mutant: Mutant) -> None:
    """Whoever holds a function of that module has the changed one from now on."""
    loaded = importlib.import_module(module_name(mutant.path))
    changed = ModuleType(loaded.__name__)
    file = str(ROOT / mutant.path)
    exec(compile(mutant.source, file, "exec"), changed.__dict__)  # noqa: S102 our own source, one thing changed
    ours = dict(_functions(vars(loaded), loaded.__name__))
    for name, function in _functions(vars(changed), loaded.__name__):
        if function.__code__.co_filename == file:  # not what a dataclass has generated
            ours[name].__code__ = function.__code__
            if function.__defaults__ != ours[name].__defaults__:
                ours[name].__defaults__ = function.__defaults__
            if function.__kwdefaults__ != ours[name].__kwdefaults__:
                ours[name].__kwdefaults__ = function.__kwdefaults__


def module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _functions(names: Mapping[str, Any], module: str) -> Iterator[tuple[str, FunctionType]]:
    """Those of a module and of its classes, by their qualified names, without what is wrapped around them."""
    for found in list(names.values()):
        if inspect.isclass(found) and found.__module__ == module:
            yield from _functions(vars(found), module)
            continue
        if isinstance(found, property):
            found = found.fget
        elif isinstance(found, cached_property):
            found = found.func
        function = inspect.unwrap(found) if callable(found) or hasattr(found, "__wrapped__") else None
        if isinstance(function, FunctionType) and function.__module__ == module:
            yield function.__qualname__, function
