"""The four kinds of collections, by the names that the contract makes of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`name`: as in operationIds before 1.1. `group`: the prefix of its operationIds since. `label`: as in messages."""

    name: str
    group: str
    label: str
    persons: bool

    @property
    def path(self) -> str:
        return f"{self.name.lower()}s"

    @property
    def id_field(self) -> str:
        return f"{self.name[0].lower()}{self.name[1:]}Id"

    @property
    def trains(self) -> bool:
        return self is not FACE_LIST

    def __str__(self) -> str:
        return self.name


FACE_LIST = Kind("FaceList", "FaceListOperations", "Face list", persons=False)
LARGE_FACE_LIST = Kind("LargeFaceList", "FaceListOperations", "Large face list", persons=False)
PERSON_GROUP = Kind("PersonGroup", "PersonGroupOperations", "Person group", persons=True)
LARGE_PERSON_GROUP = Kind("LargePersonGroup", "PersonGroupOperations", "Large person group", persons=True)

LISTS = (FACE_LIST, LARGE_FACE_LIST)
GROUPS = (PERSON_GROUP, LARGE_PERSON_GROUP)
KINDS = LISTS + GROUPS
TRAINED = (LARGE_FACE_LIST, *GROUPS)
