"""Whether the process can serve: storage answers and every model is loaded."""

import math
import threading
import time

from shared.engine import Engine, ModelError
from shared.store.tables import StoreUnavailable, Tables

SHARED_SECONDS = 1.0


class Readiness:
    """Anybody may ask, so asking is cheap: one look at a time, and what it saw is shared for a second."""

    def __init__(self, tables: Tables, engine: Engine) -> None:
        self._tables = tables
        self._engine = engine
        self._looking = threading.Lock()
        self._looked = -math.inf
        self._failure: Exception | None = None

    def check(self) -> None:
        """Raises what the last look raised: StoreUnavailable, ModelError."""
        with self._looking:
            if time.monotonic() - self._looked > SHARED_SECONDS:
                self._failure = self._look()
                self._looked = time.monotonic()
            if self._failure:
                raise self._failure

    def _look(self) -> Exception | None:
        try:
            self._tables.ping()
            self._engine.warm()
        except (StoreUnavailable, ModelError) as failure:
            return failure
        return None
