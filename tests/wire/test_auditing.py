"""Which calls the audit trail is told of, and that it is told ids and nothing else."""

from dataclasses import replace
from uuid import uuid4

import function_app  # noqa: F401 fills the table of operations
from shared.access.roles import Principal
from shared.people.kinds import KINDS
from shared.people.session_tokens import SessionToken
from shared.wire.answers import Accepted
from shared.wire.auditing import MOST_IDS, event, found, intent, kind_of
from shared.wire.call import Call, Sender
from shared.wire.collection import NewNamed
from shared.wire.operation import TABLE
from shared.wire.person import PersonCreated
from shared.wire.recognition import IdentificationCandidate, IdentificationResult

PERSONS = ("Person", "PersonGroupPerson", "LargePersonGroupPerson")
LISTS = ("FaceList", "LargeFaceList")
NOTED = {
    "enrol": {*(f"Create{name}" for name in PERSONS), *(f"Add{name}Face" for name in (*PERSONS, *LISTS))},
    "match": {"Verify", "Identify", "FindSimilar", "Group", "EndLivenessAttempt"},
    "export": {"ExportPersonalData"},
    "restrict": {"RestrictPersonalData", "LiftRestriction"},
    "terms": {"SetTerms"},
    "delete": {
        "ErasePersonalData",
        *(name for name in TABLE if name.startswith("Delete") and name != "DeleteSnapshot"),
    },
}


def test_every_operation_that_enrols_matches_deletes_or_tells_is_noted_and_no_other() -> None:
    kinds = {name: kind_of(name, declared.method, declared.action) for name, declared in TABLE.items()}
    assert {name: kind for name, kind in kinds.items() if kind} == {
        name: kind for kind, names in NOTED.items() for name in names
    }
    assert {f"Delete{kind.name}" for kind in KINDS.values()} <= NOTED["delete"]


def call(body: object = None, **path: str) -> Call[None, object]:
    sender = Sender("the-request", "POST", "/", 0, {"ocp-apim-subscription-key": "secret"})
    return Call("v1.2", {"version": "v1.2", **path}, None, body, sender, principal=Principal("key:2", ()))


def test_ids_of_path_body_and_answer_are_told_and_nothing_else() -> None:
    person = str(uuid4())
    body = NewNamed(name="A name", user_data="about her")
    told = event(
        "enrol", "CreatePerson", call(body, personGroupId="staff"), Accepted(PersonCreated(person), "operations/1")
    )
    assert (told.kind, told.operation, told.request) == ("enrol", "CreatePerson", "the-request")
    assert told.caller == "key:2"
    assert told.ids == {"personGroupId": ["staff"], "personId": [person]}


def test_client_of_a_liveness_session_is_told_by_its_session() -> None:
    token = SessionToken("detectLiveness", str(uuid4()))
    told = event("match", "EndLivenessAttempt", replace(call(), principal=None, token=token), None)
    assert (told.caller, told.ids) == ("session", {"sessionId": [token.session_id]})


def test_candidates_are_told_each_once_and_not_without_end() -> None:
    people = [str(uuid4()) for _ in range(MOST_IDS + 20)]
    results = [
        IdentificationResult(str(uuid4()), [IdentificationCandidate(one, 0.9) for one in people]) for _ in range(2)
    ]
    told = event("match", "Identify", call(), results)
    assert told.ids == {"faceId": [one.face_id for one in results], "personId": people[:MOST_IDS]}


def test_deletion_is_told_before_by_ids_and_nothing_else_that_a_path_may_hold() -> None:
    person, face = str(uuid4()), str(uuid4())
    told = intent("DeletePersonFace", call(personId=person.upper(), recognitionModel="any", persistedFaceId=face))
    assert told
    assert (told.kind, told.request, told.caller) == ("deleting", "the-request", "key:2")
    assert told.ids == {"personId": [person], "persistedFaceId": [face]}
    assert intent("DeletePerson", call(personId="Ada Lovelace")) is None
    assert intent("DeleteLivenessSession", call(sessionId=str(uuid4()))) is None


def test_what_has_no_fields_tells_nothing() -> None:
    things: tuple[object, ...] = (None, b"picture", "text", 7, [], {"personId": "a"})
    for told in things:
        assert list(found(told)) == []
