"""Data subjects over HTTP: what headers say at enrolment, and what may be asked about somebody afterwards."""

import base64
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import numpy as np
import pytest

from shared import services
from shared.people.kinds import KINDS
from shared.people.receipts import checked
from shared.store.erasures import SETTLED_AFTER
from shared.wire.operation import VERSIONS
from tests.contract.conftest import Service
from tests.contract.stored import Account
from tests.faces import ROOT as FACES

PRIVACY = "/face/v1.2/privacy"
DAD, MOM = (FACES / f"azure/images/Family1-{who}1.jpg" for who in ("Dad", "Mom"))
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def group(service: Service) -> Iterator[str]:
    """A LargePersonGroup, trained."""
    key = uuid.uuid4().hex
    path = f"/face/v1.2/largepersongroups/{key}"
    assert service.http.put(path, json={"name": "a", "recognitionModel": "recognition_04"}).status_code == 200
    assert service.http.post(f"{path}/train").status_code == 202
    train(path)
    yield key
    service.http.delete(path)


def train(path: str) -> None:
    kind, key = path.rsplit("/", 2)[-2:]
    found = services.current().collections.get(KINDS[kind], key)
    services.current().background.run({"do": "train", "of": f"{kind}|{key}", "gallery": found.gallery.key})


def enrolled(service: Service, group: str, **headers: str) -> str:
    """A person with one face."""
    path = f"/face/v1.2/largepersongroups/{group}/persons"
    made = service.http.post(path, json={"name": "Dad", "userData": "about him"}, headers=headers)
    assert made.status_code == 200, made.text
    person = str(made.json()["personId"])
    added = service.http.post(f"{path}/{person}/persistedfaces", content=DAD.read_bytes(), headers=OCTETS)
    assert added.status_code == 200, added.text
    return person


def identified(service: Service, group: str) -> list[str]:
    face = service.face_id(DAD, recognitionModel="recognition_04")
    asked = {"faceIds": [face], "largePersonGroupId": group}
    answer = service.http.post("/face/v1.2/identify", json=asked)
    assert answer.status_code == 200, answer.text
    return [candidate["personId"] for candidate in answer.json()[0]["candidates"]]


def ask(service: Service, what: str, status: int = 200, **body: Any) -> Any:
    answer = service.http.post(f"{PRIVACY}/{what}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_person_is_enrolled_told_restricted_and_erased_with_a_receipt(service: Service, group: str) -> None:
    subject = f"s-{uuid.uuid4().hex}"
    until = f"{service.clock() + timedelta(days=30):%Y-%m-%d}"
    headers = {"x-ownface-subject": subject, "x-ownface-consent": "form/7", "x-ownface-retain-until": until}
    person = enrolled(service, group, **headers)
    assert identified(service, group) == [person]
    told = ask(service, "export", subject=subject)
    (record,) = told["records"]
    assert record["record"] == {"largePersonGroupId": group, "personId": person}
    assert (record["name"], record["userData"], record["consent"]) == ("Dad", "about him", "form/7")
    assert record["retainUntil"] == f"{until}T00:00:00.000Z"
    (face,) = record["faces"]
    assert abs(np.linalg.norm(np.frombuffer(base64.b64decode(face["template"]), "<f4")) - 1) < 1e-3

    assert ask(service, "restrict", subject=subject)["records"] == [record["record"]]
    assert identified(service, group) == []
    asked = {"faceId": service.face_id(DAD, recognitionModel="recognition_04"), "personId": person}
    refused = service.http.post("/face/v1.2/verify", json={**asked, "largePersonGroupId": group})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "PersonRestricted")
    ask(service, "lift", subject=subject)
    assert identified(service, group) == [person]

    begun = service.http.post(f"{PRIVACY}/erase", json={"subject": subject})
    assert begun.status_code == 202
    assert identified(service, group) == []
    follow = begun.headers["operation-Location"]
    assert service.http.get(follow).json()["status"] == "running"
    service.clock.advance(SETTLED_AFTER.total_seconds() + 600)
    assert service.http.post("/admin/functions/SweepExpired", json={"input": ""}).status_code == 202
    done = service.http.get(follow).json()
    assert done["status"] == "succeeded"
    keys = service.http.get(f"{PRIVACY}/receiptkeys").json()["keys"]
    assert checked(done["receipt"], keys)["records"] == [record["record"] | {"faces": 1}]
    assert jwt.get_unverified_header(done["receipt"])["alg"] == "ES256"
    assert ask(service, "export", 404, subject=subject)["error"]["code"] == "SubjectNotFound"


