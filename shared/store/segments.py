"""Segments in Blob storage: immutable, sealed, one blob each, under galleries/{galleryId}/{segmentId}.

A blob: 4 bytes length of the index, little endian | index (ids and template spaces, in the clear as in the tables) |
sealed templates. The seal binds them to the gallery, the segment and the index. A copy of what was read may be kept on
the local disk, as sealed as it came.
"""

import contextlib
import hashlib
import logging
import os
import re
import stat
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.store.blobs import Blobs
from shared.store.cipher import ENVELOPE_HEAD_BYTES, Cipher, KeyUnknown, SealBroken, sealed_under
from shared.store.ids import GalleryId
from shared.store.tables import StoreUnavailable
from shared.store.turning import Turning

log = logging.getLogger("ownface.store")

CONTAINER = "galleries"
FOLDER = "ownface-segments"
OWN_FILES = re.compile(r"[0-9a-f]{64}(\.[0-9a-f]{32})?")
LENGTH_BYTES = 4
INDEX_READ_BYTES = 192 * 1024  # what is read at first for an index: 4,096 faces take less


Opened = tuple[bytes, NDArray[np.float32], Turning]
"""Of a segment: the bytes of its index, its templates as they are turned, [n,d], and by what."""


class SegmentBroken(StoreUnavailable):
    """A stored segment was altered: what does not open is not there, and a search over the rest would be a wrong
    answer."""


class Segments:
    """Every method raises StoreUnavailable where storage is away; those that open a segment also where this process
    lacks its key, and SegmentBroken."""

    def __init__(self, connection_string: str, cipher: Cipher, cache: "DiskCache") -> None:
        self._blobs = Blobs(connection_string, CONTAINER)
        self._cipher = cipher
        self._cache = cache

    def write(self, gallery: GalleryId, index: bytes, templates: NDArray[np.float32]) -> str:
        """The new segment's key. `templates`: [n,d]."""
        key = uuid.uuid4().hex
        sealed = self._cipher.seal_templates(templates, _identity(gallery, key, index))
        blob = len(index).to_bytes(LENGTH_BYTES, "little") + index + sealed
        self._blobs.put(f"{gallery}/{key}", blob)
        self._cache.put(f"{gallery}/{key}", blob)
        return key

    def read(self, gallery: GalleryId, key: str) -> Opened | None:
        """Index and templates; None where the segment is gone, replaced by a newer one."""
        name = f"{gallery}/{key}"
        if local := self._local(gallery, key):
            return local
        blob = self._blobs.get(name)
        if blob is None:
            return None
        found = self._opened_or_refused(gallery, key, blob)
        self._cache.put(name, blob)
        return found

    def is_whole(self, gallery: GalleryId, key: str) -> bool:
        """Whether storage itself has the segment as it was written, whatever the disk has."""
        blob = self._blobs.get(f"{gallery}/{key}")
        try:
            return blob is not None and bool(self._opened_or_refused(gallery, key, blob))
        except SegmentBroken:
            return False

    def read_index(self, gallery: GalleryId, key: str) -> bytes | None:
        """The index alone, without the bytes of its templates where the disk does not have them anyway."""
        name = f"{gallery}/{key}"
        if local := self._local(gallery, key):
            return local[0]
        blob = self._blobs.get(name, INDEX_READ_BYTES)
        if blob and _index_end(blob) > len(blob):
            blob = self._blobs.get(name)
        return _parts(blob)[0] if blob else None

    def sealed_under(self, gallery: GalleryId, key: str) -> str | None:
        """The id of the key, as storage itself has the segment; None where it is gone. Raises SegmentBroken."""
        return self._sealed_under(f"{gallery}/{key}")

    def keys_used(self) -> Iterator[str | None]:
        """The id of the key of every segment that is stored; None where one does not say."""
        for blob in self._blobs.list(""):
            try:
                if key := self._sealed_under(blob.name):
                    yield key
            except SegmentBroken:
                yield None

    def _sealed_under(self, name: str) -> str | None:
        blob = self._blobs.get(name, INDEX_READ_BYTES)
        if blob and _index_end(blob) + ENVELOPE_HEAD_BYTES > len(blob):
            blob = self._blobs.get(name)
        if blob is None:
            return None
        try:
            return sealed_under(_parts(blob)[1])
        except SealBroken:
            raise SegmentBroken("a segment does not open") from None

    def _local(self, gallery: GalleryId, key: str) -> Opened | None:
        """From the disk, where it has what was stored: a file that was altered there decides nothing."""
        name = f"{gallery}/{key}"
        blob = self._cache.get(name)
        if blob is None:
            return None
        try:
            return self._opened(gallery, key, blob)
        except (SealBroken, KeyUnknown) as broken:
            self._cache.drop(name)
            log.error("the local copy of segment %s does not open: %s", name, broken)
            return None

    def _opened_or_refused(self, gallery: GalleryId, key: str, blob: bytes) -> Opened:
        """Raises SegmentBroken, StoreUnavailable."""
        try:
            return self._opened(gallery, key, blob)
        except (SealBroken, KeyUnknown) as broken:
            log.error("segment %s/%s does not open: %s", gallery, key, broken)
            raise SegmentBroken("a segment does not open") from None

    def _opened(self, gallery: GalleryId, key: str, blob: bytes) -> Opened:
        """Index and templates. Raises SealBroken."""
        index, sealed = _parts(blob)
        return index, *self._cipher.open_templates(sealed, _identity(gallery, key, index))

    def delete(self, gallery: GalleryId, key: str) -> None:
        self._blobs.delete(f"{gallery}/{key}")
        self._cache.drop(f"{gallery}/{key}")

    def tidy(self) -> None:
        """Let go of local copies that were not used for a while."""
        self._cache.prune()

    def stored(self, gallery: GalleryId, before: datetime | None = None) -> Iterator[str]:
        """The keys of a gallery's segments in storage, or of those last written before a moment."""
        for blob in self._blobs.list(f"{gallery}/"):
            if before is None or blob.modified < before:
                yield blob.name.partition("/")[2]


