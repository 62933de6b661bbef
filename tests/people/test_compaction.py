"""Compaction: what it costs, that nothing is found or kept that was removed, and that nothing else gets lost."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.azurite import Azurite
from shared.gallery.segment import Segment
from shared.people import compaction, segment_swap
from shared.people.kinds import LARGE_FACE_LIST, LARGE_PERSON_GROUP, Kind
from shared.settings import Settings
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersistedFaceId, packed
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face
from tests.people.traffic import Died, Traffic

SEGMENT = 8
SMALL = SEGMENT // 2


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def one(start: Callable[[], Instance], monkeypatch: pytest.MonkeyPatch) -> Instance:
    """A process with small segments, so that a few faces make several."""
    monkeypatch.setattr(segment_swap, "SEGMENT_FACES", SEGMENT)
    monkeypatch.setattr(compaction, "SMALL_FACES", SMALL)
    return start()


@pytest.fixture
def gallery(one: Instance) -> GalleryRef:
    """Of a LargeFaceList without faces."""
    return create(one, LARGE_FACE_LIST)


def create(instance: Instance, kind: Kind) -> GalleryRef:
    key = f"c-{uuid.uuid4().hex}"
    instance.services.collections.create(kind, key, "name", None, MODEL)
    return instance.gallery(kind, key)


def enrol(instance: Instance, gallery: GalleryRef, seeds: range) -> list[PersistedFaceId]:
    return [instance.stores.galleries.add_face(gallery, new_face(seed), NO_LIMIT) for seed in seeds]


def remove(instance: Instance, gallery: GalleryRef, face: PersistedFaceId) -> None:
    assert instance.stores.galleries.remove_face(gallery, "", MODEL, face)


def segments(instance: Instance, gallery: GalleryRef) -> dict[str, set[bytes]]:
    """The ids of the faces in each segment that is stored."""
    found = {}
    for key in audit.blobs(instance, gallery.key):
        read = instance.stores.segments.read(gallery.key, key)
        assert read is not None
        found[key] = {face.tobytes() for face in Segment.from_bytes(*read).faces}
    return found


# cost


@pytest.mark.slow
def test_segments_without_anything_removed_are_not_written_anew(one: Instance, gallery: GalleryRef) -> None:
    faces = enrol(one, gallery, range(3 * SEGMENT))
    one.compaction.run(gallery.key)
    before = segments(one, gallery)
    assert sorted(map(len, before.values())) == [SEGMENT] * 3
    remove(one, gallery, faces[0])
    assert one.compaction.run(gallery.key) == 1
    after = segments(one, gallery)
    touched = {key for key, held in before.items() if packed(faces[0]) in held}
    assert set(before) - set(after) == touched
    assert len(after) == 3


def test_faces_that_were_added_leave_full_segments_alone(one: Instance, gallery: GalleryRef) -> None:
    enrol(one, gallery, range(2 * SEGMENT))
    one.compaction.run(gallery.key)
    before = segments(one, gallery)
    enrol(one, gallery, range(100, 103))
    one.compaction.run(gallery.key)
    assert set(before) < set(segments(one, gallery))


def test_compaction_without_anything_to_do_writes_nothing(one: Instance, gallery: GalleryRef, traffic: Traffic) -> None:
    enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    methods: list[str] = []

    def noted(request: object, send: Callable[[], object]) -> object:
        methods.append(str(getattr(request, "method", "")))
        return send()

    with traffic.hooked(noted):
        assert one.compaction.run(gallery.key) == 0
    assert set(methods) == {"GET"}


@pytest.mark.slow
def test_segments_stay_few_however_often_it_runs(one: Instance, gallery: GalleryRef) -> None:
    faces = []
    for seed in range(5 * SMALL):
        faces += enrol(one, gallery, range(seed, seed + 1))
        one.compaction.run(gallery.key)
        held = segments(one, gallery)
        assert len(held) <= len(faces) // SMALL + 1
        assert sum(map(len, held.values())) == len(faces)
    for face in faces[::2]:
        remove(one, gallery, face)
        one.compaction.run(gallery.key)
    left = faces[1::2]
    one.stores.galleries.add_face(gallery, new_face(99), NO_LIMIT)
    one.compaction.run(gallery.key)
    assert len(segments(one, gallery)) <= len(left) // SMALL + 1
    audit.check(one, gallery)


# what is left


def test_what_was_removed_is_in_no_row_and_no_blob_after_a_compaction(one: Instance) -> None:
    gallery = create(one, LARGE_PERSON_GROUP)
    galleries = one.stores.galleries
    stays, goes = (galleries.add_person(gallery, "somebody", None, 99) for _ in range(2))
    kept = [galleries.add_person_face(gallery, stays, new_face(seed), 99) for seed in range(3)]
    gone = [galleries.add_person_face(gallery, goes, new_face(seed), 99) for seed in range(10, 13)]
    one.compaction.run(gallery.key)
    gone += [galleries.add_person_face(gallery, goes, new_face(13), 99), kept.pop()]
    assert galleries.remove_person(gallery, goes)
    assert galleries.remove_face(gallery, stays, MODEL, gone[-1])
    one.compaction.run(gallery.key)
    rows = audit.rows(one, gallery.key)
    assert not [key for key in rows if key.startswith("e|")]
    text = repr(rows)
    assert not [face for face in gone if face in text]
    assert packed(gone[-1]) not in rows[f"p|{stays}"][f"faces_{MODEL}"]
    assert set().union(*segments(one, gallery).values()) == {packed(face) for face in kept}
    audit.check(one, gallery)


def test_gallery_from_which_everything_was_removed_has_no_segment(one: Instance, gallery: GalleryRef) -> None:
    faces = enrol(one, gallery, range(SEGMENT + 1))
    one.compaction.run(gallery.key)
    for face in faces:
        remove(one, gallery, face)
    one.compaction.run(gallery.key)
    assert segments(one, gallery) == {}
    assert audit.rows(one, gallery.key, "e|") == {}
    audit.check(one, gallery)


def test_events_are_folded_in_their_order_however_few_at_a_time(
    one: Instance, gallery: GalleryRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "ROUND_EVENTS", 3)
    faces = enrol(one, gallery, range(10))
    for face in faces[::3]:
        remove(one, gallery, face)
    assert one.compaction.run(gallery.key) == 14
    assert set().union(*segments(one, gallery).values()) == {packed(face) for face in set(faces) - set(faces[::3])}
    assert audit.rows(one, gallery.key, "e|") == {}
    audit.check(one, gallery)


def test_sweep_compacts_what_a_removal_announced(one: Instance, clock: FakeClock) -> None:
    gallery = create(one, LARGE_FACE_LIST)
    key = next(c.id for c in one.services.collections.list(LARGE_FACE_LIST, "", 99) if c.gallery == gallery)
    faces = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    one.services.persisted_faces.delete(LARGE_FACE_LIST, key, None, faces[0])
    clock.advance(180)
    assert one.services.retention.sweep().failed == 0
    assert set().union(*segments(one, gallery).values()) == {packed(face) for face in faces[1:]}
    assert audit.rows(one, gallery.key, "e|") == {}


@pytest.mark.slow
@pytest.mark.parametrize("slow_by", [0, 100, 200])
def test_segment_of_a_compaction_that_lost_and_died_is_swept_however_slow_it_was(
    one: Instance, gallery: GalleryRef, start: Callable[[], Instance], traffic: Traffic, clock: FakeClock, slow_by: int
) -> None:
    clock.advance(-slow_by)  # when it announced its segment; storage writes that by its own clock, so later
    enrol(one, gallery, range(3))
    written: list[str] = []

    def overtaken(request: Any, send: Callable[[], object]) -> object:
        if written:
            raise Died
        if request.method == "PUT" and f"galleries/{gallery.key}/" in request.url:
            start().compaction.run(gallery.key)
            written.append(request.url)
        return send()

    with traffic.hooked(overtaken), pytest.raises(Died):
        one.compaction.run(gallery.key)
    survivor = start()
    assert len(audit.blobs(survivor, gallery.key)) == 2
    for _ in range(60):
        clock.advance(60)
        survivor.services.retention.sweep()
    assert audit.blobs(survivor, gallery.key) == {ref.key for ref in audit.state(survivor, gallery.key).segments}
    assert len(survivor.visible(gallery.key)) == 3


# caches


def test_process_that_was_there_and_one_that_starts_see_the_same(
    one: Instance, gallery: GalleryRef, start: Callable[[], Instance]
) -> None:
    other = start()
    for step in range(12):
        faces = enrol(one, gallery, range(10 * step, 10 * step + 3))
        if step % 2:
            remove(other, gallery, faces[1])
        if step % 3 == 0:
            (other if step % 2 else one).compaction.run(gallery.key)
        expected = start().visible(gallery.key)
        assert one.visible(gallery.key) == other.visible(gallery.key) == expected
    audit.check(one, gallery)


def test_gallery_larger_than_the_memory_for_it_is_searched_in_full(
    one: Instance, gallery: GalleryRef, settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    faces = sorted(enrol(one, gallery, range(5 * SEGMENT)))
    one.compaction.run(gallery.key)
    for disk in (0, 1):
        small = Instance.build(
            replace(settings, gallery_memory_megabytes=0, gallery_disk_megabytes=disk), clock, tmp_path / f"small{disk}"
        )
        for _ in range(3):
            assert small.visible(gallery.key) == faces
