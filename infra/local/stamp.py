"""Stamps: a file that holds the digest of what a set-up step was made from, written when the step is complete."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """SHA-256 over the files' names and contents and the words, as hex. Raises OSError where a file is missing."""
    total = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.name}:{len(content)}:".encode())
        total.update(content)
    for word in words:
        total.update(f"{len(word)}:{word}".encode())
    return total.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    """Whether the step was completed from exactly these inputs."""
    try:
        return stamp.read_text(encoding="utf-8") == wanted
    except (OSError, UnicodeDecodeError):
        return False