class DiskCache:
    """Sealed segments on the local disk, in files named by hashes, each until it was not used for `keep`.

    Shared by the processes of a machine that run as the same user: a folder that anybody else could write to is not
    used. What cannot be written is not cached; nothing here fails a call, and nothing but its own files is touched."""

    def __init__(self, folder: Path, max_bytes: int, keep: timedelta) -> None:
        """Its files are in a folder of its own below `folder`. Without `max_bytes` there are none, and none is read."""
        self._folder = folder / FOLDER
        self._max_bytes = max_bytes
        self._keep = keep

    def get(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            if not self._max_bytes or not self._is_ours():
                return None
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return data

    def put(self, name: str, data: bytes) -> None:
        if not self._max_bytes:
            return
        path = self._path(name)
        draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._is_ours():
                draft.write_bytes(data)
                draft.replace(path)
        except OSError as error:  # a full or read-only disk costs speed, nothing else
            log.warning("a segment could not be cached: %s", error.strerror)
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove what was not used for `keep`, and beyond `max_bytes` what was used longest ago."""
        found = sorted(self._files(), key=lambda file: -file.used)
        room, oldest = self._max_bytes, time.time() - self._keep.total_seconds()
        for file in found:
            room -= file.size
            if room < 0 or file.used < oldest:
                with contextlib.suppress(OSError):
                    file.path.unlink(missing_ok=True)

    def _files(self) -> Iterator["_File"]:
        for path in self._folder.glob("*"):
            with contextlib.suppress(OSError):  # another process prunes too
                if OWN_FILES.fullmatch(path.name):
                    status = path.lstat()
                    yield _File(path, status.st_size, status.st_mtime)

    def _is_ours(self) -> bool:
        """Raises OSError where the folder is not there."""
        if os.name == "nt":  # temporary folders are the user's own there
            return True
        status = self._folder.lstat()
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022

    def _path(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    used: float


def _parts(blob: bytes) -> tuple[bytes, bytes]:
    end = _index_end(blob)
    return blob[LENGTH_BYTES:end], blob[end:]


def _index_end(blob: bytes) -> int:
    return LENGTH_BYTES + int.from_bytes(blob[:LENGTH_BYTES], "little")


def _identity(gallery: GalleryId, key: str, index: bytes) -> str:
    return f"segment|{gallery}|{key}|{hashlib.sha256(index).hexdigest()}"
