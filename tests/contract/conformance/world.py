"""State that a call needs before it can succeed, set up over HTTP in one API version, made when first asked for."""

from functools import cache
from typing import Any
from uuid import uuid4

from tests.contract.conformance.kinds import Kind
from tests.contract.conformance.work import Work
from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

FAMILY = FACES / "azure/images"
MODEL = "recognition_04"
DIRECTORY_VERSION = "v1.2-preview.1"
"""The newest version that can create persons in the directory, for the later ones that can still ask about them."""
OCTETS = {"Content-Type": "application/octet-stream"}


@cache
def picture(name: str) -> bytes:
    return (FAMILY / f"{name}.jpg").read_bytes()


class World:
    """`faces`: faceIds of two pictures of one person and of one other person. What is made is taken down by `end`."""

    def __init__(self, service: Service, work: Work, version: str, model: str = MODEL) -> None:
        self.service, self.work, self.version, self.model = service, work, version, model
        self._made: dict[tuple[str, ...], Any] = {}
        self._paths: list[str] = []

    def request(self, method: str, path: str, version: str = "", **options: Any) -> Any:
        """The JSON of the answer, or None where it is empty; a set-up call must succeed."""
        answer = self.service.http.request(method, f"/face/{version or self.version}/{path}", **options)
        assert answer.is_success, f"{method} {path} in {version or self.version}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def once(self, *key: str, make: Any) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def remember(self, path: str) -> None:
        """To delete what is there, in the directory's version, when this world ends."""
        self._paths.append(path)

    # faces of detect

    def face(self, name: str = "Family1-Dad1", model: str = "") -> str:
        """The faceId of a picture."""
        query = {"recognitionModel": model or self.model}
        detect = lambda: self.service.detect(picture(name), self.version, **query)[0]["faceId"]  # noqa: E731
        return str(self.once("face", name, query["recognitionModel"], make=detect))

    @property
    def faces(self) -> list[str]:
        return [self.face(name) for name in ("Family1-Dad1", "Family1-Dad2", "Family2-Lady1")]

    # collections

    def new_collection(self, kind: Kind, model: str = "") -> str:
        made = str(uuid4())
        body = {"name": "made for a test", "recognitionModel": model or self.model}
        self.request("PUT", f"{kind.path}/{made}", json=body)
        self._paths.append(f"{kind.path}/{made}")
        return made

    def collection(self, kind: Kind) -> str:
        """One that holds a face of Family1-Dad, trained."""
        return str(self.once("collection", kind.path, make=lambda: self._filled(kind)))

    def _filled(self, kind: Kind) -> str:
        made = self.new_collection(kind)
        owner = self.new_person(kind, made) if kind.persons else ""
        self._made["owner", kind.path] = owner
        self._made["persisted", kind.path] = self.add(f"{kind.path}/{made}" + (f"/persons/{owner}" if owner else ""))
        if kind.trains:
            self.train(kind, made)
        return made

    def train(self, kind: Kind, collection: str) -> None:
        self.request("POST", f"{kind.path}/{collection}/train")
        self.work.run()

    def new_person(self, kind: Kind, collection: str) -> str:
        return str(self.request("POST", f"{kind.path}/{collection}/persons", json={"name": "somebody"})["personId"])

    def owner(self, kind: Kind) -> str:
        """The personId of the person in `collection`."""
        self.collection(kind)
        return str(self._made["owner", kind.path])

    def persisted(self, kind: Kind) -> str:
        """The persistedFaceId in `collection`."""
        self.collection(kind)
        return str(self._made["persisted", kind.path])

    def add(self, path: str, name: str = "Family1-Dad1", version: str = "") -> str:
        """The persistedFaceId of a picture added below `path`, where `persistedfaces` are."""
        made = self.request("POST", f"{path}/persistedfaces", version, content=picture(name), headers=OCTETS)
        return str(made["persistedFaceId"])

    # Person Directory

    @property
    def directory_version(self) -> str:
        return DIRECTORY_VERSION if self.version in ("v1.0", "v1.2", "v1.3-preview.1") else self.version

    def new_directory_person(self) -> str:
        made = str(self.request("POST", "persons", self.directory_version, json={"name": "somebody"})["personId"])
        self.work.run()
        self._paths.append(f"persons/{made}")
        return made

    def directory_person(self) -> str:
        """A person with a face of Family1-Dad, who is in `dynamic_group`."""
        return str(self.once("directory", make=self._enrolled))

    def directory_face(self) -> str:
        self.directory_person()
        return str(self._made["persisted", "persons"])

    def _enrolled(self) -> str:
        made = self.new_directory_person()
        path = f"persons/{made}/recognitionModels/{self.model}"
        self._made["persisted", "persons"] = self.add(path, version=self.directory_version)
        self.work.run()
        return made

    def new_dynamic_group(self, *persons: str) -> str:
        made = str(uuid4())
        body = {"name": "made for a test"} | ({"addPersonIds": list(persons)} if persons else {})
        self.request("PUT", f"dynamicpersongroups/{made}", self.directory_version, json=body)
        self.work.run()
        self._paths.append(f"dynamicpersongroups/{made}")
        return made

    def dynamic_group(self) -> str:
        make = lambda: self.new_dynamic_group(self.directory_person())  # noqa: E731
        return str(self.once("dynamic group", make=make))

    def end(self) -> None:
        """Delete what is left of all that was made."""
        for path in self._paths:
            answer = self.service.http.delete(f"/face/{self.directory_version}/{path}")
            assert answer.status_code in (200, 202, 404), answer.text
        self.work.run()
