"""What is asked and answered about those on whom something is held: operations of our own (docs/data-subjects.md)."""

import base64
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from shared.clock import to_text
from shared.errors import BadArgument
from shared.people.erasure import named
from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP
from shared.people.records import Name, Record
from shared.people.retention_report import Line
from shared.people.rights import HeldRecord, HeldSession
from shared.store.record_rows import HeldFace
from shared.wire.fields import Guid, Timestamp
from shared.wire.objects import WireObject

SubjectReference = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._~-]+(?!\n)$")]
MOST_RECORDS = 100


class RecordName(WireObject):
    """A person of a group or, without a group, of the Person Directory; or a face of a list."""

    face_list_id: str | None = None
    large_face_list_id: str | None = None
    person_group_id: str | None = None
    large_person_group_id: str | None = None
    person_id: str | None = None
    persisted_face_id: str | None = None

    @property
    def name(self) -> Name:
        """Raises BadArgument where it names nothing, or more than one thing."""
        holders = {
            FACE_LIST: self.face_list_id,
            LARGE_FACE_LIST: self.large_face_list_id,
            PERSON_GROUP: self.person_group_id,
            LARGE_PERSON_GROUP: self.large_person_group_id,
        }
        held_by = [(kind, key) for kind, key in holders.items() if key is not None]
        kind, key = held_by[0] if held_by else (None, "")
        wanted = (True, False) if kind is None or kind.has_persons else (False, True)
        if len(held_by) > 1 or (self.person_id is not None, self.persisted_face_id is not None) != wanted:
            raise BadArgument(
                "Request body is invalid. A record is a personId with at most one group, or a list's persistedFaceId."
            )
        return Name(kind, key, self.person_id, self.persisted_face_id)


class About(WireObject):
    """Whom it is about: all records of a subject, those that are named, or both."""

    subject: SubjectReference | None = None
    records: Annotated[list[RecordName], Meta(max_length=MOST_RECORDS)] | None = None

    @property
    def names(self) -> list[Name]:
        """Raises BadArgument."""
        if self.subject is None and not self.records:
            raise BadArgument("Request body is invalid. It names neither a subject nor records.")
        return [record.name for record in self.records or ()]


class NewTerms(About):
    """What changes; an empty text takes it back."""

    new_subject: str | None = None
    consent: str | None = None
    retain_until: str | None = None


class RecordNames(WireObject):
    records: list[RecordName]


class ExportedFace(WireObject):
    """`template`: base64 of little-endian float32 numbers of unit length; absent where it cannot be opened any more."""

    persisted_face_id: Guid
    recognition_model: str
    recogniser: str
    user_data: str | None = None
    template: str | None = None


class ExportedRecord(WireObject):
    record: RecordName
    faces: list[ExportedFace]
    name: str | None = None
    user_data: str | None = None
    subject: str | None = None
    consent: str | None = None
    retain_until: Timestamp | None = None
    restricted_since: Timestamp | None = None
    dynamic_person_group_ids: list[str] | None = None


class ExportedImage(WireObject):
    session_image_id: str
    jpeg: str


class ExportedSession(WireObject):
    """`terms`: what it was made with. `attempts`: what became of them, as it is kept. `template`: of the picture of
    whom to expect, as in ExportedFace."""

    session_id: Guid
    kind: str
    created_time: Timestamp
    terms: dict[str, Any]
    attempts: list[Any]
    reference: dict[str, Any] | None = None
    template: str | None = None
    images: list[ExportedImage] | None = None


class ExportedData(WireObject):
    exported_time: Timestamp
    records: list[ExportedRecord]
    sessions: list[ExportedSession]
    subject: str | None = None


class ErasureBegun(WireObject):
    """What is erased."""

    erasure_id: Guid
    records: list[RecordName]
    session_ids: list[Guid]


class ErasureResult(WireObject):
    """`status`: running, succeeded. `receipt`: a signed JWT, once nothing is left."""

    erasure_id: Guid
    status: str
    created_time: Timestamp
    finished_time: Timestamp | None = None
    receipt: str | None = None


class AuditAnchor(WireObject):
    anchor: str
    time: Timestamp


class RetentionLine(WireObject):
    """`atLeast`: there may be more, and older ones. `overdueSeconds`: for how long the first of them is over and still
    there."""

    kind: str
    policy: str
    count: int
    at_least: bool
    oldest: Timestamp | None = None
    overdue_seconds: int = 0


class RetentionState(WireObject):
    time: Timestamp
    kinds: list[RetentionLine]


class PublicKey(WireObject):
    kty: str
    crv: str
    x: str
    y: str
    kid: str
    alg: str
    use: str


class PublicKeys(WireObject):
    """A JWKS."""

    keys: list[PublicKey]


def record_name(record: Record) -> RecordName:
    return msgspec.convert(named(record), RecordName)


def exported_record(held: HeldRecord) -> ExportedRecord:
    terms = held.terms
    return ExportedRecord(
        record=record_name(held.record),
        faces=[_face(face) for face in held.faces],
        name=held.name,
        user_data=held.user_data,
        subject=terms.subject,
        consent=terms.consent,
        retain_until=to_text(terms.retain_until) if terms.retain_until else None,
        restricted_since=to_text(held.restricted) if held.restricted else None,
        dynamic_person_group_ids=list(held.groups) or None,
    )


def _face(face: HeldFace) -> ExportedFace:
    model, _, recogniser = face.space.partition("/")
    template = None if face.template is None else _text(face.template)
    return ExportedFace(face.face_id, model, recogniser, face.user_data or None, template)


def exported_session(held: HeldSession) -> ExportedSession:
    session, images = held.session, held.images.items()
    return ExportedSession(
        session_id=session.session_id,
        kind=session.kind,
        created_time=to_text(session.created),
        terms=msgspec.to_builtins(session.terms),
        attempts=held.attempts,
        reference=msgspec.to_builtins(session.reference) if session.reference else None,
        template=None if session.template is None else _text(session.template),
        images=[ExportedImage(key, base64.b64encode(data).decode()) for key, data in images] or None,
    )


def _text(template: NDArray[np.float32]) -> str:
    return base64.b64encode(template.astype("<f4").tobytes()).decode()


def retention_line(line: Line) -> RetentionLine:
    return RetentionLine(
        kind=line.policy.kind,
        policy=line.policy.text,
        count=line.count,
        at_least=line.at_least,
        oldest=to_text(line.oldest) if line.oldest else None,
        overdue_seconds=int(line.overdue.total_seconds()),
    )


def public_keys(jwks: list[dict[str, str]]) -> PublicKeys:
    return PublicKeys([PublicKey(**key) for key in jwks])
