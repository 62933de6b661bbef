"""A collection as it should be, beside the real one: makes the calls, and says what is to be seen by whoever asks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from tests.contract.stateful.pool import WHO
from tests.contract.stateful.world import GROUPS, add_face, refused, told

TRAINED_WITHIN = 60.0  # seconds
MODEL = "recognition_04"
ALL = {"top": 1000}


@dataclass(frozen=True, slots=True)
class KindUnderTest:
    path: str
    name: str
    field: str
    has_persons: bool
    trains: bool


LARGE_PERSON_GROUP = KindUnderTest("largepersongroups", "LargePersonGroup", "largePersonGroupId", True, True)
PERSON_GROUP = KindUnderTest("persongroups", "PersonGroup", "personGroupId", True, True)
LARGE_FACE_LIST = KindUnderTest("largefacelists", "LargeFaceList", "largeFaceListId", False, True)
FACE_LIST = KindUnderTest("facelists", "FaceList", "faceListId", False, False)


@dataclass
class Owner:
    """A person, or a list. `faces`: persistedFaceId -> whose picture it is."""

    name: str
    faces: dict[str, str] = field(default_factory=dict)


@dataclass
class Collection:
    """`owners`: of faces, by their ids; a list is one owner, under the empty id. `exists`: whether it is there now."""

    kind: KindUnderTest
    key: str
    owners: dict[str, Owner] = field(default_factory=dict)
    exists: bool = False
    trained: bool = False

    @property
    def path(self) -> str:
        return f"{GROUPS}/{self.kind.path}/{self.key}"

    def of(self, owner: str) -> str:
        """The path of an owner of faces."""
        return f"{self.path}/persons/{owner}" if self.kind.has_persons else self.path

    def owner(self, pick: int) -> str | None:
        """One of them, if there are any."""
        return sorted(self.owners)[pick % len(self.owners)] if self.owners else None

    def face(self, pick: int) -> tuple[str, str] | None:
        """A face of any owner, and whose it is: (owner, face)."""
        every = [(owner, face) for owner, one in sorted(self.owners.items()) for face in sorted(one.faces)]
        return every[pick % len(every)] if every else None

    # changes

    def create(self, http: httpx.Client) -> None:
        told(http.put(self.path, json={"name": "name", "recognitionModel": MODEL}))
        self.exists, self.trained = True, False
        self.owners = {} if self.kind.has_persons else {"": Owner("")}

    def delete(self, http: httpx.Client) -> None:
        told(http.delete(self.path))
        self.exists, self.trained, self.owners = False, False, {}

    def create_person(self, http: httpx.Client, name: str) -> str:
        person = str(told(http.post(f"{self.path}/persons", json={"name": name}))["personId"])
        self.owners[person] = Owner(name)
        return person

    def rename_person(self, http: httpx.Client, person: str, name: str) -> None:
        told(http.patch(self.of(person), json={"name": name}))
        self.owners[person].name = name

    def delete_person(self, http: httpx.Client, person: str) -> None:
        told(http.delete(self.of(person)))
        del self.owners[person]

    def add_face(self, http: httpx.Client, owner: str, picture: tuple[str, str]) -> None:
        who, name = picture
        self.owners[owner].faces[add_face(http, self.of(owner), name)] = who

    def delete_face(self, http: httpx.Client, owner: str, face: str) -> str:
        """The path that it had."""
        path = f"{self.of(owner)}/persistedfaces/{face}"
        told(http.delete(path))
        del self.owners[owner].faces[face]
        return path

    def train(self, http: httpx.Client, run: Callable[..., None] | None = None) -> None:
        """`run`: runs the message at once, which comes through the queue too."""
        deadline = time.monotonic() + TRAINED_WITHIN
        while (asked := http.post(f"{self.path}/train")).status_code == 409:  # a message that came a second time
            assert time.monotonic() < deadline
            time.sleep(0.02)
        told(asked, 202)
        if run:
            run(do="train", of=f"{self.kind.path}|{self.key}")
        while told(http.get(f"{self.path}/training"))["status"] != "succeeded":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.trained = True

    # what is to be seen

    def is_refused_everything(self, http: httpx.Client) -> None:
        missing = f"{self.kind.name}NotFound"
        refused(http.delete(self.path), 404, missing)
        refused(http.patch(self.path, json={"name": "new"}), 404, missing)
        if self.kind.trains:
            refused(http.post(f"{self.path}/train"), 404, missing)

    def verify(self, http: httpx.Client, person: str, who: str, probe: str) -> None:
        body = {"faceId": probe, "personId": person, self.kind.field: self.key}
        answer = http.post(f"{GROUPS}/verify", json=body)
        if faces := self.owners[person].faces.values():
            assert told(answer)["isIdentical"] is (who in faces)
        else:
            refused(answer, 404, "PersistedFaceNotFound")

    def check(self, http: httpx.Client, probes: Sequence[str]) -> None:
        """Everything that one process can tell about it. `probes`: a faceId of each of WHO."""
        if not self.exists:
            refused(http.get(self.path), 404, f"{self.kind.name}NotFound")
        elif self.kind.has_persons:
            self._check_persons(http)
            self._check_identify(http, probes)
        else:
            self._check_faces(http)
            for who, probe in zip(WHO, probes, strict=True):
                self._check_similar(http, who, probe)

    def _check_persons(self, http: httpx.Client) -> None:
        found = told(http.get(f"{self.path}/persons", params=ALL))
        seen = {one["personId"]: (one["name"], set(one["persistedFaceIds"])) for one in found}
        assert seen == {key: (one.name, set(one.faces)) for key, one in self.owners.items()}

    def _check_identify(self, http: httpx.Client, probes: Sequence[str]) -> None:
        body = {"faceIds": probes, self.kind.field: self.key, "maxNumOfCandidatesReturned": 100}
        answer = http.post(f"{GROUPS}/identify", json=body)
        if not self.trained:
            refused(answer, 400, f"{self.kind.name}NotTrained")
            return
        candidates = [{one["personId"] for one in result["candidates"]} for result in told(answer)]
        assert candidates == [{key for key, one in self.owners.items() if who in one.faces.values()} for who in WHO]

    def _check_faces(self, http: httpx.Client) -> None:
        if self.kind.trains:
            found = told(http.get(f"{self.path}/persistedfaces", params=ALL))
        else:
            found = told(http.get(self.path))["persistedFaces"]
        assert {one["persistedFaceId"] for one in found} == set(self.owners[""].faces)

    def _check_similar(self, http: httpx.Client, who: str, probe: str) -> None:
        faces = self.owners[""].faces
        answer = http.post(f"{GROUPS}/findsimilars", json={"faceId": probe, self.kind.field: self.key})
        if self.kind.trains and not self.trained:
            refused(answer, 400, f"{self.kind.name}NotTrained")
        elif not self.kind.trains and not faces:
            refused(answer, 400, "FaceListNotReady")
        else:
            assert {one["persistedFaceId"] for one in told(answer)} == {key for key, of in faces.items() if of == who}
