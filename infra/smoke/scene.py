"""What the checks share: the service, the pictures, and what an earlier check left for a later one."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.smoke.client import Answer, Client
from infra.smoke.pictures import Pictures

VERSION = "face/v1.2"
MODELS = {"detectionModel": "detection_03", "recognitionModel": "recognition_04"}
TRAINING_SECONDS = 90.0


class Broken(Exception):
    """The service does not do what it should. The text says what it did."""


@dataclass(slots=True)
class Scene:
    """`wait` sleeps for so many seconds. `faces`: faceIds by name. `persons`: personIds by name."""

    client: Client
    pictures: Pictures
    wait: Callable[[float], None] = time.sleep
    group: str = field(default_factory=lambda: f"smoke-{uuid.uuid4().hex}")
    faces: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        wanted: int,
        method: str,
        path: str,
        body: bytes | Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
    ) -> Answer:
        """Raises Broken where the status is another."""
        answer = self.client.send(method, f"{VERSION}/{path}", body, query=query, chunked=chunked)
        if answer.status != wanted:
            raise Broken(f"{method} {path.partition('/')[0]} answered {answer}, not {wanted}")
        return answer

    def detect(self, picture: bytes, *, chunked: bool = False, **query: str) -> dict[str, Any]:
        """The largest face. Raises Broken where there is none."""
        query = {**MODELS, "returnFaceId": "true", "faceIdTimeToLive": "600", **query}
        faces = self.call(200, "POST", "detect", picture, query, chunked=chunked).json
        if not isinstance(faces, list) or not faces or not faces[0].get("faceId"):
            raise Broken("detect found no face in a picture that shows one")
        return dict(faces[0])

    def face(self, name: str) -> str:
        """The faceId of one of the pictures by its name, detected once."""
        if name not in self.faces:
            self.faces[name] = str(self.detect(getattr(self.pictures, name))["faceId"])
        return self.faces[name]

    def verify(self, one: str, other: str) -> bool:
        found = self.call(200, "POST", "verify", {"faceId1": one, "faceId2": other}).json
        return found.get("isIdentical") is True

    def candidates(self, name: str) -> list[str]:
        """Who the group's candidates for a picture's face are."""
        body = {"faceIds": [self.face(name)], "largePersonGroupId": self.group}
        found = self.call(200, "POST", "identify", body).json
        return [str(one["personId"]) for one in found[0]["candidates"]]

    def person(self, name: str) -> str:
        """Raises Broken where no person was enrolled, which is why nothing that needs one can be tried."""
        if name not in self.persons:
            raise Broken("it needs the person whom an earlier check could not enrol")
        return self.persons[name]
