"""What callers do that have a key: look at pictures, enrol, search, change, delete, and what data subjects ask for."""

from typing import Any
from uuid import uuid4

from tests.contract.canary.caller import DIRECTORY, OCTETS, Caller, Collection

KINDS = {
    "facelists": "faceListId",
    "largefacelists": "largeFaceListId",
    "persongroups": "personGroupId",
    "largepersongroups": "largePersonGroupId",
}
MODEL = "recognition_04"


def detect(caller: Caller) -> None:
    query = f"detect?recognitionModel={MODEL}&returnFaceLandmarks=true&faceIdTimeToLive=600"
    if caller.chance.random() < 0.4:
        answer = caller.call("POST", query, json={"url": caller.image_url()})
    else:
        answer = caller.call("POST", query, content=caller.picture(), headers=OCTETS)
    if answer.status_code == 200:
        caller.faces += [face["faceId"] for face in answer.json()]


def look(caller: Caller) -> None:
    asked = "headPose,mask,blur,qualityForRecognition"
    query = (
        f"detect?returnFaceId=false&detectionModel=detection_03&recognitionModel={MODEL}&returnFaceAttributes={asked}"
    )
    caller.call("POST", query, content=caller.picture(), headers=OCTETS)


def make(caller: Caller) -> None:
    kind = caller.chance.choice([*KINDS])
    made = Collection(f"{kind}/{uuid4()}", KINDS[kind])
    texts = caller.named()
    if caller.call("PUT", made.path, json={**texts, "recognitionModel": MODEL}).status_code == 200:
        made.texts.append((made.path, " ".join(texts.values())))
        caller.collections.append(made)


def terms(caller: Caller) -> dict[str, str]:
    if caller.chance.random() < 0.5:
        return {}
    caller.subjects.append(caller.text("subject"))
    return {"x-ownface-subject": caller.subjects[-1], "x-ownface-consent": caller.text("consent")}


def add_person(caller: Caller) -> None:
    if found := caller.pick(persons=True):
        texts = caller.named()
        answer = caller.call("POST", f"{found.path}/persons", json=texts, headers=terms(caller))
        if answer.status_code == 200:
            found.persons.append(f"{found.path}/persons/{answer.json()['personId']}")
            found.texts.append((found.persons[-1], " ".join(texts.values())))


def add_face(caller: Caller) -> None:
    if not (found := caller.pick()):
        return
    owner = caller.chance.choice(found.persons) if found.persons else found.path
    headers = {} if found.persons else terms(caller)
    told = caller.text("userData")
    path = f"{owner}/persistedfaces?userData={told}&detectionModel=detection_03"
    if caller.chance.random() < 0.4:
        answer = caller.call("POST", path, json={"url": caller.image_url()}, headers=headers)
    else:
        answer = caller.call("POST", path, content=caller.picture(), headers={**OCTETS, **headers})
    if answer.status_code == 200:
        found.faces.append(f"{owner}/persistedfaces/{answer.json()['persistedFaceId']}")
        found.texts.append((found.faces[-1], told))


def change(caller: Caller) -> None:
    if found := caller.pick():
        path = caller.chance.choice([found.path, *found.persons])
        texts = caller.named()
        if caller.call("PATCH", path, json=texts).status_code == 200:
            _end(caller, found, path, only=True)
            found.texts.append((path, " ".join(texts.values())))


def delete(caller: Caller) -> None:
    """A face, a person with their faces, or all of it."""
    if found := caller.pick():
        path = caller.chance.choice([found.path, *found.persons, *found.faces, *found.faces])
        if caller.call("DELETE", path).status_code == 200:
            _end(caller, found, path)


def _end(caller: Caller, found: Collection, path: str, *, only: bool = False) -> None:
    """What was said about it, and about what is below it, is kept no more."""
    gone = [(at, text) for at, text in found.texts if at == path or (at.startswith(f"{path}/") and not only)]
    for entry in gone:
        found.texts.remove(entry)
        for word in entry[1].split():
            if len(word) > 2:
                caller.canaries.over(word, "deleted text")
    if not only:
        found.persons = [at for at in found.persons if not f"{at}/".startswith(f"{path}/")]
        found.faces = [at for at in found.faces if not f"{at}/".startswith(f"{path}/")]
        if path == found.path:
            caller.collections.remove(found)


def read(caller: Caller) -> None:
    if found := caller.pick():
        caller.call("GET", caller.chance.choice([found.path, *found.persons]))
        caller.call("GET", f"{found.path.split('/')[0]}?start=a&top=5")


def train(caller: Caller) -> None:
    found = caller.pick()
    if found and not found.path.startswith("facelists"):
        caller.call("POST", f"{found.path}/train")
        caller.call("GET", f"{found.path}/training")


def compare(caller: Caller) -> None:
    caller.call("POST", "verify", json={"faceId1": caller.face(), "faceId2": caller.face()})
    caller.call("POST", "group", json={"faceIds": list({caller.face() for _ in range(6)})})
    caller.call("POST", "verify", json={"faceId1": caller.text("body"), "faceId2": caller.face()})


def search(caller: Caller) -> None:
    if not (found := caller.pick()):
        return
    where = {found.id_field: found.path.split("/")[1]}
    if "persongroups" in found.path:
        caller.call("POST", "identify", json={"faceIds": [caller.face()], **where})
    else:
        caller.call("POST", "findsimilars", json={"faceId": caller.face(), **where})


def keep_directory(caller: Caller) -> None:
    """A person of the directory and a group, made, changed, and half of the time deleted."""
    texts = caller.named()
    made = caller.call("POST", "persons", version=DIRECTORY, json=texts, headers=terms(caller))
    if made.status_code != 202:
        return
    person = made.json()["personId"]
    path = f"persons/{person}/recognitionModels/{MODEL}/persistedfaces?userData={caller.text('userData')}"
    caller.call("POST", path, version=DIRECTORY, content=caller.picture(), headers=OCTETS)
    group = f"dynamicpersongroups/{uuid4()}"
    caller.call("PUT", group, version=DIRECTORY, json={**caller.named(), "addPersonIds": [person]})
    caller.call("PATCH", group, version=DIRECTORY, json=caller.named())
    caller.call("POST", "identify", version=DIRECTORY, json={"faceIds": [caller.face()], "personIds": [person]})
    if caller.chance.random() < 0.5:
        caller.call("DELETE", group, version=DIRECTORY)
        caller.call("DELETE", f"persons/{person}", version=DIRECTORY)


def ask_for_rights(caller: Caller) -> None:
    if not caller.subjects:
        return
    subject = caller.chance.choice(caller.subjects)
    told: Any = caller.call("POST", "privacy/export", json={"subject": subject})
    if told.status_code == 200:
        for record in told.json()["records"]:
            for face in record.get("faces", [record]):
                if template := face.get("template"):
                    caller.canaries.note(template[len(template) // 2 :][:48].encode(), "template")
    what = caller.chance.choice(["restrict", "lift", "erase", "terms", "export"])
    changed = {"consent": caller.text("consent")} if what == "terms" else {}
    answer = caller.call("POST", f"privacy/{what}", json={"subject": subject, **changed})
    if what == "erase" and answer.status_code == 202:
        caller.subjects.remove(subject)
        caller.call("GET", answer.headers["operation-Location"].split("/face/v1.2/")[1])


USUAL = {
    detect: 8,
    look: 3,
    make: 4,
    add_person: 7,
    add_face: 12,
    change: 4,
    delete: 4,
    read: 4,
    train: 2,
    compare: 4,
    search: 6,
    keep_directory: 2,
    ask_for_rights: 4,
}
"""How often, one to another."""
