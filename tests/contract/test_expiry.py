"""A faceId's life over HTTP: refused at its last second, then physically gone."""

from tests.contract.conftest import Service
from tests.faces import ROOT as FACES

PORTRAIT = FACES / "azure/images/detection1.jpg"


def status(service: Service, face_id: str) -> tuple[int, str]:
    answer = service.http.post("/face/v1.2/verify", json={"faceId1": face_id, "faceId2": face_id})
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def expiry_rows(service: Service, face_id: str) -> int:
    rows = service.tables.table("expiries").query("RowKey eq @key", key=f"faceids|{face_id}")
    return sum(1 for _ in rows)


def sweep(service: Service) -> None:
    assert service.http.post("/admin/functions/SweepExpired", json={"input": ""}).status_code == 202


def test_expired_face_is_refused_at_second_60_and_gone_after_the_timer(service: Service) -> None:
    face_id = service.face_id(PORTRAIT, faceIdTimeToLive="60")
    service.clock.advance(59.999)
    assert status(service, face_id) == (200, "")
    service.clock.advance(0.001)
    assert status(service, face_id) == (404, "FaceNotFound")

    row = service.tables.table("faceids")
    assert row.get(face_id[:4], face_id)
    assert expiry_rows(service, face_id) == 1

    service.clock.advance(420)
    sweep(service)
    assert row.get(face_id[:4], face_id) is None
    assert expiry_rows(service, face_id) == 0
    assert status(service, face_id) == (404, "FaceNotFound")


def test_timer_leaves_a_living_face_alone(service: Service) -> None:
    face_id = service.face_id(PORTRAIT, faceIdTimeToLive="3600")
    service.clock.advance(1800)
    sweep(service)
    assert status(service, face_id) == (200, "")


def test_default_life_is_a_day(service: Service) -> None:
    face_id = service.face_id(PORTRAIT)
    service.clock.advance(24 * 3600 - 1)
    assert status(service, face_id) == (200, "")
    service.clock.advance(1)
    assert status(service, face_id) == (404, "FaceNotFound")
