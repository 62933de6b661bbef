"""What the calls of azure-cognitiveservices-vision-face need, made with the client itself when first asked for.

Every model is left at the client's default, recognition_01 and detection_01, which it spells out in each request."""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from azure.cognitiveservices.vision.face import FaceClient
from azure.cognitiveservices.vision.face.models import TrainingStatusType
from msrest.authentication import CognitiveServicesCredentials

from tests.faces import folder
from tests.sdk.conftest import Endpoint
from tests.sdk.recorded import Recorded, at_once

LISTS = ("face_list", "large_face_list")
GROUPS = ("person_group", "large_person_group")
PERSONS = ("person_group_person", "large_person_group_person")
TRAINED = ("large_face_list", *GROUPS)
COLLECTIONS = (*LISTS, *GROUPS)
TRAINING_SECONDS = 60
ERRORS = {
    "face_list": "FaceListNotFound",
    "large_face_list": "LargeFaceListNotFound",
    "person_group": "PersonGroupNotFound",
    "large_person_group": "LargePersonGroupNotFound",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A collection. `faces`: the persistedFaceIds of a list's Family1-Dad1 and -Mom1; `persons`: of a group the
    personIds of the same two, with one face each."""

    id: str
    faces: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()


def picture(name: str) -> Path:
    return folder("azure") / "images" / f"{name}.jpg"


def fresh() -> str:
    """An id that no collection has."""
    return f"old-{uuid4()}"


class World:
    def __init__(self, endpoint: Endpoint, client: Any) -> None:
        self._pictures = endpoint.pictures
        self.client = Recorded(client, at_once)
        self._filled: dict[str, Filled] = {}

    def operations(self, group: str) -> Any:
        return getattr(self.client, group)

    def url(self, name: str) -> str:
        return f"{self._pictures}/azure/images/{name}.jpg"

    @cached_property
    def faces(self) -> list[str]:
        """The faceIds of two pictures of one person and of one other person."""
        return [self.face(name) for name in ("Family1-Dad1", "Family1-Dad2", "Family1-Mom1")]

    def face(self, name: str) -> str:
        with picture(name).open("rb") as stream:
            return str(self.client.face.detect_with_stream(stream)[0].face_id)

    def new(self, group: str) -> str:
        """An empty collection."""
        made = fresh()
        self.operations(group).create(made, name="made for a test", user_data="and for nothing else")
        return made

    def new_person(self, group: str, collection: str) -> str:
        persons = self.operations(f"{group}_person")
        return str(persons.create(collection, name="somebody", user_data="who is made up").person_id)

    def add(self, group: str, *ids: str, name: str = "Family1-Dad1") -> str:
        """The persistedFaceId of a picture added to a list, or to a person: then `ids` are the group's and theirs."""
        with picture(name).open("rb") as stream:
            added = self.operations(group).add_face_from_stream(*ids, stream, user_data=name)
        return str(added.persisted_face_id)

    def filled(self, group: str) -> Filled:
        """The one of its kind that nobody changes, trained where it can be."""
        if group not in self._filled:
            self._filled[group] = self.fill(group, self.new(group))
            if group in TRAINED:
                self.train(group, self._filled[group].id)
        return self._filled[group]

    def fill(self, group: str, made: str) -> Filled:
        names = ("Family1-Dad1", "Family1-Mom1")
        if group in LISTS:
            return Filled(made, faces=tuple(self.add(group, made, name=name) for name in names))
        persons = tuple(self.new_person(group, made) for _ in names)
        for person, name in zip(persons, names, strict=True):
            self.add(f"{group}_person", made, person, name=name)
        return Filled(made, persons=persons)

    def train(self, group: str, collection: str) -> None:
        """As a caller of this client does it: train, and ask until it is done."""
        self.operations(group).train(collection)
        deadline = time.monotonic() + TRAINING_SECONDS
        while (status := self.training(group, collection)) is not TrainingStatusType.succeeded:
            assert status is not TrainingStatusType.failed
            assert time.monotonic() < deadline, f"{group} is {status} after {TRAINING_SECONDS} s"
            time.sleep(0.1)

    def training(self, group: str, collection: str) -> TrainingStatusType:
        """A spelling that the client does not know would come as a plain string."""
        status = self.operations(group).get_training_status(collection).status
        assert isinstance(status, TrainingStatusType)
        return status


def connect(endpoint: Endpoint) -> Any:
    """The client; the types of its package say less than it is."""
    return FaceClient(endpoint.url, CognitiveServicesCredentials(endpoint.key))
