"""Liveness sessions as the domain handles them: real storage, real models, a clock that tests move."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.engine import Picture, decode
from shared.errors import BadArgument, InvalidImage, SessionImageNotFound, SessionNotFound
from shared.people.liveness_kinds import LIVENESS, LIVENESS_WITH_VERIFY, LivenessKind
from shared.people.liveness_references import VerifyImage
from shared.people.session_tokens import SessionToken, SessionTokens
from shared.services import Services
from shared.settings import Settings
from shared.store.live_ring import LiveRing
from shared.store.sessions import Terms
from shared.store.tables import Tables
from tests.clock import FakeClock
from tests.faces import ROOT

TERMS = Terms(mode="Passive", token_seconds=600, attempts=3, device_correlation_id="device")
URL = "https://face.example.com"
LIFE = 48 * 3600
NOBODYS = "3f0a6c1e-52f0-4a53-9c1b-0e7d4b1a9c77"
KINDS = pytest.mark.parametrize("kind", [LIVENESS, LIVENESS_WITH_VERIFY], ids=lambda kind: kind.path)


def picture(name: str) -> Picture:
    return decode((ROOT / "azure" / "images" / f"{name}.jpg").read_bytes())


@KINDS
def test_session_is_found_by_its_id_in_any_case_and_only_as_its_kind(domain: Services, kind: LivenessKind) -> None:
    sessions = domain.liveness_sessions
    made = sessions.create(kind, TERMS).session
    assert sessions.get(kind, made.session_id.upper()).session.terms == TERMS
    with pytest.raises(SessionNotFound):
        sessions.get(LIVENESS if kind.verifies else LIVENESS_WITH_VERIFY, made.session_id)


@KINDS
@pytest.mark.parametrize("session_id", ["", "x", "a|b", NOBODYS, f"{NOBODYS} "])
def test_unknown_or_impossible_session_is_not_found(domain: Services, kind: LivenessKind, session_id: str) -> None:
    sessions = domain.liveness_sessions
    for ask in (sessions.get, sessions.delete, lambda kind, key: sessions.audit(kind, key, "", 10)):
        with pytest.raises(SessionNotFound):
            ask(kind, session_id)


def test_reference_is_the_one_face_of_the_picture(domain: Services) -> None:
    seen = picture("Family1-Dad1")
    made = domain.liveness_sessions.create(LIVENESS_WITH_VERIFY, TERMS, VerifyImage(seen, "a-digest")).session
    found = domain.liveness_sessions.get(LIVENESS_WITH_VERIFY, made.session_id).session
    (face,) = domain.engine.detect(seen, "detection_03")
    assert found.reference
    assert found.reference.rectangle == face.box.pixels(seen.width, seen.height)
    assert found.reference.quality in {"low", "medium", "high"}
    assert (found.reference.recognition_model, found.reference.image_hash) == ("recognition_04", "a-digest")
    assert found.template is not None
    assert found.template @ domain.engine.embed(seen, [face], "recognition_04")[0] == pytest.approx(1, abs=1e-5)


def test_template_of_the_reference_tells_people_apart(domain: Services) -> None:
    made = domain.liveness_sessions.create(LIVENESS_WITH_VERIFY, TERMS, VerifyImage(picture("Family1-Dad1"))).session
    assert made.template is not None

    def likeness(name: str) -> float:
        seen = picture(name)
        assert made.template is not None
        return float(domain.engine.embed(seen, domain.engine.detect(seen), "recognition_04")[0] @ made.template)

    assert likeness("Family1-Dad2") > likeness("Family1-Mom1")


@pytest.mark.parametrize(
    ("pixels", "says"),
    [("identification1", "more than 1 face"), ("nothing", "No face detected")],
)
def test_picture_without_exactly_one_face_makes_no_session(
    domain: Services, tables: Tables, pixels: str, says: str
) -> None:
    def rows() -> int:
        return sum(1 for _ in tables.table("sessions").query("PartitionKey ge @first", first=""))

    before = rows()
    seen = blank() if pixels == "nothing" else picture(pixels)
    with pytest.raises(InvalidImage, match=says):
        domain.liveness_sessions.create(LIVENESS_WITH_VERIFY, TERMS, VerifyImage(seen))
    assert rows() == before


def blank() -> Picture:
    data = io.BytesIO()
    Image.fromarray(np.full((300, 300, 3), 128, np.uint8)).save(data, "PNG")
    return decode(data.getvalue())


@KINDS
def test_pages_hold_the_kinds_own_sessions_ascending(domain: Services, kind: LivenessKind) -> None:
    sessions = domain.liveness_sessions
    made = sorted(sessions.create(kind, TERMS).session.session_id for _ in range(3))
    other = sessions.create(LIVENESS if kind.verifies else LIVENESS_WITH_VERIFY, TERMS).session.session_id
    listed = [one.session.session_id for one in sessions.page(kind, "", 1000)]
    assert listed == sorted(listed)
    assert set(made) <= set(listed)
    assert other not in listed
    after = sessions.page(kind, made[1].upper(), 1000)
    assert made[2] in [one.session.session_id for one in after]
    assert made[1] not in [one.session.session_id for one in after]


@pytest.mark.parametrize("start", ["x", "1", f"{NOBODYS}0"])
def test_start_that_is_no_sessions_id_is_refused(domain: Services, start: str) -> None:
    with pytest.raises(BadArgument, match="Start parameter is invalid"):
        domain.liveness_sessions.page(LIVENESS, start, 10)


def test_nothing_was_performed_so_the_audit_is_empty(domain: Services) -> None:
    sessions = domain.liveness_sessions
    key = sessions.create(LIVENESS, TERMS).session.session_id
    assert sessions.audit(LIVENESS, key, "", 9)[1] == sessions.audit(LIVENESS, key, "7", 9)[1] == []
    with pytest.raises(BadArgument, match="Start parameter is invalid"):
        sessions.audit(LIVENESS, key, key, 9)


def test_there_is_no_session_image(domain: Services) -> None:
    with pytest.raises(SessionImageNotFound):
        domain.liveness_sessions.image("Ae3PVWlXAmVAnXgkAFt1QSjGUWONKzWiSr2iPh9p9G4I")


@KINDS
def test_deleted_session_is_gone_for_every_process(domain: Services, settings: Settings, kind: LivenessKind) -> None:
    other = Services.build(settings).liveness_sessions
    key = domain.liveness_sessions.create(kind, TERMS).session.session_id
    domain.liveness_sessions.delete(kind, key)
    for ask in (other.get, other.delete):
        with pytest.raises(SessionNotFound):
            ask(kind, key)
    assert key not in [one.session.session_id for one in other.page(kind, "", 1000)]


def test_session_that_does_not_open_any_more_can_still_be_deleted(domain: Services, tables: Tables) -> None:
    seen, table = VerifyImage(picture("Family1-Dad1")), tables.table("sessions")
    key = domain.liveness_sessions.create(LIVENESS_WITH_VERIFY, TERMS, seen).session.session_id
    row = table.get(LIVENESS_WITH_VERIFY.path, key)
    assert row
    table.put([{**row, "template": row["template"][:-1]}])
    with pytest.raises(SessionNotFound):
        domain.liveness_sessions.get(LIVENESS_WITH_VERIFY, key)
    domain.liveness_sessions.delete(LIVENESS_WITH_VERIFY, key)
    assert table.get(LIVENESS_WITH_VERIFY.path, key) is None


def test_session_is_absent_after_48_hours_and_the_sweep_erases_it(
    domain: Services, tables: Tables, clock: FakeClock
) -> None:
    seen = VerifyImage(picture("Family1-Dad1"))
    key = domain.liveness_sessions.create(LIVENESS_WITH_VERIFY, TERMS, seen).session.session_id
    table = tables.table("sessions")
    clock.advance(LIFE - 1)
    domain.retention.sweep()
    assert domain.liveness_sessions.get(LIVENESS_WITH_VERIFY, key)
    clock.advance(1)
    with pytest.raises(SessionNotFound):
        domain.liveness_sessions.get(LIVENESS_WITH_VERIFY, key)
    assert table.get(LIVENESS_WITH_VERIFY.path, key)
    clock.advance(420)
    assert domain.retention.sweep().failed == 0
    assert table.get(LIVENESS_WITH_VERIFY.path, key) is None


def test_token_is_the_sessions_own_and_empty_once_it_has_expired(
    domain: Services, key_ring_file: Path, clock: FakeClock
) -> None:
    sessions = domain.liveness_sessions
    made = sessions.create(LIVENESS, TERMS)
    token = sessions.token(made, URL)
    assert SessionTokens(LiveRing.of_file(key_ring_file), "", clock).verify(token) == SessionToken(
        "detectLiveness", made.session.session_id
    )
    clock.advance(599)
    assert not sessions.get(LIVENESS, made.session.session_id).has_expired
    assert sessions.token(sessions.get(LIVENESS, made.session.session_id), URL).split(".")[:2] == token.split(".")[:2]
    clock.advance(1)
    found = sessions.get(LIVENESS, made.session.session_id)
    assert found.has_expired
    assert sessions.token(found, URL) == ""
