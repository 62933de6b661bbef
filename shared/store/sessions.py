"""Liveness sessions: kept for 48 hours or until they are deleted.

Table `sessions`: PartitionKey = the kind of session, RowKey = its id, so that a page of a kind is one range. `terms`
and `reference` are JSON; `template` (that of the reference, else empty) and `attempts` (JSON) are sealed to all that
was agreed: who can write to the table still cannot write a verdict, or other terms. Sessions expire like faceIds:
announced before they are written, absent once expired. Their pictures are announced with them.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.clock import Clock, from_text, to_text
from shared.store.attempts import Attempt, from_bytes, to_bytes
from shared.store.cipher import Cipher, SealBroken
from shared.store.expiries import Expiries, Expiry
from shared.store.session_images import SessionImages
from shared.store.tables import ETAG, Tables

log = logging.getLogger("ownface.store")

KIND = "sessions"
LIFE = timedelta(hours=48)
LISTED = ("PartitionKey", "RowKey", "created", "terms", "started", "device")
WITH_IMAGES = "|images"
"""What the announcement of a session says after its kind where it may have pictures."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session was made with. `token_seconds`: the life of its token. `attempts`: how often its client may try.
    `goes_on`: a verdict that it is no real face does not end it. `client_address`: the address or network that the
    client is expected at. `subject`: whom it is about, as callers refer to the person (subjects.py)."""

    mode: str
    token_seconds: int
    attempts: int
    device_correlation_id: str | None = None
    device_correlation_id_set_in_client: bool = False
    user_correlation_id: str | None = None
    user_correlation_id_set_in_client: bool = False
    send_results_to_client: bool = False
    keep_image: bool = False
    goes_on: bool = False
    model: str | None = None
    client_address: str | None = None
    return_verify_image_hash: bool = False
    verify_threshold: float | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The face that the client's is compared with. `rectangle`: left, top, width, height in pixels of the upright
    picture. `image_hash`: SHA-256 of the picture's bytes in hex, where the session is to tell it."""

    rectangle: tuple[int, int, int, int]
    quality: str
    recognition_model: str
    recogniser: str
    image_hash: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """`template`: of the reference, float32, unit length. It is not read by `page`, nor are reference and attempts.
    `started`: when its first attempt was. `device`: the correlation id that its client has set. `etag`: the version of
    the row that was read. `agreed`: what its seals are bound to."""

    kind: str
    session_id: str
    created: datetime
    terms: Terms
    reference: Reference | None = None
    template: NDArray[np.float32] | None = None
    attempts: tuple[Attempt, ...] = ()
    started: datetime | None = None
    device: str | None = None
    etag: str = ""
    agreed: str = ""

    @property
    def token_expires(self) -> datetime:
        return self.created + timedelta(seconds=self.terms.token_seconds)


