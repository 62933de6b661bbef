"""A lock on a folder that ends with the process that holds it, however that process ends."""

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_folder(folder: Path) -> IO[bytes] | None:
    """Close the returned file to release the lock. None where another process holds it."""
    file = (folder / "lock").open("ab")
    try:
        _take(file)
    except OSError:
        file.close()
        return None
    return file
