"""What the calls of azure-ai-vision-face need, made with the client itself when first asked for.

The synchronous and the asynchronous clients have the same methods, so one world and one set of calls serves both."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from azure.ai.vision.face.models import (
    CreateLivenessWithVerifySessionContent,
    FaceDetectionModel,
    FaceRecognitionModel,
    LivenessOperationMode,
)

from tests import captures
from tests.contract.performing import Client
from tests.faces import folder
from tests.sdk.conftest import Endpoint
from tests.sdk.finished import VERSION, There, Waiting
from tests.sdk.recorded import Recorded, Run

LIST, GROUP = "large_face_list", "large_person_group"
DETECTION, RECOGNITION = FaceDetectionModel.DETECTION03, FaceRecognitionModel.RECOGNITION04


@dataclass(frozen=True, slots=True)
class Filled:
    """A trained list or group. `faces`, `persons`: of Family1-Dad and Family1-Mom, a list's or a group's."""

    id: str
    faces: tuple[str, ...]
    persons: tuple[str, ...] = ()


def picture(name: str) -> bytes:
    return (folder("azure") / "images" / f"{name}.jpg").read_bytes()


def fresh() -> str:
    """An id that no collection has."""
    return f"new-{uuid4()}"


@dataclass(frozen=True, slots=True)
class Performed:
    """A session with verify that found a real face, the one expected. `image`: the frame of it that was kept.
    `person`: whose picture its frames were made from."""

    id: str
    image: str
    person: str


class World:
    """`faces`, `admin` and `sessions`: the three clients, their calls noted in one set."""

    def __init__(self, endpoint: Endpoint, clients: Iterable[Any], run: Run) -> None:
        self._endpoint = endpoint
        self.called: set[str] = set()
        self.run = run
        self.faces, self.admin, self.sessions = (Recorded(client, run, self.called) for client in clients)

    @cached_property
    def performed(self) -> Performed:
        """It is deleted at the end, by `close`: Microsoft's own tests count sessions."""
        body = CreateLivenessWithVerifySessionContent(
            liveness_operation_mode=LivenessOperationMode.PASSIVE,
            device_correlation_id="a-device",
            enable_session_image=True,
        )
        made = self.sessions.create_liveness_with_verify_session(body, verify_image=picture("Family2-Man2"))
        person = "azure/images/Family2-Man1.jpg"
        client = Client(There(self._endpoint.url, Waiting()), made.auth_token, VERSION)
        assert client.perform(captures.frames(person))["attemptStatus"] == "Succeeded"
        (entry,) = self.sessions.get_liveness_with_verify_session_audit_entries(made.session_id)
        return Performed(made.session_id, entry.session_image_id, person)

    def close(self) -> None:
        if "performed" in self.__dict__:
            self.sessions.delete_liveness_with_verify_session(self.performed.id)

    def operations(self, group: str) -> Any:
        return getattr(self.admin, group)

    def url(self, name: str) -> str:
        return f"{self._endpoint.pictures}/azure/images/{name}.jpg"

    @cached_property
    def face_ids(self) -> list[str]:
        """Of two pictures of one person and of one other person."""
        return [self.face_id(name) for name in ("Family1-Dad1", "Family1-Dad2", "Family1-Mom1")]

    def face_id(self, name: str) -> str:
        found = self.faces.detect(
            picture(name), detection_model=DETECTION, recognition_model=RECOGNITION, return_face_id=True
        )
        return str(found[0].face_id)

    def new(self, group: str) -> str:
        """An empty list or group."""
        made = fresh()
        self.operations(group).create(made, name="made for a test", user_data="{}", recognition_model=RECOGNITION)
        return made

    def new_person(self, collection: str) -> str:
        made = self.admin.large_person_group.create_person(collection, name="somebody", user_data="who is made up")
        return str(made.person_id)

    def add(self, group: str, *ids: str, name: str = "Family1-Dad1") -> str:
        """The persistedFaceId of a picture added to a list, or to a person: then `ids` are the group's and theirs."""
        added = self.operations(group).add_face(*ids, picture(name), detection_model=DETECTION, user_data=name)
        return str(added.persisted_face_id)

    def train(self, group: str, collection: str) -> None:
        """To its end: the client polls as the service tells it to."""
        poller = self.operations(group).begin_train(collection)
        self.run(poller.result())
        assert poller.status() == "succeeded"

    @cached_property
    def list(self) -> Filled:
        """The large face list that nobody changes."""
        made = self.new(LIST)
        faces = tuple(self.add(LIST, made, name=name) for name in ("Family1-Dad1", "Family1-Mom1"))
        self.train(LIST, made)
        return Filled(made, faces)

    @cached_property
    def group(self) -> Filled:
        """The large person group that nobody changes."""
        made = self.new(GROUP)
        persons = self.new_person(made), self.new_person(made)
        names = zip(persons, ("Family1-Dad1", "Family1-Mom1"), strict=True)
        faces = tuple(self.add(GROUP, made, person, name=name) for person, name in names)
        self.train(GROUP, made)
        return Filled(made, faces, persons)
