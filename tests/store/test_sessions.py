import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.store.cipher import Cipher
from shared.store.expiries import GRACE, Expiries
from shared.store.live_ring import LiveRing
from shared.store.session_images import SessionImages, new_image_id
from shared.store.sessions import Reference, Sessions, Terms
from shared.store.tables import Tables
from shared.store.turning import rounded
from tests.clock import FakeClock

TERMS = Terms(mode="Passive", token_seconds=600, attempts=3, device_correlation_id="device", verify_threshold=0.25)
REFERENCE = Reference((1, 2, 30, 40), "high", "recognition_04", "fused-384")
HOURS = 3600
LIFE = 48 * HOURS


@pytest.fixture
def sessions(tables: Tables, expiries: Expiries, images: SessionImages, cipher: Cipher, clock: FakeClock) -> Sessions:
    return Sessions(tables, expiries, cipher, images, clock)


@pytest.fixture
def cipher(key_ring_file: Path) -> Cipher:
    return Cipher(LiveRing.of_file(key_ring_file))


@pytest.fixture
def images(storage: str, cipher: Cipher) -> SessionImages:
    return SessionImages(storage, cipher)


@pytest.fixture
def kind() -> str:
    """One of the test's own, so that lists are its own too."""
    return f"kind-{uuid4()}"


def template() -> NDArray[np.float32]:
    drawn = np.random.default_rng(7).normal(size=384).astype(np.float32)
    length: np.float32 = np.linalg.norm(drawn)
    return drawn / length


def test_session_comes_back_as_it_was_made(sessions: Sessions, kind: str, clock: FakeClock) -> None:
    made = sessions.create(kind, TERMS)
    found = sessions.find(kind, made.session_id)
    assert found
    assert str(UUID(made.session_id)) == made.session_id == found.session_id
    assert (found.kind, found.created, found.terms) == (kind, clock(), TERMS)
    assert (found.reference, found.template) == (None, None)
    assert found.token_expires == clock() + timedelta(seconds=600)


def test_reference_comes_back_with_its_template(sessions: Sessions, kind: str) -> None:
    found = sessions.find(kind, sessions.create(kind, TERMS, REFERENCE, template()).session_id)
    assert found
    assert found.reference == REFERENCE
    assert found.template is not None
    assert found.template.tobytes() == rounded(template()).tobytes()


def test_what_was_made_is_told_as_it_will_be_found(sessions: Sessions, kind: str, clock: FakeClock) -> None:
    told: list[str] = []
    made = sessions.create(kind, TERMS, REFERENCE, template(), told.append)
    assert told == [made.session_id]
    assert (made.kind, made.created, made.terms, made.reference) == (kind, clock(), TERMS, REFERENCE)
    assert made.template is not None
    assert np.array_equal(made.template, template())
    assert (made.attempts, made.started, made.device, made.etag) == ((), None, None, "")


def test_reference_is_kept_with_its_template_or_not_at_all(sessions: Sessions, kind: str) -> None:
    for half in ((REFERENCE, None), (None, template())):
        found = sessions.find(kind, sessions.create(kind, TERMS, *half).session_id)
        assert found
        assert (found.reference, found.template) == (None, None)


def test_session_has_terms_of_which_most_are_unsaid(sessions: Sessions, kind: str) -> None:
    least = Terms("Passive", 60, 1)
    found = sessions.find(kind, sessions.create(kind, least).session_id)
    assert found
    assert found.terms == least
    switches = ("device_correlation_id_set_in_client", "user_correlation_id_set_in_client", "send_results_to_client")
    for name in (*switches, "keep_image", "goes_on", "return_verify_image_hash"):
        assert getattr(found.terms, name) is False
    for name in (
        "device_correlation_id",
        "user_correlation_id",
        "model",
        "client_address",
        "verify_threshold",
        "subject",
    ):
        assert getattr(found.terms, name) is None


def test_session_of_another_kind_is_not_found(sessions: Sessions, kind: str) -> None:
    assert sessions.find("other", sessions.create(kind, TERMS).session_id) is None


def test_session_is_absent_from_48_hours_on_while_its_row_is_still_there(
    sessions: Sessions, kind: str, tables: Tables, clock: FakeClock
) -> None:
    key = sessions.create(kind, TERMS).session_id
    clock.advance(LIFE - 0.001)
    assert sessions.find(kind, key)
    assert [one.session_id for one in sessions.page(kind, "", 10)] == [key]
    clock.advance(0.001)
    assert sessions.find(kind, key) is None
    assert sessions.page(kind, "", 10) == []
    assert tables.table("sessions").get(kind, key)