class Sessions:
    """Reads treat an expired session as absent. Every method raises StoreUnavailable."""

    def __init__(self, tables: Tables, expiries: Expiries, cipher: Cipher, images: SessionImages, clock: Clock) -> None:
        self._images = images
        self._table = tables.table("sessions")
        self._expiries = expiries
        self._cipher = cipher
        self._clock = clock

    def create(
        self,
        kind: str,
        terms: Terms,
        reference: Reference | None = None,
        template: NDArray[np.float32] | None = None,
        announce: Callable[[str], None] = lambda _: None,
    ) -> Session:
        """A new session. The template goes with a reference. `announce`: told its id before it is written."""
        key, now = str(uuid.uuid4()), self._clock()
        announce(key)
        self._expiries.announce(KIND, key, now + LIFE, kind + (WITH_IMAGES if terms.keep_image else ""))
        row: dict[str, Any] = {
            "PartitionKey": kind,
            "RowKey": key,
            "created": to_text(now),
            "expires": to_text(now + LIFE),
            "terms": msgspec.json.encode(terms).decode(),
        }
        if reference is not None and template is not None:
            row["reference"] = msgspec.json.encode(reference).decode()
            row["template"] = self._cipher.seal_template(template, _identity(row))
        else:
            row["template"] = self._cipher.seal(b"", _identity(row))
        self._table.put([row])
        return Session(kind, key, from_text(row["created"]), terms, reference, template)

    def find(self, kind: str, key: str) -> Session | None:
        row = self._table.get(kind, key)
        return None if row is None or self._is_expired(row) else self._opened(row)

    def all(self) -> Iterator[tuple[str, Session | None]]:
        """Of all kinds, with their ids; None where one does not open. For an operator's command."""
        for row in self._table.query("PartitionKey ge @first", first=""):
            if not self._is_expired(row):
                yield row["RowKey"], self._opened(row)

    def page(self, kind: str, start: str, top: int) -> list[Session]:
        """Those after `start`, ascending by id, at most `top`."""
        condition = "PartitionKey eq @kind and RowKey gt @start and expires gt @now"
        now = to_text(self._clock())
        return [_listed(row) for row in self._table.query(condition, LISTED, top, kind=kind, start=start, now=now)]

    def change(self, session: Session, attempts: tuple[Attempt, ...], device: str | None = None) -> Session:
        """Replace the attempts of a session as it was read. Raises RowChanged where it has changed or is gone."""
        row: dict[str, Any] = {"PartitionKey": session.kind, "RowKey": session.session_id}
        row["attempts"] = self._cipher.seal(to_bytes(attempts), f"attempts|{session.agreed}")
        row["started"] = to_text(attempts[0].started)
        etag = self._table.merge(row | ({"device": device} if device else {}), session.etag)
        return replace(session, attempts=attempts, device=device or session.device, etag=etag)

    def is_gone(self, kind: str, key: str) -> bool:
        """With all that belonged to it."""
        return self._table.get(kind, key, ("RowKey",)) is None and not self._images.any_of(key)

    def remove(self, kind: str, key: str) -> None:
        """The same for one of which only its name is known, announced by whoever removes it."""
        self._table.delete(kind, [key])
        self._images.delete_all(key)

    def delete(self, kind: str, key: str) -> bool:
        """With its pictures, and also where it does not open. Whether there was one. Where this dies midway the sweep
        goes on with it."""
        row = self._table.get(kind, key, ("expires",))
        if row is None or self._is_expired(row):
            return False
        self._expiries.announce(KIND, key, self._clock(), kind + WITH_IMAGES)
        self._table.delete(kind, [key])
        self._images.delete_all(key)
        return True

    def erase(self, expiry: Expiry) -> None:
        self._table.delete(expiry.detail.removesuffix(WITH_IMAGES), [expiry.key])
        if expiry.detail.endswith(WITH_IMAGES):
            self._images.delete_all(expiry.key)

    def _opened(self, row: Mapping[str, Any]) -> Session | None:
        try:
            return self._session(row)
        except (SealBroken, KeyError, TypeError, ValueError) as broken:
            # An altered row is no session; that it was altered is for the operator to know.
            log.error("session %s does not open: %s", row["RowKey"], type(broken).__name__)
            return None

    def _is_expired(self, row: Mapping[str, Any]) -> bool:
        return "expires" in row and bool(row["expires"] <= to_text(self._clock()))

    def _session(self, row: Mapping[str, Any]) -> Session:
        agreed = _identity(row)
        found = replace(_listed(row), etag=row[ETAG], agreed=agreed)
        if row.get("reference"):
            reference = msgspec.json.decode(row["reference"], type=Reference)
            found = replace(found, reference=reference, template=self._cipher.open_template(row["template"], agreed))
        else:
            self._cipher.open(row["template"], agreed)
        if "attempts" in row:
            found = replace(found, attempts=from_bytes(self._cipher.open(row["attempts"], f"attempts|{agreed}")))
        return found


def _listed(row: Mapping[str, Any]) -> Session:
    return Session(
        kind=row["PartitionKey"],
        session_id=row["RowKey"],
        created=from_text(row["created"]),
        terms=msgspec.json.decode(row["terms"], type=Terms),
        started=from_text(row["started"]) if row.get("started") else None,
        device=row.get("device"),
    )


def _identity(row: Mapping[str, Any]) -> str:
    """The session, and all that was agreed about it."""
    columns = ("PartitionKey", "RowKey", "created", "expires", "terms", "reference")
    return "|".join(("sessions", *(str(row.get(column, "")) for column in columns)))
