"""POST /face/{version}/verify, face to face."""

import pytest

from shared import services
from shared.wire.operation import VERSIONS
from tests.contract.conftest import Service
from tests.contract.process import service_process
from tests.faces import ROOT as FACES

DAD1 = FACES / "azure/images/Family1-Dad1.jpg"
DAD2 = FACES / "azure/images/Family1-Dad2.jpg"
MOM1 = FACES / "azure/images/Family1-Mom1.jpg"


def verify(service: Service, one: str, other: str, version: str = "v1.2") -> dict[str, object]:
    answer = service.http.post(f"/face/{version}/verify", json={"faceId1": one, "faceId2": other})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("version", VERSIONS)
def test_one_person_is_identical_and_two_are_not(service: Service, version: str) -> None:
    dad1, dad2, mom = (service.face_id(path) for path in (DAD1, DAD2, MOM1))
    same, different = verify(service, dad1, dad2, version), verify(service, dad1, mom, version)
    assert sorted(same) == ["confidence", "isIdentical"]
    assert same["isIdentical"] is True
    assert different["isIdentical"] is False
    assert 0.5 <= float(str(same["confidence"])) <= 1
    assert 0 <= float(str(different["confidence"])) < 0.3


def test_face_is_identical_to_itself_with_full_confidence(service: Service) -> None:
    dad = service.face_id(DAD1)
    assert verify(service, dad, dad) == {"isIdentical": True, "confidence": 1.0}


def test_face_ids_are_accepted_in_capitals(service: Service) -> None:
    dad = service.face_id(DAD1)
    assert verify(service, dad.upper(), dad)["isIdentical"] is True


def test_order_does_not_matter(service: Service) -> None:
    dad1, dad2 = service.face_id(DAD1), service.face_id(DAD2)
    assert verify(service, dad1, dad2) == verify(service, dad2, dad1)


def test_faces_of_two_recognition_models_never_compare(service: Service) -> None:
    one = service.face_id(DAD1, recognitionModel="recognition_03")
    other = service.face_id(DAD2, recognitionModel="recognition_04")
    answer = service.http.post("/face/v1.2/verify", json={"faceId1": one, "faceId2": other})
    assert answer.status_code == 400
    assert answer.json() == {"error": {"code": "BadArgument", "message": "'recognitionModel' is incompatible."}}


def test_face_of_another_process_can_be_verified(service: Service) -> None:
    """Nothing is kept in memory between calls: the second process knows the face from storage alone."""
    settings = services.current().settings
    face_id = service.face_id(DAD1)
    with service_process(settings.storage, settings.key_ring_file) as other:
        answer = other.http.post("/face/v1.2/verify", json={"faceId1": face_id, "faceId2": face_id})
    assert answer.json() == {"isIdentical": True, "confidence": 1.0}
