"""Section 2: what any operation may answer."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from shared import services
from shared.services import access_by
from shared.store import retries
from shared.store.tables import Merge, Table
from shared.wire.images import ImageIntake
from tests.clock import FakeClock
from tests.contract.conformance.errors.rows import ANY
from tests.contract.conformance.errors.triggers import UNKNOWN, VERSION, Refusal, Scene, new_id, raises
from tests.contract.conformance.kinds import FACE_LIST, GROUPS, KINDS, LARGE_FACE_LIST, LARGE_PERSON_GROUP, TRAINED
from tests.contract.conformance.specification import Declared, in_scope
from tests.faces import ROOT as FACES

JSON = {"Content-Type": "application/json"}
LONG = 16_385
DOWNLOAD = "Invalid image URL or error downloading from target server. Remote server error returned: "


@raises(ANY, 400, "Request body is invalid.")
def body(scene: Scene) -> Iterator[Refusal]:
    for path in ("detect", "verify", "identify", "findsimilars", "group", "persons"):
        yield Refusal(scene.ask("POST", path, content=b"[]", headers=JSON))


@raises(ANY, 400, "JSON parsing error.")
def json_text(scene: Scene) -> Iterator[Refusal]:
    for path in ("detect", "verify", "identify", "findsimilars", "group", "persons"):
        yield Refusal(scene.ask("POST", path, content=b"{", headers=JSON))


@raises(ANY, 400, "'recognitionModel' is invalid.")
def recognition_model(scene: Scene) -> Iterator[Refusal]:
    yield Refusal(scene.add("detect", recognitionModel="recognition_05"))
    for kind in KINDS:
        yield Refusal(scene.put(f"{kind.path}/{new_id()}", name="n", recognitionModel="recognition_05"))


@raises(ANY, 400, "'detectionModel' is invalid.")
def detection_model(scene: Scene) -> Iterator[Refusal]:
    for path in ("detect", *scene.adders()):
        yield Refusal(scene.add(path, detectionModel="detection_04"))


def named(scene: Scene, body: dict[str, Any]) -> Iterator[Refusal]:
    """Everything that can be made or changed with a name."""
    for kind in KINDS:
        yield Refusal(scene.put(f"{kind.path}/{new_id()}", **body))
        yield Refusal(scene.patch(scene.collection(kind), **body))
    for kind in GROUPS:
        yield Refusal(scene.post(f"{scene.collection(kind)}/persons", **body))
        yield Refusal(scene.patch(scene.place(kind), **body))
    yield Refusal(scene.post("persons", **body))
    yield Refusal(scene.patch(f"persons/{scene.world.directory_person()}", **body))
    yield Refusal(scene.put(f"dynamicpersongroups/{new_id()}", **body))
    yield Refusal(scene.patch(f"dynamicpersongroups/{scene.world.dynamic_group()}", **body))


@raises(ANY, 400, "'name' is empty.")
def name_empty(scene: Scene) -> Iterator[Refusal]:
    yield from named(scene, {"name": "", "userData": "something"})


@raises(ANY, 400, "'name' is too long.")
def name_long(scene: Scene) -> Iterator[Refusal]:
    yield from named(scene, {"name": "n" * 129})


@raises(ANY, 400, "'userData' is too long.")
def user_data_long(scene: Scene) -> Iterator[Refusal]:
    yield from named(scene, {"name": "n", "userData": "u" * LONG})
    for adder in scene.adders():
        yield Refusal(scene.add(adder, userData="u" * 1025))
    for kind in (LARGE_FACE_LIST, *GROUPS):
        yield Refusal(scene.patch(f"{scene.adder(kind)}/{scene.world.persisted(kind)}", userData="u" * 1025))
    face = f"{scene.enrolled()}/persistedfaces/{scene.world.directory_face()}"
    yield Refusal(scene.patch(face, userData="u" * 1025))


def pages(scene: Scene, query: str) -> Iterator[Refusal]:
    """Every list that is given in pages."""
    for kind in TRAINED:
        yield Refusal(scene.get(f"{kind.path}?{query}"))
    yield Refusal(scene.get(f"{scene.collection(LARGE_FACE_LIST)}/persistedfaces?{query}"))
    for kind in GROUPS:
        yield Refusal(scene.get(f"{scene.collection(kind)}/persons?{query}"))
    person = scene.world.directory_person()
    group = f"dynamicpersongroups/{scene.world.dynamic_group()}/persons"
    for path in ("persons", f"persons/{person}/dynamicPersonGroupReferences", "dynamicpersongroups", group):
        yield Refusal(scene.get(f"{path}?{query}"))


@raises(ANY, 400, "'start' is too long.")
def start_long(scene: Scene) -> Iterator[Refusal]:
    yield from pages(scene, f"start={'s' * 65}")


@raises(ANY, 400, "'top' is invalid.")
def top_invalid(scene: Scene) -> Iterator[Refusal]:
    for top in ("0", "1001", "-1", "many"):
        yield from pages(scene, f"top={top}")


@raises(ANY, 400, "Argument targetFace out of range.")
def target_face_outside(scene: Scene) -> Iterator[Refusal]:
    for adder in scene.adders():
        yield Refusal(scene.add(adder, targetFace="0,0,10000,10000"))


@raises(ANY, 400, "Invalid argument targetFace.")
def target_face_malformed(scene: Scene) -> Iterator[Refusal]:
    for adder in scene.adders():
        for target in ("1,2,3", "1,2,3,4,5", "a,b,c,d", "1;2;3;4"):
            yield Refusal(scene.add(adder, targetFace=target))


def by_url(scene: Scene, url: str) -> Iterator[Refusal]:
    for path in ("detect", *scene.adders()):
        yield Refusal(scene.post(path, url=url))


@raises(ANY, 400, "Invalid image URL.")
def url_malformed(scene: Scene) -> Iterator[Refusal]:
    yield from by_url(scene, "no url")


@raises(ANY, 400, f'{DOWNLOAD}"..."')
def url_of_nothing(scene: Scene) -> Iterator[Refusal]:
    for refusal in by_url(scene, f"{scene.world.service.pictures}/not-there.jpg"):
        yield replace(refusal, message=f'{DOWNLOAD}"404 Not Found"')


@raises(ANY, 400, "Decoding error, image format unsupported.")
def picture_damaged(scene: Scene) -> Iterator[Refusal]:
    for path in ("detect", *scene.adders()):
        yield Refusal(scene.add(path, bytes(2000)))


@raises(ANY, 400, "No face detected in the image.")
def picture_without_face(scene: Scene) -> Iterator[Refusal]:
    scenery = next((FACES / "no_face/images").glob("*.jpg")).read_bytes()
    for adder in scene.adders():
        yield Refusal(scene.add(adder, scenery))


@raises(ANY, 400, "There is more than 1 face in the image.")
def picture_of_many(scene: Scene) -> Iterator[Refusal]:
    family = (FACES / "azure/images/identification1.jpg").read_bytes()
    for adder in scene.adders():
        yield Refusal(scene.add(adder, family))


@raises(ANY, 400, "Image size is too small.")
def picture_small(scene: Scene) -> Iterator[Refusal]:
    for path in ("detect", *scene.adders()):
        yield Refusal(scene.add(path, bytes(1023)))


@raises(ANY, 400, "Image size is too big.")
def picture_big(scene: Scene) -> Iterator[Refusal]:
    for path in ("detect", *scene.adders()):
        yield Refusal(scene.add(path, bytes(6 * 1024 * 1024 + 1)))


def filled(declared: Declared) -> str:
    """The path of an operation, with ids that nothing has."""
    values = {p["name"]: UNKNOWN for p in declared.parameters if p["in"] == "path"}
    return declared.path.format(**(values | {"recognitionModel": "recognition_04"})).removeprefix("/")


@raises(
    ANY,
    401,
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource.",
)
def no_key(scene: Scene) -> Iterator[Refusal]:
    """Every operation of every version."""
    for declared in in_scope():
        headers = {"Ocp-Apim-Subscription-Key": "wrong", **JSON}
        yield Refusal(scene.ask(declared.method, filled(declared), declared.version, headers=headers))


@raises(
    ANY,
    403,
    "Feature is not supported, missing approval for one or more of the following features: Identification, "
    "Verification.",
)
def not_approved(scene: Scene) -> Iterator[Refusal]:
    """Whatever makes templates or keeps them."""
    before = services.current()
    settings = replace(before.settings, approved_features=frozenset({"liveness"}))
    services.use(replace(before, access=access_by(settings, FakeClock())))
    try:
        yield Refusal(scene.add("detect"))
        for path in scene.adders():
            yield Refusal(scene.add(path))
        yield from named(scene, {"name": "n"})
    finally:
        services.use(before)


@raises(ANY, 429, "Rate limit is exceeded.")
def too_often(scene: Scene) -> Iterator[Refusal]:
    """One call a second is allowed, and the clock stands still."""
    before = services.current()
    settings = replace(before.settings, caller_rates={"FaceUser": 1.0})
    services.use(replace(before, access=access_by(settings, FakeClock())))
    try:
        assert scene.get("facelists").status_code == 200
        yield Refusal(scene.get("facelists"))
        yield Refusal(scene.add("detect"))
    finally:
        services.use(before)


@raises(ANY, 415, "Invalid Media Type.")
def media_type(scene: Scene) -> Iterator[Refusal]:
    """Every operation that takes a body."""
    for declared in in_scope():
        if declared.version == VERSION and any(parameter["in"] == "body" for parameter in declared.parameters):
            headers = {"Content-Type": "text/plain"}
            yield Refusal(scene.ask(declared.method, filled(declared), content=b"text", headers=headers))


@raises(ANY, 408, "Request Timeout.")
def slow_server(scene: Scene) -> Iterator[Refusal]:
    """A server that takes the connection and says nothing."""
    before = services.current()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = replace(before.settings, url_timeout_seconds=1, url_allowed_hosts=frozenset({host}))
        services.use(replace(before, images=ImageIntake(settings, before.turns)))
        try:
            for path in ("detect", scene.adder(FACE_LIST)):
                yield Refusal(scene.post(path, url=f"http://{host}/picture.jpg"))
        finally:
            services.use(before)


@raises(ANY, 409, "There is a conflict operation on resource `<resourceName>`, please try later.")
def rival_writer(scene: Scene) -> Iterator[Refusal]:
    """Another writer is always first: it touches the rows that a change is about to be committed on."""
    commit = Table.commit

    def outrun(table: Table, steps: Any) -> None:
        touched = [step.row for step in steps if isinstance(step, Merge) and step.etag]
        for row in touched:
            table.merge({"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]})
        commit(table, steps)

    for kind in (FACE_LIST, LARGE_PERSON_GROUP):
        adder, resource = scene.adder(kind), scene.world.owner(kind) or scene.world.collection(kind)
        with scene.monkeypatch.context() as patched:
            patched.setattr(Table, "commit", outrun)
            patched.setattr(retries, "FIRST_PAUSE_SECONDS", 0.0)
            refused = scene.add(adder)
        yield Refusal(refused, message=f"There is a conflict operation on resource {resource}, please try later.")
