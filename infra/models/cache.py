"""The folder that fetched models are kept in: one process at a time, whole files only."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.folder_lock import lock_folder
from infra.models.errors import CannotStore

FETCHING = "fetching"
"""In it: published files of which no model has been made yet, and the lock."""

MARGIN = 16_000_000  # bytes that stay free
LOOK_SECONDS = 0.2


@contextmanager
def alone(folder: Path, told_to_wait: str) -> Iterator[Path]:
    """While no other process fetches into that folder, which is made. Gives the one for published files.

    Waits for the other one, and prints `told_to_wait` then. Raises CannotStore."""
    fetching = folder / FETCHING
    try:
        fetching.mkdir(parents=True, exist_ok=True)
        lock = lock_folder(fetching)
    except OSError as error:
        raise CannotStore(f"{fetching}: {error.strerror}") from None
    if lock is None:
        print(told_to_wait, flush=True)
    while lock is None:
        time.sleep(LOOK_SECONDS)
        lock = lock_folder(fetching)
    with lock:
        yield fetching


def check_space(folder: Path, needed: int) -> None:
    """Raises CannotStore."""
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise CannotStore(f"{folder}: {(needed + MARGIN) / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free")


def store(content: bytes, path: Path) -> None:
    """All of it or nothing, whatever happens meanwhile. Raises CannotStore."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CannotStore(f"{path}: {error.strerror}") from None
