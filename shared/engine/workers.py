"""Pieces of one request side by side: stripes of a picture, faces through a model.

Pillow and ONNX Runtime let go of the interpreter lock while they work. Several faces are faster side by side on one
thread each than one after the other on all, because every operator that threads share costs waking them (two cores,
fused templates of two faces of a photo: 27 ms instead of 33; for a single face there is no difference).
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# More faces in one run of a model are no faster (measured up to 64) and cost memory that ONNX Runtime keeps.
FACES_A_RUN = 8

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_POOL = ThreadPoolExecutor(cores(), "ownface-engine")  # starts no thread before it is used


def side_by_side(function: Callable[[_Item], _Result], items: Iterable[_Item], threads: int) -> list[_Result]:
    """The function of every item, in order; raises what one of them raised. Inline where nothing can overlap.

    The function must not call this itself: the pool's threads would wait for one another.
    """
    listed = list(items)
    if threads == 1 or len(listed) == 1:
        return [function(item) for item in listed]
    return list(_POOL.map(function, listed))


def shares(count: int, threads: int, most: int = FACES_A_RUN) -> list[slice]:
    """`count` faces in slices for so many threads, none with more of them than one run of a model takes."""
    size = max(1, min(most, -(-count // threads)))
    return [slice(start, start + size) for start in range(0, count, size)]
