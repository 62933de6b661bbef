"""The audit trail over HTTP: what calls leave in it, and the command that checks it."""

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from shared import services
from shared.store.erasures import SETTLED_AFTER
from shared.store.tables import Tables
from tests.contract.conftest import RECOGNIZER_KEY, Change, Service
from tests.contract.performing import Client
from tests.faces import ROOT as FACES
from tests.issuer import OBJECT, claims, signed

ROOT = Path(__file__).parents[2]
DAD = FACES / "azure/images/Family1-Dad1.jpg"
OCTETS = {"Content-Type": "application/octet-stream"}


def entries(tables: Tables, *ids: str) -> list[dict[str, Any]]:
    """Those of all chains that name one of the ids, in the order in which they were written."""
    rows = tables.table("audit").query("PartitionKey ge @first", first="")
    found = [json.loads(row["entry"]) for row in rows if "entry" in row]
    return [one for one in found if any(some in ids for told in one["ids"].values() for some in told)]


def audit(storage: str, key_ring: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python dev.py audit` runs."""
    environment = os.environ | {"AzureWebJobsStorage": storage, "FACE_KEY_RING_FILE": str(key_ring)}
    command = [sys.executable, "-m", "infra.audit", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_calls_leave_their_ids_and_nothing_else(service: Service) -> None:
    group, name, data = uuid.uuid4().hex, f"name-{uuid.uuid4()}", f"data-{uuid.uuid4()}"
    path = f"/face/v1.2/largepersongroups/{group}"
    service.http.put(path, json={"name": name, "recognitionModel": "recognition_04"})
    subject = f"s-{uuid.uuid4().hex}"
    headers = {"x-ownface-subject": subject}
    made = service.http.post(f"{path}/persons", json={"name": name, "userData": data}, headers=headers)
    person = made.json()["personId"]
    face = service.http.post(
        f"{path}/persons/{person}/persistedfaces?userData={data}", content=DAD.read_bytes(), headers=OCTETS
    ).json()["persistedFaceId"]
    probe = service.face_id(DAD, recognitionModel="recognition_04")
    asked = {"faceId": probe, "personId": person, "largePersonGroupId": group}
    verified = service.http.post("/face/v1.2/verify", json=asked)
    service.http.post("/face/v1.2/privacy/export", json={"subject": subject})
    erased = service.http.post("/face/v1.2/privacy/erase", json={"subject": subject}).json()["erasureId"]
    service.http.delete(path)
    for seconds in (SETTLED_AFTER.total_seconds() + 600, 600):  # the first sweep may look before the group is erased
        service.clock.advance(seconds)
        service.http.post("/admin/functions/SweepExpired", json={"input": ""})
    noted = entries(service.tables, group, erased)
    assert [(one["kind"], one["operation"]) for one in noted] == [
        ("enrol", "CreateLargePersonGroupPerson"),
        ("enrol", "AddLargePersonGroupPersonFace"),
        ("match", "Verify"),
        ("export", "ExportPersonalData"),
        ("deleting", "erasure"),
        ("delete", "ErasePersonalData"),
        ("deleting", "DeleteLargePersonGroup"),
        ("delete", "DeleteLargePersonGroup"),
        ("delete", "receipt"),
    ]
    assert noted[1]["ids"] == {"largePersonGroupId": [group], "personId": [person], "persistedFaceId": [face]}
    assert noted[2]["ids"] == {"faceId": [probe], "personId": [person], "largePersonGroupId": [group]}
    assert noted[2]["request"] == verified.headers["apim-request-id"]
    assert noted[4]["ids"] == {"erasureId": [erased], "personId": [person]}
    assert noted[5]["ids"]["personId"] == [person]
    assert (noted[6]["request"], len(noted[6]["ids"]["gallery"])) == (noted[7]["request"], 1)
    text = json.dumps(noted)
    assert {one["caller"] for one in noted} == {"key:2", ""}
    assert (noted[-1]["operation"], noted[-1]["caller"]) == ("receipt", "")  # the timer's own
    for secret in (name, data, subject, service.key):
        assert secret not in text


def test_caller_is_noted_by_an_id_whichever_way_it_called(
    service: Service, change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    """Exporting and erasing too: who looked at somebody's data, and who had them erased. The log tells of nobody."""
    change()
    caplog.set_level(logging.DEBUG, "ownface")
    token = signed(claims(service.clock(), roles=["FaceUser"]))
    people, subject = "/face/v1.2-preview.1/persons", f"s-{uuid.uuid4().hex}"
    first = {"Ocp-Apim-Subscription-Key": "another-key-0123456789"}
    bearer = {"Ocp-Apim-Subscription-Key": "", "Authorization": f"Bearer {token}"}
    person = service.http.post(people, json={"name": "n"}, headers={"x-ownface-subject": subject}).json()["personId"]
    asked = {"subject": subject}
    assert service.http.post("/face/v1.2/privacy/export", json=asked, headers=bearer).status_code == 200
    assert service.http.post("/face/v1.2/privacy/erase", json=asked, headers=first).status_code == 202
    faces = {"faceIds": [service.face_id(DAD) for _ in range(2)]}
    recognizer = {"Ocp-Apim-Subscription-Key": RECOGNIZER_KEY}
    assert service.http.post("/face/v1.2/group", json=faces, headers=recognizer).status_code == 200
    session = perform_in_vain(service)
    noted = entries(service.tables, person, session, *faces["faceIds"])
    assert [(one["operation"], one["caller"]) for one in noted] == [
        ("CreatePerson", "key:2"),
        ("ExportPersonalData", f"entra:{OBJECT}"),
        ("erasure", ""),
        ("ErasePersonalData", "key:1"),
        ("Group", "recognizer-key:1"),
        ("EndLivenessAttempt", "session"),
    ]
    assert noted[-1]["ids"] == {"sessionId": [session], "attemptId": ["1"]}
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("ownface")]
    assert [line for line in logged if line.startswith("ExportPersonalData 200")]
    assert not [line for line in logged if OBJECT in line or "key:" in line]


def perform_in_vain(service: Service) -> str:
    """A liveness session's id, whose client gives up."""
    terms = {"livenessOperationMode": "Passive", "deviceCorrelationId": "device"}
    made = service.http.post("/face/v1.2/detectLiveness-sessions", json=terms).json()
    client = Client(service, made["authToken"], "v1.2")
    given_up = {"nonce": client.start()["nonce"], "reason": "UserCanceledSession"}
    assert client.post("session/attempt/end", json=given_up).status_code == 200
    return str(made["sessionId"])


def test_no_key_and_nothing_of_a_token_is_in_the_trail(service: Service, change: Change) -> None:
    """Nor a hash of one: what an entry says of the caller is the number of a key, or the object's id."""
    change()
    token = signed(claims(service.clock(), roles=["FaceUser"]))
    body = {"name": "n"}
    bearer = {"Ocp-Apim-Subscription-Key": "", "Authorization": f"Bearer {token}"}
    for headers in ({}, bearer):
        assert service.http.post("/face/v1.2-preview.1/persons", json=body, headers=headers).status_code == 202
    rows = list(service.tables.table("audit").query("PartitionKey ge @first", first=""))
    noted = [json.loads(row["entry"]) for row in rows if "entry" in row]
    told = json.dumps(noted)
    for secret in (service.key, RECOGNIZER_KEY, "another-key-0123456789"):
        hashed = (hashlib.new(name, secret.encode()).hexdigest() for name in ("md5", "sha1", "sha256"))
        assert not [one for one in (secret, *hashed) if one in told]
    assert not [part for part in token.split(".") if part in told]
    form = re.compile(r"(recognizer-)?key:[12]|entra:[0-9a-f-]{36}|session|")
    assert [one["caller"] for one in noted if not form.fullmatch(one["caller"])] == []


def test_refused_call_leaves_nothing_but_that_a_deletion_was_about_to_be(service: Service) -> None:
    """Of what was named by an id; whatever else somebody writes into a path is not taken down."""
    group, person, text = uuid.uuid4().hex, str(uuid.uuid4()), f"name-{uuid.uuid4()}"
    assert service.http.post(f"/face/v1.2/persongroups/{group}/persons", json={"name": "a"}).status_code == 404
    assert service.http.delete(f"/face/v1.2/persongroups/{group}").status_code == 404
    for one in (text, person.upper()):
        assert service.http.delete(f"/face/v1.2/persongroups/{group}/persons/{one}").status_code == 404
    assert entries(service.tables, group, text) == []
    (noted,) = entries(service.tables, person)
    assert (noted["kind"], noted["operation"]) == ("deleting", "DeletePersonGroupPerson")
    assert noted["ids"] == {"personId": [person]}


@pytest.mark.slow
def test_command_checks_the_trail_its_anchors_and_a_receipt(
    service: Service, storage: str, key_ring_file: Path, tmp_path: Path, running: Service
) -> None:
    del running
    anchor = service.http.post("/face/v1.2/privacy/anchor").json()["anchor"]
    ran = audit(storage, key_ring_file, "verify", "--anchor", anchor)
    chain, sequence, mac = anchor.split()
    assert chain not in ran.stdout, ran.stdout
    assert ran.stdout.rstrip().endswith("problems"), ran.stderr
    wrong = f"{chain} {sequence} {'0' * len(mac)}"
    ran = audit(storage, key_ring_file, "verify", "--anchor", wrong)
    assert ran.returncode == 1
    assert f"{chain}: entry {sequence} is missing or another one" in ran.stdout
    receipt = tmp_path / "receipt.txt"
    receipt.write_text(services.current().privacy.receipts.issue("an-erasure", {}))
    ran = audit(storage, key_ring_file, "receipt", str(receipt))
    assert (ran.returncode, json.loads(ran.stdout)["jti"]) == (0, "an-erasure")
    keys = tmp_path / "keys.json"
    keys.write_text(service.http.get("/face/v1.2/privacy/receiptkeys").text)
    receipt.write_text(receipt.read_text()[:-8] + "AAAAAAAA")
    ran = audit(storage, key_ring_file, "receipt", str(receipt), "--keys", str(keys))
    assert ran.returncode == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["receipt", "/nowhere"], ["verify", "--anchor", "no anchor"], ["storage", "--anchor", "no anchor"]],
    ids=str,
)
def test_command_that_cannot_find_out_says_so_and_answers_2(
    storage: str, key_ring_file: Path, arguments: list[str]
) -> None:
    ran = audit(storage, key_ring_file, *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("audit: ")
