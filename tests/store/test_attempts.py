"""Attempts in a session's row: sealed, whole, and changed only as they were read. Pictures beside them."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.store.attempts import Attempt, Comparison, Ending, Judgement, Request, Target
from shared.store.cipher import Cipher, SealBroken
from shared.store.expiries import GRACE, Expiries
from shared.store.live_ring import LiveRing
from shared.store.session_images import SessionImages, new_image_id, session_of
from shared.store.sessions import KIND, Sessions, Terms
from shared.store.tables import RowChanged, Tables
from tests.clock import FakeClock

TERMS = Terms(mode="PassiveActive", token_seconds=600, attempts=3, keep_image=True)
DECISION = "realface"


@pytest.fixture
def images(storage: str, key_ring_file: Path) -> SessionImages:
    return SessionImages(storage, Cipher(LiveRing.of_file(key_ring_file)))


@pytest.fixture
def sessions(
    tables: Tables, expiries: Expiries, key_ring_file: Path, images: SessionImages, clock: FakeClock
) -> Sessions:
    return Sessions(tables, expiries, Cipher(LiveRing.of_file(key_ring_file)), images, clock)


@pytest.fixture
def kind() -> str:
    return f"kind-{uuid4()}"


def attempt(clock: FakeClock) -> Attempt:
    """With everything that one may have."""
    judgement = Judgement(
        DECISION, None, Target((1, 2, 3, 4), "frame-00.jpg", 150), Comparison((5, 6, 7, 8), "high", 0.75, True, "ab")
    )
    request = Request("r", "c", "/face", "POST", 7, "multipart/form-data", "agent", "192.0.2.1")
    ending = Ending("Succeeded", clock(), None, judgement, request, "D" * 64, 12, "image", ("a|b|1,2,3,4",))
    return Attempt(1, "nonce", clock(), ("TurnLeft",), "192.0.2.1", ending)


def test_attempts_come_back_as_they_were(sessions: Sessions, kind: str, clock: FakeClock) -> None:
    made = sessions.create(kind, TERMS)
    read = sessions.find(kind, made.session_id)
    assert read
    sessions.change(read, (attempt(clock),), "a-device")
    found = sessions.find(kind, made.session_id)
    assert found
    assert found.attempts == (attempt(clock),)
    assert (found.started, found.device, found.terms) == (clock(), "a-device", TERMS)
    (listed,) = sessions.page(kind, "", 10)
    assert (listed.started, listed.device, listed.attempts) == (clock(), "a-device", ())


def test_change_answers_the_session_as_it_is_now_which_can_be_changed_again(
    sessions: Sessions, kind: str, clock: FakeClock
) -> None:
    read = sessions.find(kind, sessions.create(kind, TERMS).session_id)
    assert read
    first = sessions.change(read, (attempt(clock),), "a-device")
    assert (first.attempts, first.device) == ((attempt(clock),), "a-device")
    both = (attempt(clock), replace(attempt(clock), number=2, started=clock() + timedelta(seconds=9)))
    second = sessions.change(first, both)
    assert (second.attempts, second.device) == (both, "a-device")
    found = sessions.find(kind, read.session_id)
    assert found
    assert (found.attempts, found.device, found.started, found.etag) == (both, "a-device", clock(), second.etag)


def test_session_is_changed_only_as_it_was_read(sessions: Sessions, kind: str, clock: FakeClock) -> None:
    key = sessions.create(kind, TERMS).session_id
    one, other = sessions.find(kind, key), sessions.find(kind, key)
    assert one
    assert other
    sessions.change(one, (attempt(clock),))
    with pytest.raises(RowChanged):
        sessions.change(other, (replace(attempt(clock), number=2),))
    found = sessions.find(kind, key)
    assert found
    assert found.attempts == (attempt(clock),)
    sessions.delete(kind, found.session_id)
    with pytest.raises(RowChanged):
        sessions.change(found, (attempt(clock),))
    assert sessions.find(kind, key) is None


def test_verdict_is_neither_read_nor_written_in_the_table(
    sessions: Sessions, kind: str, tables: Tables, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    table = tables.table("sessions")
    read = sessions.find(kind, sessions.create(kind, TERMS).session_id)
    assert read
    sessions.change(read, (attempt(clock),))
    row = table.get(kind, read.session_id)
    assert row
    everything = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert DECISION.encode() not in everything
    assert b"192.0.2.1" not in everything
    other = sessions.create(kind, TERMS)
    table.put([{**row, "RowKey": other.session_id}])
    with caplog.at_level(logging.ERROR):
        assert sessions.find(kind, other.session_id) is None
    assert f"session {other.session_id} does not open" in caplog.text


def test_image_is_sealed_and_found_by_its_own_name_alone(images: SessionImages) -> None:
    session, data = str(uuid4()), b"picture" * 1000
    image_id = new_image_id(session, 1)
    assert len(image_id) == 44
    assert session_of(image_id) == (session, 1)
    images.put(session, image_id, data)
    assert images.get(session, image_id) == data
    sealed = images._blobs.get(f"{session}/{image_id}")
    assert sealed
    assert b"picture" not in sealed
    assert images.get(str(uuid4()), image_id) is None
    other = new_image_id(session, 1)
    images._blobs.put(f"{session}/{other}", sealed)
    with pytest.raises(SealBroken):
        images.get(session, other)


@pytest.mark.parametrize(
    "text", ["", "x", "an-image", "ü" * 44, "A" * 43, "A" * 48, "Ae3PVWlXAmVAnXgkAFt1QSjGUW/NKzWi"]
)
def test_what_is_no_images_id_names_no_session(text: str) -> None:
    assert session_of(text) is None


def test_images_go_with_their_session_and_no_others(sessions: Sessions, images: SessionImages, kind: str) -> None:
    one, other = sessions.create(kind, TERMS), sessions.create(kind, TERMS)
    kept = [(made.session_id, new_image_id(made.session_id, 0)) for made in (one, one, other)]
    for name in kept:
        images.put(*name, b"data")
    sessions.delete(kind, one.session_id)
    assert [images.get(*name) for name in kept] == [None, None, b"data"]


def test_deletion_that_died_midway_is_ended_by_the_sweep(
    sessions: Sessions,
    images: SessionImages,
    expiries: Expiries,
    tables: Tables,
    kind: str,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = sessions.create(kind, TERMS)
    name = (made.session_id, new_image_id(made.session_id, 0))
    images.put(*name, b"data")

    def die(_: str) -> None:
        raise SystemExit

    monkeypatch.setattr(images, "delete_all", die)
    with pytest.raises(SystemExit):
        sessions.delete(kind, made.session_id)
    monkeypatch.undo()
    assert tables.table("sessions").get(kind, made.session_id) is None
    due = [one for one in expiries.due(clock() + GRACE + timedelta(seconds=61)) if one.key == made.session_id]
    assert [one.kind for one in due] == [KIND]
    sessions.erase(due[0])
    assert images.get(*name) is None
