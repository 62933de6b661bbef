"""Seals rows as wholes, so that no column of them can be altered, and no row moved to another place.

The column `seal` is an envelope (cipher.py) without content, bound to every other column but those that are sealed by
themselves (`template`) or that only tell a lost answer (`token`). What changes such a row reads it, and seals it anew.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from shared.store.cipher import Cipher, SealBroken
from shared.store.tables import ETAG, TOKEN, WRITTEN, StoreUnavailable

log = logging.getLogger("ownface.store")

SEAL = "seal"
KEYS = ("PartitionKey", "RowKey")
NOT_BOUND = frozenset({SEAL, TOKEN, "template", ETAG, WRITTEN})
Row = Mapping[str, Any]


class RowAltered(StoreUnavailable):
    """A row is not as this service has written it: nobody is told what it says, and nothing is built on it."""


def sealed_row(cipher: Cipher, row: Row) -> dict[str, Any]:
    """A whole one."""
    return {**row, SEAL: cipher.seal(b"", _identity(row))}


def changed(cipher: Cipher, row: Row, columns: Row) -> dict[str, Any]:
    """What to merge into a row that was read, so that it has these columns too. Raises RowAltered, KeyUnknown."""
    check(cipher, row)
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
    bound = {name: row[name] for name in sorted(row.keys() - NOT_BOUND)}
    return "row|" + json.dumps(bound, default=lambda value: {"bytes": value.hex()})
