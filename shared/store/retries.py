"""Optimistic writing: read, change, commit; where another writer came first, again."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from shared.store.tables import RowChanged

T = TypeVar("T")

TRIES = 8
FIRST_PAUSE_SECONDS = 0.01  # doubles with each try: 1.3 s on the average until the last


class WriteConflict(Exception):
    """Others kept changing the same rows. Nothing was written."""


class LimitReached(Exception):
    """There is no room for one more."""


def persistently(change: Callable[[], T]) -> T:
    """What `change` answers; it is tried again, from its reads on, as long as it raises RowChanged.

    Raises WriteConflict."""
    for attempt in range(TRIES):
        try:
            return change()
        except RowChanged:
            time.sleep(random.uniform(0.5, 1.5) * FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311 not for secrets
    raise WriteConflict
