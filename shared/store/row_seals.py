"""Seals rows as wholes, so that no column that counts can be altered, and no row moved to another place.

The column `seal` is an envelope (cipher.py) without content, bound to the row's keys and to all columns below; those of
a row that it lacks are bound as missing. Not among them is `template`, which is sealed by itself. What changes such a
row reads it, and seals it anew.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from shared.store.cipher import Cipher, SealBroken
from shared.store.members import FACES
from shared.store.tables import KEYS, StoreUnavailable
from shared.store.terms import TERMS

log = logging.getLogger("ownface.store")

SEAL = "seal"
BOUND = ("name", "userData", *TERMS, "space", "sequence", "members")
"""And of a person those that begin with FACES."""
WITHOUT_TEMPLATE = (*KEYS, *BOUND, SEAL)
"""What to select of a face."""
Row = Mapping[str, Any]


class RowAltered(StoreUnavailable):
    """A row is not as this service has written it: nobody is told what it says, and nothing is built on it."""


def sealed_row(cipher: Cipher, row: Row) -> dict[str, Any]:
    """A whole one."""
    return {**row, SEAL: cipher.seal(b"", _identity(row))}


def changed(cipher: Cipher, row: Row, columns: Row) -> dict[str, Any]:
    """What to merge into a row that was read, so that it has these columns too. Raises RowAltered, KeyUnknown."""
    check(cipher, row)
    return resealed(cipher, row, columns)


def resealed(cipher: Cipher, row: Row, columns: Row) -> dict[str, Any]:
    """The same of a row that was checked."""
    return {name: row[name] for name in KEYS} | dict(columns) | {SEAL: cipher.seal(b"", _identity({**row, **columns}))}


def check(cipher: Cipher, row: Row) -> None:
    """Of a row with all bound columns. Raises RowAltered, KeyUnknown."""
    if not is_whole(cipher, row):
        raise RowAltered("a row was altered in storage")


def is_whole(cipher: Cipher, row: Row) -> bool:
    """What is not is logged, by its key. Raises KeyUnknown."""
    try:
        cipher.open(row.get(SEAL, b""), _identity(row))
    except SealBroken:
        log.error("a row was altered: %s", "|".join(str(row[name]) for name in KEYS))
        return False
    return True


def _identity(row: Row) -> str:
    """Without what the row says, since what does not open is logged by it."""
    names = sorted({*BOUND, *(name for name in row if name.startswith(FACES))})
    told = {name: row[name] for name in names if row.get(name) is not None}
    digest = hashlib.sha256(json.dumps(told, default=_told).encode()).hexdigest()
    return f"row|{row['PartitionKey']}|{row['RowKey']}|{digest}"


def _told(value: object) -> dict[str, str]:
    """Of a type that JSON does not have; other than bytes only somebody else writes them."""
    return {type(value).__name__: value.hex() if isinstance(value, bytes) else str(value)}
