"""Entries of the audit trail that name records before something is done to them (audit_trail.py)."""

from collections.abc import Iterator, Sequence

from shared.people.audit_trail import Event
from shared.people.records import Record

AT_ONCE = 100


def intents(kind: str, operation: str, records: Sequence[Record], **more: Sequence[str]) -> Iterator[Event]:
    """All of the records, in as many entries as they need. `more`: what else each of them names."""
    for start in range(0, len(records), AT_ONCE):
        some = records[start : start + AT_ONCE]
        persons = [record.person for record in some if record.person]
        faces = [record.face for record in some if record.face]
        named = {"personId": persons, "persistedFaceId": faces}
        yield Event(kind, operation, {**more, **{name: ids for name, ids in named.items() if ids}})
