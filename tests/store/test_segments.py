"""The local copies of segments."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from shared.store.segments import FOLDER, DiskCache

KEEP = timedelta(minutes=10)


def test_only_its_own_files_are_ever_removed(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 1000, KEEP)
    cache.put("one", b"sealed")
    others = [tmp_path / "key_ring.json", tmp_path / FOLDER / "notes.txt"]
    for other in others:
        other.write_text("somebody else's")
        os.utime(other, (0, 0))
    cache.prune()
    assert all(other.exists() for other in others)
    assert cache.get("one") == b"sealed"


@pytest.mark.skipif(os.name == "nt", reason="temporary folders are the user's own there")
def test_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER).chmod(0o777)
    cache = DiskCache(tmp_path, 1000, KEEP)
    cache.put("one", b"sealed")
    assert cache.get("one") is None
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_without_room_nothing_is_written(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 0, KEEP)
    cache.put("one", b"sealed")
    assert cache.get("one") is None
