"""Which function calls which method of a client: a table made by decorators."""

from collections.abc import Callable
from functools import partial
from typing import Any

Call = Callable[[Any, str], None]
"""Gets the world to call in and the name of the operation group; fails where the answer is not what it should be."""


class Calls:
    """`@calls("get", "face_list", "person_group")` on a function: it calls `get` of both groups, one at a time."""

    def __init__(self) -> None:
        self.table: dict[str, Callable[[Any], None]] = {}

    def __call__(self, method: str, *groups: str) -> Callable[[Call], Call]:
        def add(call: Call) -> Call:
            for group in groups or ("",):
                self.table[f"{group}.{method}".lstrip(".")] = partial(_call, call, group)
            return call

        return add


def _call(call: Call, group: str, world: Any) -> None:
    call(world, group)
