import logging
from datetime import timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.store.cipher import Cipher
from shared.store.expiries import Expiries, Expiry
from shared.store.face_ids import KIND, FaceId, FaceIds
from shared.store.key_ring import KeyRing
from shared.store.live_ring import LiveRing
from shared.store.tables import StoreUnavailable, Tables
from shared.store.turning import rounded
from tests.clock import FakeClock
from tests.people.traffic import Traffic


def templates(count: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(7).normal(size=(count, 384)).astype(np.float32)
    lengths: NDArray[np.float32] = np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn / lengths


def stored(face_ids: FaceIds, count: int = 1, seconds: int = 60) -> tuple[FaceId, ...]:
    reservation = face_ids.reserve(count, timedelta(seconds=seconds))
    face_ids.commit(reservation, "recognition_04", "fused-384", templates(count))
    return reservation.ids


def test_template_comes_back_to_its_last_bit_that_matters_with_its_models(face_ids: FaceIds) -> None:
    ids = stored(face_ids, 3)
    found = face_ids.find(ids)
    assert [found[face_id].template.tobytes() for face_id in ids] == [row.tobytes() for row in rounded(templates(3))]
    assert {(face.recognition_model, face.recogniser) for face in found.values()} == {("recognition_04", "fused-384")}


def test_faces_of_one_call_are_guids_of_one_partition(face_ids: FaceIds) -> None:
    ids = stored(face_ids, 100)
    assert len(set(ids)) == 100
    assert len({face_id[:4] for face_id in ids}) == 1
    assert all(str(UUID(face_id)) == face_id and UUID(face_id).version == 4 for face_id in ids)


def test_faces_of_one_call_are_read_with_few_requests_and_others_with_one_each(
    face_ids: FaceIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, alone = stored(face_ids, 30), stored(face_ids)
    unknown = FaceId(together[0][:4] + str(uuid4())[4:])
    traffic = Traffic(monkeypatch)
    with traffic.hooked(lambda _, send: (traffic._counted(), send())[1]):
        found = face_ids.find([*together, *alone, unknown, together[0]])
    assert set(found) == {*together, *alone}
    assert all(found[face_id].face_id == face_id for face_id in found)
    assert traffic.count == 4  # 31 of one partition, fourteen at a time, and one


def test_expired_face_is_absent_while_its_row_is_still_there(
    face_ids: FaceIds, tables: Tables, clock: FakeClock
) -> None:
    (face_id,) = stored(face_ids, seconds=60)
    clock.advance(59.999)
    assert face_id in face_ids.find([face_id])
    clock.advance(0.001)
    assert face_ids.find([face_id]) == {}
    assert tables.table("faceids").get(face_id[:4], face_id)


def test_unknown_face_is_absent(face_ids: FaceIds) -> None:
    assert face_ids.find([FaceId(str(uuid4()))]) == {}


def test_template_is_never_stored_unsealed(face_ids: FaceIds, tables: Tables) -> None:
    (face_id,) = stored(face_ids)
    row = tables.table("faceids").get(face_id[:4], face_id)
    assert row
    everything = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert templates(1).tobytes()[:16] not in everything


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("expires", "2099-01-01T00:00:00.000Z"),
        ("expires", "2099-01-01T00:00:00.000"),
        ("expires", "tomorrow"),
        ("template", "text"),
        ("recognitionModel", "recognition_01"),
        ("recogniser", "other"),
        ("RowKey", None),
    ],
)
def test_copied_or_altered_row_is_no_face_and_is_reported(
    face_ids: FaceIds, tables: Tables, caplog: pytest.LogCaptureFixture, column: str, value: str | None
) -> None:
    (face_id,) = stored(face_ids)
    table = tables.table("faceids")
    row = table.get(face_id[:4], face_id)
    assert row
    victim = FaceId(face_id[:4] + str(uuid4())[4:]) if column == "RowKey" else face_id
    table.put([{**row, column: value or victim}])
    with caplog.at_level(logging.ERROR):
        assert face_ids.find([victim]) == {}
    assert f"faceId {victim} does not open" in caplog.text


def test_expiry_row_stands_before_any_face_row(face_ids: FaceIds, expiries: Expiries, clock: FakeClock) -> None:
    reservation = face_ids.reserve(2, timedelta(seconds=60))
    reservation.announced.result()
    assert face_ids.find(reservation.ids) == {}
    clock.advance(480)
    assert any(expiry.key == reservation.ids[0] for expiry in expiries.due(clock()))


def test_one_row_announces_all_faces_of_a_call_and_erases_them(
    face_ids: FaceIds, expiries: Expiries, tables: Tables, clock: FakeClock
) -> None:
    reservation = face_ids.reserve(3, timedelta(seconds=90))
    face_ids.commit(reservation, "recognition_04", "fused-384", templates(3))
    assert (reservation.born, reservation.expires) == (clock(), clock() + timedelta(seconds=90))
    ids = reservation.ids
    (row,) = [one.expiry for one in expiries.coming() if one.expiry.key == ids[0]]
    assert (row.kind, row.detail, row.due) == ("faceids", ",".join(ids), clock() + timedelta(seconds=120))
    face_ids.erase(row)
    assert not any(tables.table("faceids").get(face_id[:4], face_id) for face_id in ids)
    face_ids.erase(row)  # again: they are gone already


@pytest.mark.parametrize("detail", ["", "no-guid", ",", "../../etc"])
def test_row_that_names_no_face_ids_erases_nothing(face_ids: FaceIds, detail: str) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        face_ids.erase(Expiry("203105040302", KIND, "x", detail))


def test_each_reserved_id_gets_a_template_or_none_does(face_ids: FaceIds) -> None:
    reservation = face_ids.reserve(2, timedelta(seconds=60))
    for wrong in (1, 3):
        with pytest.raises(ValueError, match="zip"):
            face_ids.commit(reservation, "recognition_04", "fused-384", templates(wrong))
    assert face_ids.find(reservation.ids) == {}


def test_face_is_comparable_under_its_model_and_recogniser_alone(face_ids: FaceIds) -> None:
    (face_id,) = stored(face_ids)
    found = face_ids.find([face_id])[face_id]
    assert found.space == "recognition_04/fused-384"
    assert found.template.dtype == np.dtype("<f4")


def test_face_under_a_key_that_this_process_has_not_is_not_called_expired(
    face_ids: FaceIds, tables: Tables, expiries: Expiries, clock: FakeClock
) -> None:
    (face_id,) = stored(face_ids)
    other = FaceIds(tables, expiries, Cipher(LiveRing(lambda: KeyRing("other", {"other": b"o" * 32}))), clock)
    with pytest.raises(StoreUnavailable, match="a key that the ring does not hold"):
        other.find([face_id])
    clock.advance(60)
    assert other.find([face_id]) == {}


def test_writer_has_half_a_minute(face_ids: FaceIds, clock: FakeClock) -> None:
    reservation = face_ids.reserve(1, timedelta(seconds=60))
    clock.advance(30)
    face_ids.commit(reservation, "recognition_04", "fused-384", templates(1))
    assert set(face_ids.find(reservation.ids)) == set(reservation.ids)


def test_writer_that_was_too_slow_gives_up_and_stores_nothing(
    face_ids: FaceIds, tables: Tables, clock: FakeClock
) -> None:
    reservation = face_ids.reserve(1, timedelta(seconds=60))
    clock.advance(30.001)
    with pytest.raises(StoreUnavailable, match=r"^too slow to commit$"):
        face_ids.commit(reservation, "recognition_04", "fused-384", templates(1))
    assert tables.table("faceids").get(reservation.ids[0][:4], reservation.ids[0]) is None
