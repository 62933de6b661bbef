"""What the audit trail is told of a call that succeeded: its kind of event, who called, the ids that it was about."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

import msgspec

from shared.people.audit_trail import DELETE, DELETING, ENROL, EXPORT, MATCH, RESTRICT, TERMS, Event
from shared.people.kinds import KINDS
from shared.people.names import GUID
from shared.wire.call import Call

MOST_IDS = 100
IDS = frozenset(
    {
        "face_id",
        "face_id1",
        "face_id2",
        "face_ids",
        "person_id",
        "person_ids",
        "persisted_face_id",
        "face_list_id",
        "large_face_list_id",
        "person_group_id",
        "large_person_group_id",
        "dynamic_person_group_id",
        "session_id",
        "attempt_id",
        "erasure_id",
    }
)
"""Fields of bodies and answers that hold ids. Nothing else of them is noted."""

OF_ACTIONS = {
    **dict.fromkeys(("verify/action", "identify/action", "findsimilars/action", "group/action"), MATCH),
    "persons/action": ENROL,
    "persongroups/persons/action": ENROL,
    "largepersongroups/persons/action": ENROL,
    "privacy/export/action": EXPORT,
    "privacy/erase/action": DELETE,
    "privacy/restrict/action": RESTRICT,
    "privacy/lift/action": RESTRICT,
    "privacy/terms/action": TERMS,
}
RECORDS = ("personId", "persistedFaceId")
"""What paths call them."""
OF_NAMES = {"EndLivenessAttempt": MATCH}
"""A liveness check without a session is not among them: it is about two pictures, and nothing that has an id."""


def kind_of(name: str, method: str, action: str) -> str | None:
    """The kind of event that an operation is; None: it is not noted."""
    if method == "POST" and action.endswith("persistedfaces/write"):
        return ENROL
    if action.endswith("/delete") and not action.startswith("snapshots"):
        return DELETE
    return OF_NAMES.get(name) or OF_ACTIONS.get(action)


def event(kind: str, operation: str, call: Call[Any, Any], answer: Any) -> Event:
    """At most MOST_IDS of each sort are told."""
    ids: dict[str, dict[str, None]] = {}
    path = [(name, text) for name, text in call.path.items() if name not in {"version", "recognitionModel"}]
    session = [("sessionId", call.token.session_id)] if call.token else []
    for name, text in (*path, *session, *found(call.body), *found(answer)):
        ids.setdefault(name, {})[text] = None
    told = {name: list(some)[:MOST_IDS] for name, some in ids.items()}
    return Event(kind, operation, told, call.sender.request_id, call.caller)


def intent(operation: str, call: Call[Any, Any]) -> Event | None:
    """What a DELETE is about to do to a person or a face, or to a collection, whose gallery is named too. None where it
    is about something else, or names nothing that could be there. Raises a kind's `not_found`."""
    ids = {name: [text.lower()] for name in RECORDS if GUID.fullmatch((text := call.path.get(name, "")).lower())}
    if not any(name in call.path for name in RECORDS):
        for kind in KINDS.values():
            if key := call.path.get(kind.id_field):
                gallery = call.services.collections.get(kind, key).gallery
                ids = {kind.id_field: [key], "gallery": [gallery.key]}
    return Event(DELETING, operation, ids, call.sender.request_id, call.caller) if ids else None


def found(told: Any) -> Iterator[tuple[str, str]]:
    """Ids in an object that came or goes, by the names that their fields have in JSON."""
    if isinstance(told, list | tuple):
        for one in told:
            yield from found(one)
        return
    for name, shown, value in _fields(told):
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str | UUID | int):
                if name in IDS:
                    yield shown, str(one)
            elif one is not None:
                yield from found(one)


def _fields(told: Any) -> Iterator[tuple[str, str, Any]]:
    """Name, name in JSON, value."""
    if isinstance(told, msgspec.Struct):
        for field in msgspec.structs.fields(type(told)):
            yield field.name, field.encode_name, getattr(told, field.name)
    elif is_dataclass(told):
        for part in fields(told):
            yield part.name, part.name, getattr(told, part.name)