def test_expiry_is_announced_before_the_session_is_written(
    sessions: Sessions, kind: str, tables: Tables, expiries: Expiries, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = expiries.announce
    order: list[str] = []

    def announce(of: str, key: str, *rest: object) -> None:
        assert tables.table("sessions").get(kind, key) is None
        announced(of, key, *rest)  # type: ignore[arg-type]
        order.append(key)

    monkeypatch.setattr(expiries, "announce", announce)
    made = sessions.create(kind, TERMS)
    assert order == [made.session_id]
    due = [one for one in expiries.due(clock() + timedelta(seconds=LIFE + 60) + GRACE) if one.key == made.session_id]
    assert [(one.kind, one.detail) for one in due] == [("sessions", kind)]
    sessions.erase(due[0])
    assert tables.table("sessions").get(kind, made.session_id) is None


def test_deleted_session_is_gone_from_storage_at_once(sessions: Sessions, kind: str, tables: Tables) -> None:
    made = sessions.create(kind, TERMS, REFERENCE, template())
    sessions.delete(kind, made.session_id)
    assert tables.table("sessions").get(kind, made.session_id) is None
    sessions.delete(kind, made.session_id)


def test_deletion_tells_whether_there_was_one(
    sessions: Sessions, images: SessionImages, kind: str, tables: Tables, clock: FakeClock
) -> None:
    assert not sessions.delete(kind, str(uuid4()))
    broken, living, over = (sessions.create(kind, TERMS).session_id for _ in range(3))
    tables.table("sessions").merge({"PartitionKey": kind, "RowKey": broken, "terms": "{}"})
    assert sessions.delete(kind, broken)
    image = new_image_id(living, 0)
    images.put(living, image, b"data")
    assert sessions.delete(kind, living)
    assert images.get(living, image) is None
    assert not sessions.delete(kind, living)
    clock.advance(LIFE)
    assert not sessions.delete(kind, over)


def test_session_is_gone_when_neither_its_row_nor_a_picture_is_left(
    sessions: Sessions, images: SessionImages, kind: str
) -> None:
    key = sessions.create(kind, TERMS).session_id
    image = new_image_id(key, 0)
    assert not sessions.is_gone(kind, key)
    images.put(key, image, b"data")
    sessions._table.delete(kind, [key])
    assert not sessions.is_gone(kind, key)
    sessions.remove(kind, key)
    assert images.get(key, image) is None
    assert sessions.is_gone(kind, key)
    again = sessions.create(kind, TERMS).session_id
    sessions.remove(kind, again)
    assert sessions.is_gone(kind, again)


@pytest.mark.parametrize("keep", [True, False])
def test_announcement_says_whether_pictures_go_too(
    sessions: Sessions, images: SessionImages, expiries: Expiries, kind: str, clock: FakeClock, keep: bool
) -> None:
    made = sessions.create(kind, replace(TERMS, keep_image=keep))
    image = new_image_id(made.session_id, 0)
    images.put(made.session_id, image, b"data")
    due = [one for one in expiries.due(clock() + timedelta(seconds=LIFE + 60) + GRACE) if one.key == made.session_id]
    assert [one.detail for one in due] == [f"{kind}|images" if keep else kind]
    sessions.erase(due[0])
    assert sessions.find(kind, made.session_id) is None
    assert (images.get(made.session_id, image) is None) == keep


def test_pages_are_ascending_and_begin_after_their_start(sessions: Sessions, kind: str) -> None:
    made = sorted(sessions.create(kind, TERMS, REFERENCE, template()).session_id for _ in range(5))
    assert [one.session_id for one in sessions.page(kind, "", 1000)] == made
    assert [one.session_id for one in sessions.page(kind, "", 2)] == made[:2]
    assert [one.session_id for one in sessions.page(kind, made[1], 2)] == made[2:4]
    assert [one.session_id for one in sessions.page(kind, made[4], 2)] == []
    assert sessions.page(kind, "", 1)[0].terms == TERMS


def test_page_reads_what_it_lists_and_no_template(
    sessions: Sessions, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sorted(sessions.create(kind, TERMS, REFERENCE, template()).session_id for _ in range(4))
    sessions.create(f"{kind}-other", TERMS)
    query = sessions._table.query
    read: list[str] = []

    def counted(*arguments: object, **named: object) -> object:
        for row in query(*arguments, **named):  # type: ignore[arg-type]
            assert "template" not in row
            read.append(row["RowKey"])
            yield row

    monkeypatch.setattr(sessions._table, "query", counted)
    sessions.page(kind, made[0], 2)
    assert read == made[1:3]


def test_template_is_never_stored_unsealed(sessions: Sessions, kind: str, tables: Tables) -> None:
    row = tables.table("sessions").get(kind, sessions.create(kind, TERMS, REFERENCE, template()).session_id)
    assert row
    everything = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert template().tobytes()[:16] not in everything


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("RowKey", "6f1a9f0e-3c1d-4a3e-9a55-0d2b8c7e4f10"),
        ("expires", "2099-01-01T00:00:00.000Z"),
        ("created", "2099-01-01T00:00:00.000Z"),
        ("created", "tomorrow"),
        ("terms", "{}"),
        ("terms", '{"mode":"Passive","token_seconds":600,"attempts":3,"verify_threshold":0.0}'),
        ("reference", '{"rectangle":[1,2,3,4],"quality":"high","recognition_model":"x","recogniser":"y"}'),
        ("reference", "text"),
        ("template", b"\x01\x02"),
        ("template", "text"),
    ],
)
def test_copied_or_altered_session_is_no_session_and_is_reported(
    sessions: Sessions, kind: str, tables: Tables, caplog: pytest.LogCaptureFixture, column: str, value: str | bytes
) -> None:
    table = tables.table("sessions")
    row = table.get(kind, sessions.create(kind, TERMS, REFERENCE, template()).session_id)
    assert row
    altered = {**row, column: value}
    table.put([altered])
    with caplog.at_level(logging.ERROR):
        assert sessions.find(kind, altered["RowKey"]) is None
    assert f"session {altered['RowKey']} does not open" in caplog.text
