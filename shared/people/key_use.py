"""What is sealed or signed under which key of the ring: so that a key is taken out when nothing needs it any more.

It reads everything that is stored, so it is for an operator's command and for nothing that answers calls.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jwt

from shared.store.audit_chains import AuditChains
from shared.store.cipher import SealBroken, sealed_under
from shared.store.erasures import Erasures
from shared.store.segments import Segments
from shared.store.session_images import SessionImages
from shared.store.tables import Tables

PROOFS = frozenset({"audit chains", "receipts"})
"""What nothing reads but a check: MACs of the audit trail, signatures of receipts."""
UNKNOWN = "?"
"""Under this is counted what does not say its key: it was altered."""
SEALED = ("template", "sealed", "attempts", "seal")
KINDS = {"f": "faces", "p": "persons", "n": "heads", "e": "events", "m": "manifests", "r": "rebuilds"}
Row = Mapping[str, Any]


class KeyUse:
    """Every method raises StoreUnavailable."""

    def __init__(
        self, tables: Tables, segments: Segments, images: SessionImages, chains: AuditChains, erasures: Erasures
    ) -> None:
        self._tables = tables
        self._segments = segments
        self._images = images
        self._chains = chains
        self._erasures = erasures

    def count(self) -> dict[str, Counter[str]]:
        """Key id -> of each kind of thing how many."""
        found: dict[str, Counter[str]] = {}
        for key, kind in self._uses():
            found.setdefault(key, Counter())[kind] += 1
        return found

    def _uses(self) -> Iterator[tuple[str, str]]:
        """Key id and kind."""
        yield from self._in_table("faceids", lambda _: "faceIds")
        yield from self._in_table("sessions", lambda _: "sessions")
        yield from self._in_table("galleries", lambda row: KINDS.get(row["RowKey"][0], "others"))
        yield from ((key or UNKNOWN, "segments") for key in self._segments.keys_used())
        yield from ((key or UNKNOWN, "session images") for key in self._images.keys_used())
        yield from ((key, "audit chains") for key in self._chains.chains().values())
        for receipt in self._erasures.receipts():
            yield _signed_under(receipt), "receipts"

    def _in_table(self, name: str, kind: Callable[[Row], str]) -> Iterator[tuple[str, str]]:
        """A row counts once for each key that it needs."""
        table = self._tables.table(name)
        for row in table.query("PartitionKey ge @first", ("RowKey", *SEALED), first=""):
            keys = {_key(row[column]) for column in SEALED if row.get(column) is not None}
            yield from ((key, kind(row)) for key in keys)


def _signed_under(receipt: str) -> str:
    try:
        return str(jwt.get_unverified_header(receipt)["kid"])
    except (jwt.InvalidTokenError, KeyError):
        return UNKNOWN


def _key(envelope: bytes) -> str:
    try:
        return sealed_under(envelope)
    except SealBroken:
        return UNKNOWN
