"""FaceList, LargeFaceList, PersonGroup, LargePersonGroup, DynamicPersonGroup: what is asked and what is answered."""

import uuid
from typing import Annotated, cast

from msgspec import Meta

from shared.clock import to_text
from shared.errors import BadArgument
from shared.people.collections import Collection
from shared.people.training import TrainingStatus
from shared.wire.fields import CollectionId, Name, RecognitionModel, Start, Timestamp, Top, UserData
from shared.wire.objects import WireObject
from shared.wire.persisted_face import PersistedFace

NOTHING_NAMED = "Both 'name' and 'userData' are empty."
NEVER = "0001-01-01T00:00:00.000Z"
"""When a collection that was never trained successfully last was: later versions require a time."""


class ModelQuery(WireObject):
    """Whether the recognition model is wanted in the answer."""

    return_recognition_model: bool = False


class Page(WireObject):
    """`start`: the id after which to begin, exclusive."""

    start: Start = ""
    top: Top = 1000


class CollectionPage(Page):
    """A page of collections."""

    return_recognition_model: bool = False


class NewNamed(WireObject):
    """What a person or a dynamic group is made with."""

    name: Name
    user_data: UserData | None = None


class NewCollection(NewNamed):
    """What a collection is made with."""

    recognition_model: RecognitionModel | None = None


class NamedChanges(WireObject):
    """What is absent or null stays as it is."""

    name: Name | None = None
    user_data: UserData | None = None

    def __post_init__(self) -> None:
        if self.name is None and self.user_data is None:
            raise BadArgument(NOTHING_NAMED)


class NewDynamicGroup(NewNamed):
    """What a dynamic group is made with."""

    add_person_ids: Annotated[list[uuid.UUID], Meta(min_length=1)] | None = None


class DynamicGroupChanges(WireObject):
    """What is absent or null stays as it is."""

    name: Name | None = None
    user_data: UserData | None = None
    add_person_ids: list[uuid.UUID] | None = None
    remove_person_ids: list[uuid.UUID] | None = None

    def __post_init__(self) -> None:
        if (self.name, self.user_data, self.add_person_ids, self.remove_person_ids) == (None,) * 4:
            raise BadArgument(NOTHING_NAMED)


class FaceListItem(WireObject):
    face_list_id: CollectionId
    name: str
    user_data: str | None = None
    recognition_model: RecognitionModel | None = None


class FaceList(WireObject):
    face_list_id: CollectionId
    name: str
    user_data: str | None = None
    recognition_model: RecognitionModel | None = None
    persisted_faces: list[PersistedFace] | None = None


class LargeFaceList(WireObject):
    large_face_list_id: CollectionId
    name: str
    user_data: str | None = None
    recognition_model: RecognitionModel | None = None


class PersonGroup(WireObject):
    person_group_id: CollectionId
    name: str
    user_data: str | None = None
    recognition_model: RecognitionModel | None = None


class LargePersonGroup(WireObject):
    large_person_group_id: CollectionId
    name: str
    user_data: str | None = None
    recognition_model: RecognitionModel | None = None


class DynamicPersonGroup(WireObject):
    dynamic_person_group_id: CollectionId
    name: str
    user_data: str | None = None


class TrainingResult(WireObject):
    """`createdDateTime`: when the collection was made."""

    status: str
    created_date_time: Timestamp
    last_action_date_time: Timestamp
    last_successful_training_date_time: Timestamp | None = None
    message: str | None = None


def model_of(collection: Collection, query: ModelQuery | CollectionPage) -> RecognitionModel | None:
    """A collection's recognition model, where the query wants it."""
    return cast(RecognitionModel, collection.recognition_model) if query.return_recognition_model else None


def training_result(training: TrainingStatus, version: str) -> TrainingResult:
    """In the words of the version: the oldest ones spell one state otherwise and let a time be absent."""
    legacy = version in {"v1.0", "v1.0-preview"}
    never = None if legacy else NEVER
    return TrainingResult(
        status="nonstarted" if legacy and training.status == "notStarted" else training.status,
        created_date_time=to_text(training.created),
        last_action_date_time=to_text(training.last_action),
        last_successful_training_date_time=to_text(training.last_success) if training.last_success else never,
        message=training.message,
    )
