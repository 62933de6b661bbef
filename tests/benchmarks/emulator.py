"""The Azurite that galleries are measured on: as it comes, but for two things that would be measured in its stead.

It keeps everything in memory: else it writes out all that it holds every five seconds, which stops it for seconds where
it holds 100,000 faces. And it finds a row by its row key (see row_keys.cjs): else it walks through the whole partition
for each row, which the Table service does not.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from infra.local.azurite import Azurite

PRELOADED = Path(__file__).with_name("row_keys.cjs")


class InMemory(Azurite):
    def _options(self) -> list[str]:
        options = super()._options()
        at = options.index("--location")
        return [*options[:at], *options[at + 2 :], "--inMemoryPersistence"]


@contextmanager
def emulator(folder: Path) -> Iterator[Azurite]:
    quoted = str(PRELOADED).replace("\\", "\\\\")
    azurite = InMemory(folder)
    with mock.patch.dict(os.environ, {"NODE_OPTIONS": f'--require "{quoted}"'}):
        azurite.start()
    try:
        azurite.wait()
        yield azurite
    finally:
        azurite.stop()
