"""Verify, Identify, Find Similar and Group: what is asked, about whom, and what is answered."""

import uuid
from typing import Annotated, Literal

from msgspec import Meta

from shared.errors import (
    BadArgument,
    FaceError,
    IncompatibleIdentificationScopeParametersCombination,
    MissingIdentificationScopeParameters,
    PersonGroupIdAndLargePersonGroupIdBothNotNull,
    PersonGroupIdAndLargePersonGroupIdBothNull,
)
from shared.people.kinds import FACE_LIST, LARGE_FACE_LIST, LARGE_PERSON_GROUP, PERSON_GROUP
from shared.people.recognition import CollectionScope, DirectoryScope, DynamicGroupScope, FacesScope
from shared.wire.fields import CollectionId, Confidence, Guid
from shared.wire.objects import WireObject
from shared.wire.parsing import FIELD_MESSAGES

EVERYBODY = ["*"]
"""personIds of Identify: the whole Person Directory."""


class VerifyRequest(WireObject):
    """Either faceId1 and faceId2, or faceId and personId; the person is of the group that is named, or else of the
    Person Directory."""

    face_id1: uuid.UUID | None = None
    face_id2: uuid.UUID | None = None
    face_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    person_group_id: CollectionId | None = None
    large_person_group_id: CollectionId | None = None

    @property
    def is_about_a_person(self) -> bool:
        of_person = (self.face_id, self.person_id, self.person_group_id, self.large_person_group_id)
        return any(of_person) and not (self.face_id1 or self.face_id2)

    def group(self, version: str) -> CollectionScope | None:
        """None: the Person Directory, which v1.0 does not know."""
        scopes = _groups(self)
        if len(scopes) == 2:
            raise PersonGroupIdAndLargePersonGroupIdBothNotNull
        if not scopes and version == "v1.0":
            raise PersonGroupIdAndLargePersonGroupIdBothNull
        return scopes[0] if scopes else None


class IdentifyRequest(WireObject):
    """Exactly one scope: one kind of group, or personIds, which may be ["*"]."""

    face_ids: Annotated[list[uuid.UUID], Meta(min_length=1, max_length=10)]
    person_group_id: CollectionId | None = None
    large_person_group_id: CollectionId | None = None
    dynamic_person_group_id: CollectionId | None = None
    person_ids: Annotated[list[str], Meta(min_length=1, max_length=30)] | None = None
    max_num_of_candidates_returned: Annotated[int, Meta(ge=1, le=100)] | None = None
    confidence_threshold: Confidence | None = None

    def scope(self, version: str) -> CollectionScope | DirectoryScope | DynamicGroupScope:
        """In v1.0 the fields of the Person Directory are not known, and so ignored as any unknown one."""
        groups = _groups(self)
        others = [] if version == "v1.0" else self._directory_scopes()
        if len(groups) == 2 and not others:
            raise PersonGroupIdAndLargePersonGroupIdBothNotNull
        if len(groups) + len(others) > 1:
            raise IncompatibleIdentificationScopeParametersCombination
        for scope in (*groups, *others):
            return scope
        raise _no_scope(version)

    def limit(self, version: str) -> int:
        default = 1 if version in {"v1.0", "v1.0-preview"} else 10
        return self.max_num_of_candidates_returned or default

    def _directory_scopes(self) -> list[DirectoryScope | DynamicGroupScope]:
        scopes: list[DirectoryScope | DynamicGroupScope] = []
        if self.dynamic_person_group_id is not None:
            scopes.append(DynamicGroupScope(self.dynamic_person_group_id))
        if self.person_ids is not None:
            scopes.append(DirectoryScope(None if self.person_ids == EVERYBODY else _guids(self.person_ids)))
        return scopes


class FindSimilarRequest(WireObject):
    """Exactly one of faceIds, faceListId and largeFaceListId."""

    face_id: uuid.UUID
    face_ids: Annotated[list[uuid.UUID], Meta(min_length=1, max_length=1000)] | None = None
    face_list_id: CollectionId | None = None
    large_face_list_id: CollectionId | None = None
    max_num_of_candidates_returned: Annotated[int, Meta(ge=1, le=1000)] | None = None
    mode: Literal["matchPerson", "matchFace"] | None = None

    def scope(self) -> FacesScope | CollectionScope:
        scopes: list[FacesScope | CollectionScope] = []
        if self.face_ids is not None:
            scopes.append(FacesScope(tuple(map(str, self.face_ids))))
        if self.face_list_id is not None:
            scopes.append(CollectionScope(FACE_LIST, self.face_list_id))
        if self.large_face_list_id is not None:
            scopes.append(CollectionScope(LARGE_FACE_LIST, self.large_face_list_id))
        if not scopes:
            raise BadArgument("LargeFaceListId, faceListId and faceIds are all null.")
        if len(scopes) > 1:
            raise BadArgument("2 or more of largeFaceListId, faceListId and faceIds are not null.")
        return scopes[0]


class GroupRequest(WireObject):
    face_ids: Annotated[list[uuid.UUID], Meta(min_length=2, max_length=1000)]


class VerificationResult(WireObject):
    """`confidence` is -log10(false match rate) / 10, in 0..1; `isIdentical` from 0.5 on."""

    is_identical: bool
    confidence: float


class IdentificationCandidate(WireObject):
    person_id: Guid
    confidence: float


class IdentificationResult(WireObject):
    """`candidates`: best first."""

    face_id: Guid
    candidates: list[IdentificationCandidate]


class FindSimilarResult(WireObject):
    """`faceId` where faceIds were searched, `persistedFaceId` where a list was."""

    confidence: float
    face_id: Guid | None = None
    persisted_face_id: Guid | None = None


class GroupingResult(WireObject):
    """`groups`: largest first. `messyGroup`: faces that are like no other."""

    groups: list[list[Guid]]
    messy_group: list[Guid]


def _groups(request: VerifyRequest | IdentifyRequest) -> list[CollectionScope]:
    ids = {PERSON_GROUP: request.person_group_id, LARGE_PERSON_GROUP: request.large_person_group_id}
    return [CollectionScope(kind, key) for kind, key in ids.items() if key is not None]


def _no_scope(version: str) -> FaceError:
    if version == "v1.0":
        return PersonGroupIdAndLargePersonGroupIdBothNull()
    return MissingIdentificationScopeParameters()


def _guids(texts: list[str]) -> tuple[str, ...]:
    try:
        return tuple(str(uuid.UUID(text)) for text in texts)
    except ValueError:
        raise BadArgument(FIELD_MESSAGES["personIds"]) from None
