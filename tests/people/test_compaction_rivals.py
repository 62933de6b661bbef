"""Compactions that meet others, keys they lack, and manifests that are gone."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.people.kinds import LARGE_FACE_LIST
from shared.settings import Settings
from shared.store.gallery_log import GalleryRef
from shared.store.manifests import SegmentRef
from shared.store.tables import StoreUnavailable
from tests.clock import FakeClock
from tests.people.instances import MODEL, Instance, new_face
from tests.people.traffic import Traffic, reset

LIST = "rivals"


@pytest.fixture
def one(settings: Settings, clock: FakeClock, tmp_path: Path) -> Iterator[Instance]:
    instance = Instance.build(settings, clock, tmp_path / "one")
    instance.services.collections.create(LARGE_FACE_LIST, LIST, "name", None, MODEL)
    yield instance
    instance.services.collections.delete(LARGE_FACE_LIST, LIST)


@pytest.fixture
def gallery(one: Instance) -> GalleryRef:
    return one.gallery(LARGE_FACE_LIST, LIST)


def enrol(one: Instance, gallery: GalleryRef, *seeds: int) -> list[str]:
    return [one.stores.galleries.add_face(gallery, new_face(seed), 99) for seed in seeds]


def blobs(one: Instance, gallery: GalleryRef) -> set[str]:
    return set(one.stores.segments.stored(gallery.key))


def test_segments_of_a_compaction_whose_answer_was_lost_stay_where_others_have_gone_on_from_them(
    settings: Settings, clock: FakeClock, tmp_path: Path, one: Instance, gallery: GalleryRef, traffic: Traffic
) -> None:
    faces = enrol(one, gallery, 0, 1)
    other = Instance.build(settings, clock, tmp_path / "other")
    pending = [True]

    def lose_the_manifests_answer(request: Any, send: Callable[[], Any]) -> Any:
        answer = send()
        if pending and request.method in {"PATCH", "MERGE"} and "RowKey='m'" in request.url.replace("%27", "'"):
            pending.clear()
            faces.extend(enrol(other, gallery, 2))
            other.compaction.run(gallery.key)
            return reset(answer)
        return answer

    with traffic.hooked(lose_the_manifests_answer):
        one.compaction.run(gallery.key)
    assert not pending
    assert one.visible(gallery.key) == other.visible(gallery.key) == sorted(faces)
    state = one.stores.gallery_log.state(gallery.key)
    assert state is not None
    assert {ref.key for ref in state.segments} == blobs(one, gallery)


def test_a_manifest_has_room_for_tens_of_thousands_of_segments_and_shrinks_again(
    one: Instance, gallery: GalleryRef
) -> None:
    log = one.stores.gallery_log
    for count in (20_000, 2_999, 3_001, 0):
        refs = tuple(SegmentRef(f"{number:032x}", number % 4096, bytes(16)) for number in range(count))
        state = log.state(gallery.key)
        assert state is not None
        assert log.fold(gallery.key, state, refs, {"a": count})
        after = log.state(gallery.key)
        assert after is not None
        assert (after.segments, after.folded) == (refs, {"a": count})


def test_face_under_a_key_that_a_process_lacks_is_neither_missed_nor_lost(
    settings: Settings, key_ring_file: Path, clock: FakeClock, tmp_path: Path, one: Instance, gallery: GalleryRef
) -> None:
    newer = json.loads(key_ring_file.read_text())
    newer["keys"]["newer"] = base64.b64encode(secrets.token_bytes(32)).decode()
    newer["active"] = "newer"
    (tmp_path / "newer.json").write_text(json.dumps(newer))
    ahead = Instance.build(replace(settings, key_ring_file=tmp_path / "newer.json"), clock, tmp_path / "ahead")
    faces = enrol(ahead, gallery, 0)
    for call in (one.visible, one.compaction.run):
        with pytest.raises(StoreUnavailable):
            call(gallery.key)
    assert ahead.visible(gallery.key) == faces
    ahead.compaction.run(gallery.key)
    assert ahead.visible(gallery.key) == faces


def test_compaction_of_a_gallery_whose_manifest_is_gone_leaves_its_rows_alone(
    one: Instance, gallery: GalleryRef
) -> None:
    enrol(one, gallery, 0)
    table = one.stores.tables.table("galleries")
    table.delete(gallery.key, ["m"])
    before = list(table.query("PartitionKey eq @key", key=gallery.key))
    assert one.compaction.run(gallery.key) == 0
    assert list(table.query("PartitionKey eq @key", key=gallery.key)) == before


def test_removal_from_many_segments_rewrites_them_a_few_at_a_time_and_hides_all_meanwhile(
    one: Instance, gallery: GalleryRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.people.segment_swap.SEGMENT_FACES", 2)
    monkeypatch.setattr("shared.people.compaction.SMALL_FACES", 1)
    faces = enrol(one, gallery, *range(24))
    one.compaction.run(gallery.key)
    assert len(blobs(one, gallery)) == 12
    gone, kept = faces[::2], faces[1::2]
    for face in gone:
        one.services.persisted_faces.delete(LARGE_FACE_LIST, LIST, None, face)
    seen = []
    fold = type(one.stores.gallery_log).fold

    def look_and_fold(*arguments: Any) -> bool:
        seen.append(one.visible(gallery.key))
        return fold(*arguments)

    monkeypatch.setattr(type(one.stores.gallery_log), "fold", look_and_fold)
    one.compaction.run(gallery.key)
    assert len(seen) in (3, 4)  # 6 to 12 segments are touched, four at a time, and then the events are folded
    assert all(visible == sorted(kept) for visible in [*seen, one.visible(gallery.key)])
