"""Nothing of a picture stays: not in storage, not on disk, not in a log."""

import base64
import logging
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shared import services
from shared.store.tables import ETAG, WRITTEN
from tests.contract.conftest import Service
from tests.contract.process import service_process
from tests.faces import ROOT as FACES

PORTRAIT = FACES / "azure/images/detection1.jpg"
OCTETS = {"Content-Type": "application/octet-stream"}


def pieces(data: bytes) -> Iterator[bytes]:
    """Parts of a secret that would betray it wherever they turned up: as they are, in hex and in base64."""
    for start in range(0, len(data) - 24, max(len(data) // 50, 1)):
        piece = data[start : start + 24]
        yield piece
        yield piece.hex().encode()
        yield base64.b64encode(piece)[:28]


def test_stored_row_holds_the_template_sealed_and_nothing_of_the_picture(service: Service) -> None:
    face_id = service.face_id(PORTRAIT)
    row = service.tables.table("faceids").get(face_id[:4], face_id)
    assert row
    columns = {"PartitionKey", "RowKey", "recognitionModel", "recogniser", "expires", "template"}
    assert set(row) == columns | {ETAG, WRITTEN}
    picture = services.current().images.take(PORTRAIT.read_bytes())
    engine = services.current().engine
    template = engine.embed(picture, engine.detect(picture)).tobytes()
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert len(row["template"]) < len(template) + 100
    assert not any(piece in stored for secret in (template, PORTRAIT.read_bytes()) for piece in pieces(secret))


def test_detect_writes_nothing_to_disk(storage: str, key_ring_file: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with service_process(storage, key_ring_file, TMPDIR=str(temporary)) as served:
        query = "/face/v1.2/detect?returnFaceLandmarks=true"
        served.http.post(query, content=PORTRAIT.read_bytes(), headers=OCTETS).raise_for_status()
        before = served.process.io_counters().write_bytes
        for _ in range(5):
            served.http.post(query, content=PORTRAIT.read_bytes(), headers=OCTETS).raise_for_status()
        assert served.process.io_counters().write_bytes == before
        assert list(temporary.iterdir()) == []
        open_files = [file.path for file in psutil.Process(served.process.pid).open_files()]
        assert not any(path.startswith(str(tmp_path)) for path in open_files)


def test_logs_hold_no_picture_template_url_or_key(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    url = f"{service.pictures}/azure/images/detection1.jpg?sig=secret-signature"
    with caplog.at_level(logging.INFO):
        face_id = service.face_id(PORTRAIT)
        service.http.post("/face/v1.2/detect", json={"url": url}).raise_for_status()
        service.http.post("/face/v1.2/detect", json={"url": url + "%"})
        service.http.post("/face/v1.2/detect", json={"url": "http://user:secret-password@example.com/"})
        service.http.post("/face/v1.2/detect", content=b"secret-bytes" * 100, headers=OCTETS)
        service.http.post("/face/v1.2/verify", json={"faceId1": face_id, "faceId2": "secret-id"})
        service.http.post("/face/v1.2/verify", json={}, headers={"Ocp-Apim-Subscription-Key": "secret-key"})
    logged = caplog.text.encode()
    assert b"Detect 200" in logged
    assert b"Verify 401" in logged
    assert b"secret" not in logged
    assert service.key.encode() not in logged
    assert b"detection1.jpg" not in logged
    assert not any(piece in logged for piece in pieces(PORTRAIT.read_bytes()))


def test_defect_is_answered_and_logged_without_its_text(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(service.key)

    monkeypatch.setattr(type(services.current().recognition), "verify_faces", broken)
    ids = {"faceId1": "00000000-0000-4000-8000-000000000000", "faceId2": "00000000-0000-4000-8000-000000000000"}
    with caplog.at_level(logging.INFO):
        answer = service.http.post("/face/v1.2/verify", json=ids)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "Unspecified")
    assert service.key not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
    assert answer.headers["apim-request-id"] in caplog.text
