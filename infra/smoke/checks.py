"""What a deployment is tried for, in this order. A check that returns has passed; each raises Broken or Unreachable."""

from collections.abc import Callable, Iterator

from infra.smoke.scene import MODELS, TRAINING_SECONDS, VERSION, Broken, Scene

Check = Callable[[Scene], str]
"""Answers what it saw."""

LANDMARKS = 27
TIME_TO_LIVE = 60
NO_KEY = {"Ocp-Apim-Subscription-Key": "0" * 32}


def ready(scene: Scene) -> str:
    """Storage answers and every model is loaded."""
    answer = scene.client.send("GET", "readyz", headers={})
    if answer.status != 200:
        raise Broken(f"/readyz answered {answer}: {answer.body.decode(errors='replace')[:300]}")
    return "storage answers, models are loaded"


def guarded(scene: Scene) -> str:
    """Nothing is open to somebody without a key, or with a wrong one."""
    for headers in ({}, NO_KEY):
        answer = scene.client.send("POST", f"{VERSION}/detect", scene.pictures.person, headers=headers)
        if answer.status != 401:
            raise Broken(f"detect with {'a wrong' if headers else 'no'} key answered {answer}, not 401")
    return "no key and a wrong key are refused"


def detects(scene: Scene) -> str:
    """A face, its rectangle and its landmarks."""
    found = scene.detect(scene.pictures.person, returnFaceLandmarks="true")
    if len(found.get("faceLandmarks", {})) != LANDMARKS or found["faceRectangle"]["width"] < 1:
        raise Broken(f"the face has {len(found.get('faceLandmarks', {}))} landmarks, not {LANDMARKS}")
    return f"a face with {LANDMARKS} landmarks"


def refuses(scene: Scene) -> str:
    """What is no picture gets the contract's error."""
    answer = scene.call(400, "POST", "detect", b"no picture at all " * 100)
    if answer.code != "InvalidImage":
        raise Broken(f"bytes that are no picture were answered {answer}, not 400 InvalidImage")
    return "what is no picture is 400 InvalidImage"


def verifies(scene: Scene) -> str:
    """One person is identical, two are not."""
    if not scene.verify(scene.face("person"), scene.face("again")):
        raise Broken("two pictures of one person are not identical")
    if scene.verify(scene.face("person"), scene.face("other")):
        raise Broken("pictures of two people are identical")
    return "the same person is, another is not"


def enrols(scene: Scene) -> str:
    """Two persons with a face each, in a group of this run's own."""
    path = f"largepersongroups/{scene.group}"
    scene.call(200, "PUT", path, {"name": "smoke", "recognitionModel": MODELS["recognitionModel"]})
    query = {"detectionModel": MODELS["detectionModel"]}
    for name in ("person", "other"):
        person = str(scene.call(200, "POST", f"{path}/persons", {"name": name}).json["personId"])
        picture = getattr(scene.pictures, name)
        scene.call(200, "POST", f"{path}/persons/{person}/persistedfaces", picture, query)
        scene.persons[name] = person
    return "two persons"


def trains(scene: Scene) -> str:
    """The queue and what works on it."""
    scene.person("other")
    path = f"largepersongroups/{scene.group}"
    scene.call(202, "POST", f"{path}/train")
    for waited in range(int(TRAINING_SECONDS)):
        status = scene.call(200, "GET", f"{path}/training").json["status"]
        if status == "succeeded":
            return f"training ended within {waited + 1} s"
        if status == "failed":
            break
        scene.wait(1)
    raise Broken(f"training is {status} after {waited + 1} s: nobody works on the queue, or the work fails")


def identifies(scene: Scene) -> str:
    """Whom a new picture shows."""
    person = scene.person("person")
    found = scene.candidates("again")
    if found[:1] != [person]:
        raise Broken("another picture of an enrolled person was not identified")
    return "an enrolled person, by another picture"


def takes_large_pictures(scene: Scene) -> str:
    """Front ends that cut at 4 MB are in the way of the contract's 6 MB."""
    picture = scene.pictures.large()
    scene.detect(picture)
    return f"a picture of {len(picture) / 1e6:.1f} MB"


def takes_chunked_uploads(scene: Scene) -> str:
    """The old SDKs send so; front ends that drop such a body are in the way."""
    scene.detect(scene.pictures.person, chunked=True)
    return "a body without a length"


def deletes(scene: Scene) -> str:
    """A person who was deleted is not found, and a group that was deleted is not there."""
    person, path = scene.person("person"), f"largepersongroups/{scene.group}"
    scene.call(200, "DELETE", f"{path}/persons/{person}")
    if person in scene.candidates("again"):
        raise Broken("a deleted person was identified")
    scene.call(200, "DELETE", path)
    if scene.call(404, "GET", path).code != "LargePersonGroupNotFound":
        raise Broken("a deleted group was not answered LargePersonGroupNotFound")
    return "a person and a group are gone at once"


def expires(scene: Scene) -> str:
    """A faceId lives as long as it was asked to, and not longer."""
    short = str(scene.detect(scene.pictures.again, faceIdTimeToLive=str(TIME_TO_LIVE))["faceId"])
    if not scene.verify(scene.face("person"), short):
        raise Broken("a new faceId is not what was detected")
    scene.wait(TIME_TO_LIVE + 1)
    if scene.call(404, "POST", "verify", {"faceId1": scene.face("person"), "faceId2": short}).code != "FaceNotFound":
        raise Broken("an expired faceId was not answered FaceNotFound")
    return f"a faceId of {TIME_TO_LIVE} s is gone after {TIME_TO_LIVE + 1}"


CHECKS: dict[str, Check] = {
    "ready": ready,
    "guarded": guarded,
    "detects": detects,
    "refuses": refuses,
    "verifies": verifies,
    "enrols": enrols,
    "trains": trains,
    "identifies": identifies,
    "large": takes_large_pictures,
    "chunked": takes_chunked_uploads,
    "deletes": deletes,
    "expires": expires,
}


def tidy(scene: Scene) -> Iterator[str]:
    """Removes the group where a check that failed has left it. Answers what could not be removed."""
    answer = scene.client.send("DELETE", f"{VERSION}/largepersongroups/{scene.group}")
    if answer.status not in (200, 404):
        yield f"the group {scene.group} could not be deleted: {answer}"
