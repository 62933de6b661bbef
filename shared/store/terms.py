"""What was agreed about a record (a person, or a face of a list): whose it is, on which consent, and until when.

It stands in columns of the record's own row, whose key names the record: p|{personId}, or f||{model}|{faceId} in a
list. Beside it, in the same partition and changed in the same transactions, are

    l|{seconds}|{record}   one that ends: the seconds, in ten digits, are fewer the later it does. So those that are
                           over stand right before the manifest, and a search sees them with what it reads anyway
    x|{record}             one that is restricted
    mr                     `version`: another one whenever somebody was restricted, or not any more
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.clock import from_text, to_text
from shared.store.ids import GalleryId, packed
from shared.store.tables import Delete, Insert, Step

SUBJECT, CONSENT, RETAIN_UNTIL, RESTRICTED = "subject", "consent", "retainUntil", "restricted"
TERMS = (SUBJECT, CONSENT, RETAIN_UNTIL, RESTRICTED)
"""The columns."""

RESTRICTIONS = "mr"  # sorts between the manifest and the heads
ENDS, RESTRICTS = "l|", "x|"
FAR = 9_999_999_999  # seconds since 1970, in the year 2286


@dataclass(frozen=True, slots=True)
class Terms:
    """`subject`, `consent`: references that the caller gave. `retain_until`: whole seconds; from then on the record is
    treated as absent. None: nothing was said."""

    subject: str | None = None
    consent: str | None = None
    retain_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Terms of a record that is about to be made. `announce`: told the record before each attempt to write it."""

    terms: Terms
    announce: Callable[[str], None]


UNSAID = Terms()
NOTHING = Agreed(UNSAID, lambda _: None)


def person_record(person: str) -> str:
    return f"p|{person}"


def face_record(model: str, face: str) -> str:
    """Of a list."""
    return f"f||{model}|{face}"


def ids_of(record: str) -> tuple[str, str]:
    """The person's id and the face's, one of them empty."""
    last = record.rpartition("|")[2]
    return (last, "") if record.startswith("p|") else ("", last)


def hidden(records: Set[str]) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Faces and persons among the records, 16 bytes each."""
    pairs = [ids_of(record) for record in records]
    return (
        frozenset(packed(face) for _, face in pairs if face),
        frozenset(packed(person) for person, _ in pairs if person),
    )


def columns(terms: Terms) -> dict[str, str]:
    """Those of the row; what was not said has none."""
    ends = to_text(terms.retain_until) if terms.retain_until else None
    told = {SUBJECT: terms.subject, CONSENT: terms.consent, RETAIN_UNTIL: ends}
    return {name: text for name, text in told.items() if text}


def read(row: Mapping[str, Any]) -> Terms:
    """Empty columns are those of terms that were taken back."""
    ends = row.get(RETAIN_UNTIL)
    return Terms(row.get(SUBJECT) or None, row.get(CONSENT) or None, from_text(ends) if ends else None)


def restricted_since(row: Mapping[str, Any]) -> datetime | None:
    since = row.get(RESTRICTED)
    return from_text(since) if since else None


def is_over(row: Mapping[str, Any], now: datetime) -> bool:
    ends = read(row).retain_until
    return ends is not None and ends <= now


def end_row(gallery: GalleryId, record: str, ends: datetime) -> dict[str, str]:
    return {"PartitionKey": gallery, "RowKey": _end_key(record, ends)}


def first_that_is_over(now: datetime) -> str:
    """Not before the rows of records that end later."""
    return f"{ENDS}{FAR - int(now.timestamp()):010d}"


def record_that_ends(key: str) -> str:
    return key.split("|", 2)[2]


def written_with(gallery: GalleryId, record: str, terms: Terms) -> list[Step]:
    """What goes with a new record."""
    return [Insert(end_row(gallery, record, terms.retain_until))] if terms.retain_until else []


def gone_with(gallery: GalleryId, record: str, row: Mapping[str, Any]) -> list[Step]:
    """What goes with a record that is removed. Who is restricted need not be read anew for that."""
    ends, steps = read(row).retain_until, list[Step]()
    if ends:
        steps.append(Delete(gallery, _end_key(record, ends)))
    if row.get(RESTRICTED):
        steps.append(Delete(gallery, RESTRICTS + record))
    return steps


def _end_key(record: str, ends: datetime) -> str:
    return f"{ENDS}{FAR - int(ends.timestamp()):010d}|{record}"
