"""What operations of our own change in storage, and those of the contract where somebody's terms are said: as
docs/privacy.md has it. Those of the contract by themselves: conformance/test_every_operation.py."""

import json
import re
import uuid
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest

from shared.wire.operation import TABLE
from tests import captures
from tests.contract.changes import Changes, watched
from tests.contract.conftest import Service
from tests.contract.performing import Client
from tests.contract.stored import Account
from tests.contract.test_privacy import pieces
from tests.faces import ROOT as FACES
from tests.privacy_page import operation_rows

OCTETS = {"Content-Type": "application/octet-stream"}
DAD = FACES / "azure/images/Family1-Dad1.jpg"
MAN, MAN_AGAIN = "azure/images/Family2-Man1.jpg", FACES / "azure/images/Family2-Man2.jpg"
DIRECTORY, RECOGNITION = "v1.2-preview.1", "recognition_04"
SESSION = {"livenessOperationMode": "Passive", "deviceCorrelationId": "a-device"}
PAGES = (
    "healthz",
    "readyz",
    "openapi.json",
    "liveness",
    "liveness/page/x",
    "liveness/ui/x",
    "retention",
    "retention/page/x",
)


def succeed(service: Service, method: str, path: str, **options: Any) -> Any:
    answer = service.http.request(method, f"/face/{path}", **options)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


class Someone:
    """Somebody who is enrolled everywhere under one subject, with an end."""

    def __init__(self, service: Service) -> None:
        self.ask, self.subject, key = partial(succeed, service), f"s-{uuid.uuid4().hex}", uuid.uuid4().hex
        headers = {"x-ownface-subject": self.subject, "x-ownface-retain-until": "2100-01-01"}
        self.collections = [f"v1.2/{kind}/{key}" for kind in ("largepersongroups", "largefacelists")]
        for path in self.collections:
            self.ask("PUT", path, json={"name": "n", "recognitionModel": RECOGNITION})
        group, faces = self.collections
        person = self.ask("POST", f"{group}/persons", json={"name": "n"}, headers=headers)["personId"]
        picture = {"content": DAD.read_bytes(), "headers": OCTETS | headers}
        face = self.ask("POST", f"{faces}/persistedfaces", **picture)["persistedFaceId"]
        known = self.ask("POST", f"{DIRECTORY}/persons", json={"name": "n"}, headers=headers)["personId"]
        terms = SESSION | {"enableSessionImage": True}
        self.session = self.ask("POST", "v1.2/detectLiveness-sessions", json=terms, headers=headers)
        self.records = [
            f"{group}/persons/{person}",
            f"{faces}/persistedfaces/{face}",
            f"{DIRECTORY}/persons/{known}",
        ]


@pytest.fixture(scope="module")
def seen(running: Service) -> Iterator[Changes]:
    """What each operation has changed that is called here."""
    with watched() as changes:
        deleted, erased = Someone(running), Someone(running)
        for one in (deleted, erased):
            perform(running, one.session["authToken"])
        for path in (*deleted.records, f"v1.2/detectLiveness-sessions/{deleted.session['sessionId']}"):
            deleted.ask("DELETE", path)
        ask_for(erased)
        check_liveness(running)
        for path in PAGES:
            running.http.get(f"/{path}")
        for path in (*deleted.collections, *erased.collections):
            erased.ask("DELETE", path)
        yield changes


def perform(service: Service, token: str, **headers: str) -> None:
    client, frames = Client(service, token, "v1.2", headers), captures.frames(MAN, 8)
    assert client.post("session/guide", content=frames[0], headers=OCTETS).status_code == 200
    assert client.perform(frames)["attemptStatus"] == "Succeeded"


def ask_for(someone: Someone) -> None:
    """All that may be asked about a subject, its erasure at last."""
    about = {"subject": someone.subject}
    someone.ask("POST", "v1.2/privacy/terms", json=about | {"consent": "c", "newSubject": f"{someone.subject}-new"})
    someone.ask("POST", "v1.2/privacy/erase", json=about)  # what the old one still has: the session
    about["subject"] += "-new"
    for what in ("export", "restrict", "lift"):
        someone.ask("POST", f"v1.2/privacy/{what}", json=about)
    for what in ("retention", "receiptkeys"):
        someone.ask("GET", f"v1.2/privacy/{what}")
    someone.ask("POST", "v1.2/privacy/anchor")
    erasure = someone.ask("POST", "v1.2/privacy/erase", json=about)["erasureId"]
    someone.ask("GET", f"v1.2/privacy/erasures/{erasure}")