def test_export_stores_nothing_but_its_entry_in_the_audit_trail(service: Service, group: str, storage: str) -> None:
    subject, account = f"s-{uuid.uuid4().hex}", Account(storage)
    enrolled(service, group, **{"x-ownface-subject": subject})
    before = account.contents()
    ask(service, "export", subject=subject)
    after = account.contents()
    assert {name for name in before if before[name] != after.get(name)} <= {name for name in after if "|head" in name}
    (new,) = after.keys() - before.keys()
    assert new.startswith("audit|")
    assert subject.encode() not in after[new]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_the_operations(service: Service, version: str) -> None:
    answer = service.http.post(f"/face/{version}/privacy/export", json={"subject": "nobody-at-all"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubjectNotFound")
    assert service.http.get(f"/face/{version}/privacy/receiptkeys").json()["keys"][0]["kty"] == "EC"
    missing = service.http.get(f"/face/{version}/privacy/erasures/{uuid.uuid4()}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ErasureNotFound")


def test_face_of_a_list_and_a_session_are_the_subjects_too(service: Service) -> None:
    subject, key = f"s-{uuid.uuid4().hex}", uuid.uuid4().hex
    path, headers = f"/face/v1.2/largefacelists/{key}", {"x-ownface-subject": subject}
    service.http.put(path, json={"name": "a", "recognitionModel": "recognition_04"})
    added = service.http.post(f"{path}/persistedfaces", content=MOM.read_bytes(), headers=OCTETS | headers)
    body = {"livenessOperationMode": "Passive", "deviceCorrelationId": str(uuid.uuid4())}
    session = service.http.post("/face/v1.2/detectLiveness-sessions", json=body, headers=headers).json()["sessionId"]
    told = ask(service, "export", subject=subject)
    face = added.json()["persistedFaceId"]
    assert [record["record"] for record in told["records"]] == [{"largeFaceListId": key, "persistedFaceId": face}]
    assert [one["sessionId"] for one in told["sessions"]] == [session]
    ask(service, "erase", 202, subject=subject)
    assert service.http.get(f"/face/v1.2/detectLiveness-sessions/{session}").status_code == 404
    assert service.http.get(f"{path}/persistedfaces/{face}").status_code == 404
    service.http.delete(path)


@pytest.mark.slow
def test_terms_of_somebody_enrolled_before_can_be_set(service: Service, group: str) -> None:
    subject = f"s-{uuid.uuid4().hex}"
    person = enrolled(service, group)
    records = [{"largePersonGroupId": group, "personId": person}]
    assert ask(service, "terms", records=records, newSubject=subject, consent="c/1") == {"records": records}
    assert ask(service, "export", subject=subject)["records"][0]["consent"] == "c/1"
    ask(service, "terms", subject=subject, consent="")
    assert "consent" not in ask(service, "export", subject=subject)["records"][0]


REFUSED = [
    {"x-ownface-subject": "a/b"},
    {"x-ownface-subject": "a" * 65},
    {"x-ownface-subject": "somebody@example.com"},
    {"x-ownface-subject": ""},
    {"x-ownface-consent": "with a blank"},
    {"x-ownface-retain-until": "2001-01-01"},
    {"x-ownface-retain-until": "2999-01-01"},
    {"x-ownface-retain-until": "tomorrow"},
    {"x-ownface-retain-until": "2030-13-01"},
    {"x-ownface-retain-until": "2030-01-01T00:00:00"},
]


def test_headers_that_do_not_fit_are_refused_and_nobody_is_enrolled(service: Service, group: str) -> None:
    path = f"/face/v1.2/largepersongroups/{group}/persons"
    for headers in REFUSED:
        answer = service.http.post(path, json={"name": "Dad"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadArgument"), headers
        assert next(iter(headers)) in answer.json()["error"]["message"]
    assert service.http.get(path).json() == []


PERSON = "0f1e2d3c-4b5a-4697-8877-665544332211"


@pytest.mark.parametrize(
    "what", ["export", "erase", *(pytest.param(what, marks=pytest.mark.slow) for what in ("restrict", "lift", "terms"))]
)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "BadArgument"),
        ({"records": []}, 400, "BadArgument"),
        ({"subject": ""}, 400, "BadArgument"),
        ({"subject": "a b"}, 400, "BadArgument"),
        ({"subject": 7}, 400, "BadArgument"),
        ({"records": [{}]}, 400, "BadArgument"),
        ({"records": [{"personGroupId": "a"}]}, 400, "BadArgument"),
        ({"records": [{"persistedFaceId": PERSON}]}, 400, "BadArgument"),
        ({"records": [{"faceListId": "a", "personId": PERSON}]}, 400, "BadArgument"),
        ({"records": [{"faceListId": "a", "personGroupId": "b", "personId": PERSON}]}, 400, "BadArgument"),
        ({"records": [{"personId": PERSON}] * 101}, 400, "BadArgument"),
        ({"records": [{"personId": PERSON}]}, 404, "PersonNotFound"),
        ({"records": [{"personId": "nobody"}]}, 404, "PersonNotFound"),
        ({"records": [{"personGroupId": "none", "personId": PERSON}]}, 404, "PersonGroupNotFound"),
        ({"records": [{"faceListId": "none", "persistedFaceId": PERSON}]}, 404, "FaceListNotFound"),
        ({"subject": "nobody-at-all"}, 404, "SubjectNotFound"),
    ],
    ids=str,
)
def test_question_that_does_not_fit_is_refused(
    service: Service, what: str, body: dict[str, Any], status: int, code: str
) -> None:
    more = {"consent": "c"} if what == "terms" else {}
    assert ask(service, what, status, **body, **more)["error"]["code"] == code
