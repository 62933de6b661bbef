"""The manifest of a gallery as a row: which segments it has, and up to which events of each shard they go.

The references are records of 36 bytes, in as many columns as they need: a column holds 64 KiB, a row 1 MiB. The row is
sealed as a whole. One that does not open says that nothing is folded: the events that are not there any more are then
missing, for everybody who looks, and the gallery is rebuilt from its rows.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.store.cipher import Cipher, KeyUnknown, SealBroken, sealed_under
from shared.store.ids import GalleryId

log = logging.getLogger("ownface.store")

DIGEST_BYTES = 16
RECORD_BYTES = 16 + 4 + DIGEST_BYTES
COLUMN_BYTES = 1800 * RECORD_BYTES


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """One sealed blob of `count` faces. `key`: 32 hex digits. `digest`: of its index, which is read by itself too."""

    key: str
    count: int
    digest: bytes

    def record(self) -> bytes:
        return bytes.fromhex(self.key) + self.count.to_bytes(4, "little") + self.digest

    @classmethod
    def of_record(cls, record: bytes) -> "SegmentRef":
        return cls(record[:16].hex(), int.from_bytes(record[16:20], "little"), record[20:])


def digest(index: bytes) -> bytes:
    return hashlib.sha256(index).digest()[:DIGEST_BYTES]


@dataclass(frozen=True, slots=True)
class Manifest:
    """`folded`: shard -> the last sequence that the segments hold. `after`: of a rebuild under way, the last row that
    it has read. `sealed_under`: of one that was read, the id of its key."""

    segments: tuple[SegmentRef, ...] = ()
    folded: Mapping[str, int] = field(default_factory=dict)
    after: str = ""
    sealed_under: str = ""


def manifest_row(cipher: Cipher, gallery: GalleryId, key: str, manifest: Manifest) -> dict[str, Any]:
    records = b"".join(ref.record() for ref in manifest.segments)
    parts = [records[start : start + COLUMN_BYTES] for start in range(0, len(records), COLUMN_BYTES)]
    row = {
        "PartitionKey": gallery,
        "RowKey": key,
        "count": len(manifest.segments),
        "folded": json.dumps(dict(manifest.folded)),
        "after": manifest.after,
        **{f"segments{number}": part for number, part in enumerate(parts)},
    }
    return {**row, "sealed": cipher.seal(b"", _identity(row, records))}


def open_manifest(cipher: Cipher, row: Mapping[str, Any]) -> Manifest:
    """Empty where the row was tampered with, or sealed under a key that the ring does not have."""
    try:
        records = _records(row)
        cipher.open(row["sealed"], _identity(row, records))
    except (SealBroken, KeyUnknown, KeyError, TypeError):
        log.error("the manifest of gallery %s was altered", row["PartitionKey"])
        return Manifest()
    starts = range(0, len(records), RECORD_BYTES)
    refs = (SegmentRef.of_record(records[at : at + RECORD_BYTES]) for at in starts)
    return Manifest(tuple(refs), json.loads(row["folded"]), row["after"], sealed_under(row["sealed"]))


def _records(row: Mapping[str, Any]) -> bytes:
    """Columns of an earlier, longer manifest may have stayed behind those that count. Raises KeyError, TypeError."""
    length = row["count"] * RECORD_BYTES
    columns = range(-(-length // COLUMN_BYTES))
    return b"".join(row[f"segments{number}"] for number in columns)[:length]


def _identity(row: Mapping[str, Any], records: bytes) -> str:
    columns = ("PartitionKey", "RowKey", "count", "folded", "after")
    return "|".join(("manifest", *(str(row[column]) for column in columns), hashlib.sha256(records).hexdigest()))