def check_liveness(service: Service) -> None:
    frames = [("frame", ("f", frame, "image/jpeg")) for frame in captures.frames(MAN, 8)]
    picture = ("verifyImage", ("f", MAN_AGAIN.read_bytes(), "image/jpeg"))
    for kind, files in (("detectLiveness", frames), ("detectLivenessWithVerify", [*frames, picture])):
        answer = service.http.post(f"/face/v1.2/{kind}/singleModal", files=files)
        assert answer.status_code == 200, answer.text


@pytest.mark.slow
def test_operations_of_our_own_change_in_storage_what_the_page_says(seen: Changes) -> None:
    assert {name for name, declared in TABLE.items() if not declared.covers} <= seen.of.keys()
    assert [wrong for row in operation_rows() for wrong in row.misfits(seen.of)] == []


@pytest.mark.slow
def test_what_the_page_says_on_a_condition_is_changed_where_that_is_met(seen: Changes) -> None:
    for row in operation_rows():
        found = set().union(*(seen.of.get(name, set()) for name in row.operations))
        assert row.sometimes <= found, row.operations


@pytest.fixture
def account(storage: str) -> Account:
    return Account(storage)


def holders(account: Account, *words: str) -> list[set[str]]:
    """Of each word the tables and containers in which it stands."""
    contents = account.contents().items()
    return [{re.split(r"[|/]", name)[0] for name, data in contents if word.encode() in data} for word in words]


def test_names_and_user_data_are_kept_as_they_came_until_what_they_name_is_deleted(
    service: Service, account: Account
) -> None:
    ask, key = partial(succeed, service), uuid.uuid4().hex
    group, directory, dynamic = (
        f"v1.2/persongroups/{key}",
        f"{DIRECTORY}/persons",
        f"{DIRECTORY}/dynamicpersongroups/{key}",
    )

    def told() -> dict[str, str]:
        return {"name": f"name-{uuid.uuid4()}", "userData": f"data-{uuid.uuid4()}"}

    first, second, third = [[told() for _ in range(4)] for _ in range(3)]
    ask("PUT", group, json=first[0] | {"recognitionModel": RECOGNITION})
    person = f"{group}/persons/{ask('POST', f'{group}/persons', json=first[1])['personId']}"
    known = f"{directory}/{ask('POST', directory, json=first[2])['personId']}"
    ask("PUT", dynamic, json=first[3])
    places = [{"catalogue"}, {"galleries"}, {"galleries"}, {"catalogue"}]
    for word in ("name", "userData"):
        assert holders(account, *(one[word] for one in first)) == places

    for path, changed in zip((group, person, known, dynamic), second, strict=True):
        ask("PATCH", path, json=changed)
    ask("POST", f"{group}/persons", json=third[1])  # goes with its group
    assert holders(account, *(one["name"] for one in (*first, *second))) == [set()] * 4 + places
    for path in (person, known, dynamic, group):
        ask("DELETE", path)
    assert holders(account, *(one["userData"] for one in second)) == [set()] * 4
    service.clock.advance(3600)
    service.http.post("/admin/functions/SweepExpired", json={"input": ""})
    assert holders(account, third[1]["name"]) == [set()]


def test_nothing_of_a_picture_that_was_enrolled_is_kept(service: Service, account: Account) -> None:
    ask, key = partial(succeed, service), uuid.uuid4().hex
    faces, directory = f"v1.2/facelists/{key}", f"{DIRECTORY}/persons"
    picture = {"content": DAD.read_bytes(), "headers": OCTETS}
    ask("PUT", faces, json={"name": "n", "recognitionModel": RECOGNITION})
    ask("POST", f"{faces}/persistedfaces", **picture)
    known = f"{directory}/{ask('POST', directory, json={'name': 'n'})['personId']}"
    ask("POST", f"{known}/recognitionModels/{RECOGNITION}/persistedfaces", **picture)
    everything = b"".join(account.contents().values())
    assert not any(piece in everything for piece in pieces(DAD.read_bytes()))
    for path in (faces, known):
        ask("DELETE", path)


def test_performed_session_keeps_no_frame_and_its_address_sealed(service: Service, account: Account) -> None:
    made = succeed(service, "POST", "v1.2/detectLiveness-sessions", json=SESSION)
    address, agent = "203.0.113.77", f"agent-{uuid.uuid4()}"
    perform(service, made["authToken"], **{"X-Forwarded-For": address, "User-Agent": agent})
    path = f"{DIRECTORY}/detectLiveness/singleModal/sessions/{made['sessionId']}"
    assert agent in json.dumps(succeed(service, "GET", f"{path}/audit"))
    everything = b"".join(account.contents().values())
    told = [piece for frame in captures.frames(MAN, 8) for piece in islice(pieces(frame), 0, None, 10)]
    assert not [one for one in (address.encode(), agent.encode(), *told) if one in everything]
    assert account.blobs(made["sessionId"]) == {}
    succeed(service, "DELETE", path)
