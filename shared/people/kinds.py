"""The kinds of collections: what they are called, what they hold, how many there may be, and their errors."""

from collections.abc import Callable
from dataclasses import dataclass

from shared import errors
from shared.errors import FaceError
from shared.settings import Limits


@dataclass(frozen=True, slots=True)
class Kind:
    """`path`: as in URLs, also the catalogue's name for it. `shards`: 1 where the contract serialises changes."""

    path: str
    name: str
    label: str
    id_field: str
    has_persons: bool
    shards: int
    quota: Callable[[Limits], int]
    quota_message: str
    members: Callable[[Limits], int]
    members_message: str
    not_found: type[FaceError]
    exists: type[FaceError]
    not_trained: type[FaceError] | None = None
    untrained_message: str | None = None  # what a search is told, where that is not the error's usual message
    training_not_finished: type[FaceError] | None = None
    locked_by_training: bool = False
    all_members: Callable[[Limits], int] | None = None  # of all collections of the kind together

    @property
    def trains(self) -> bool:
        return self.not_trained is not None


FACE_LIST = Kind(
    path="facelists",
    name="FaceList",
    label="Face list",
    id_field="faceListId",
    has_persons=False,
    shards=1,
    quota=lambda limits: limits.face_lists,
    quota_message="Face list number reached limit.",
    members=lambda limits: limits.faces_per_face_list,
    members_message="Persisted face number reached limit.",
    not_found=errors.FaceListNotFound,
    exists=errors.FaceListExists,
)
LARGE_FACE_LIST = Kind(
    path="largefacelists",
    name="LargeFaceList",
    label="Large face list",
    id_field="largeFaceListId",
    has_persons=False,
    shards=16,
    quota=lambda limits: limits.large_face_lists,
    quota_message="Large Face List number reached limit.",
    members=lambda limits: limits.faces_per_large_face_list,
    members_message="Persisted face number reached limit.",
    not_found=errors.LargeFaceListNotFound,
    exists=errors.LargeFaceListExists,
    not_trained=errors.LargeFaceListNotTrained,
    untrained_message="Large face list is not trained.",
    training_not_finished=errors.LargeFaceListTrainingNotFinished,
)
PERSON_GROUP = Kind(
    path="persongroups",
    name="PersonGroup",
    label="Person group",
    id_field="personGroupId",
    has_persons=True,
    shards=16,
    quota=lambda limits: limits.person_groups,
    quota_message="Person group number reached subscription level limit.",
    members=lambda limits: limits.persons_per_person_group,
    members_message="Person number reached person group level limit.",
    not_found=errors.PersonGroupNotFound,
    exists=errors.PersonGroupExists,
    not_trained=errors.PersonGroupNotTrained,
    training_not_finished=errors.PersonGroupTrainingNotFinished,
    locked_by_training=True,
    all_members=lambda limits: limits.persons_in_all_person_groups,
)
LARGE_PERSON_GROUP = Kind(
    path="largepersongroups",
    name="LargePersonGroup",
    label="Large person group",
    id_field="largePersonGroupId",
    has_persons=True,
    shards=16,
    quota=lambda limits: limits.large_person_groups,
    quota_message="Large person group number reached subscription level limit.",
    members=lambda limits: limits.persons_per_large_person_group,
    members_message="Person number reached large person group level limit.",
    not_found=errors.LargePersonGroupNotFound,
    exists=errors.LargePersonGroupExists,
    not_trained=errors.LargePersonGroupNotTrained,
    training_not_finished=errors.LargePersonGroupTrainingNotFinished,
    all_members=lambda limits: limits.persons_in_all_large_person_groups,
)
KINDS = {kind.path: kind for kind in (FACE_LIST, LARGE_FACE_LIST, PERSON_GROUP, LARGE_PERSON_GROUP)}
