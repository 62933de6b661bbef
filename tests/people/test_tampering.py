"""Rows, blobs and local files that somebody changed: never a wrong answer, and nothing in the clear to begin with."""

import base64
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from infra.local.azurite import Azurite
from shared.people.kinds import LARGE_FACE_LIST
from shared.settings import Settings
from shared.store.account import queue
from shared.store.blobs import Blobs
from shared.store.cipher import KeyUnknown
from shared.store.gallery_log import BROKEN, SHARDS, GalleryRef
from shared.store.ids import PersistedFaceId, packed
from shared.store.key_ring import KeyRing, replace_key_ring
from shared.store.segments import CONTAINER, FOLDER, DiskCache
from shared.store.tables import StoreUnavailable
from shared.store.turning import rounded
from shared.store.work_queue import QUEUE
from tests.clock import FakeClock
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face, template


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The disk cache of `one`."""
    return tmp_path / "one"


@pytest.fixture
def one(settings: Settings, clock: FakeClock, folder: Path) -> Instance:
    return Instance.build(settings, clock, folder)


@pytest.fixture
def start(settings: Settings, clock: FakeClock, tmp_path: Path) -> Callable[..., Instance]:
    """Starts another process, with a disk cache of its own unless told which."""
    numbers = count()
    return lambda cache=None: Instance.build(settings, clock, cache or tmp_path / f"more-{next(numbers)}")


@pytest.fixture
def gallery(one: Instance) -> GalleryRef:
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_FACE_LIST, key, "name", None, MODEL)
    return one.gallery(LARGE_FACE_LIST, key)


def enrol(one: Instance, gallery: GalleryRef, seeds: range) -> list[PersistedFaceId]:
    return [one.stores.galleries.add_face(gallery, new_face(seed), NO_LIMIT) for seed in seeds]


def blob_of(one: Instance, gallery: GalleryRef) -> tuple[Blobs, str]:
    """The only segment's."""
    (key,) = audit.blobs(one, gallery.key)
    return Blobs(one.services.settings.storage, CONTAINER), f"{gallery.key}/{key}"


def file_of(folder: Path) -> Path:
    """The only one in a disk cache."""
    (path,) = (folder / FOLDER).iterdir()
    return path


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "empty": lambda _: b"",
    "cut short": lambda data: data[:-1],
    "cut in the index": lambda data: data[:30],
    "longer": lambda data: data + b"\0",
    "index length": lambda data: flip(data, 0),
    "magic": lambda data: flip(data, 4),
    "an id": lambda data: flip(data, 60),
    "a template": lambda data: flip(data, len(data) - 100),
    "tag": lambda data: flip(data, len(data) - 1),
    "key id": lambda data: flip(data, 4 + int.from_bytes(data[:4], "little") + 4),
    "noise": lambda data: os.urandom(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_segment_is_an_outage_and_not_a_smaller_gallery(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], damage: Damage
) -> None:
    faces = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    blobs, name = blob_of(one, gallery)
    whole = blobs.get(name)
    assert whole
    blobs.put(name, damage(whole))
    other = start()
    with pytest.raises(StoreUnavailable):
        other.visible(gallery.key)
    blobs.put(name, whole)
    assert other.visible(gallery.key) == sorted(faces)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_local_copy_is_read_anew(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], folder: Path, damage: Damage
) -> None:
    faces = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    path = file_of(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert start(folder).visible(gallery.key) == sorted(faces)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_face_is_gone_though_the_local_copy_of_its_segment_is_damaged(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], folder: Path, damage: Damage
) -> None:
    faces = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    path = file_of(folder)
    whole = path.read_bytes()
    at = whole.index(packed(faces[1])) if damage is DAMAGES["an id"] else None
    path.write_bytes(damage(whole) if at is None else flip(whole, at))
    assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[1])
    start(folder).compaction.run(gallery.key)
    assert start().visible(gallery.key) == sorted(set(faces) - {faces[1]})
    assert one.visible(gallery.key) == sorted(set(faces) - {faces[1]})


def test_segment_of_another_gallery_does_not_open(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    one.services.collections.create(LARGE_FACE_LIST, f"{gallery.key}-2", "name", None, MODEL)
    second = one.gallery(LARGE_FACE_LIST, f"{gallery.key}-2")
    for number, ref in enumerate((gallery, second)):
        enrol(one, ref, range(10 * number, 10 * number + 3))
        one.compaction.run(ref.key)
    blobs, name = blob_of(one, gallery)
    data = blobs.get(blob_of(one, second)[1])
    assert data
    blobs.put(name, data)
    with pytest.raises(StoreUnavailable):
        start().visible(gallery.key)


Change = Callable[[dict[str, Any]], dict[str, Any]]
EVENTS: dict[str, Change] = {
    "seal flipped": lambda row: {"sealed": flip(row["sealed"], 100)},
    "key id flipped": lambda row: {"sealed": flip(row["sealed"], 4)},
    "seal cut": lambda row: {"sealed": row["sealed"][:20]},
    "seal empty": lambda _: {"sealed": b""},
    "seal a text": lambda _: {"sealed": "nothing"},
    "another space": lambda _: {"space": "recognition_03/fused-384"},
    "another face": lambda _: {"face": str(uuid.uuid4())},
    "no face": lambda _: {"face": "nobody"},
    "another person": lambda _: {"person": str(uuid.uuid4())},
    "removed, not added": lambda _: {"kind": "removed"},
    "of no kind": lambda _: {"kind": "other"},
}


@pytest.mark.parametrize("change", EVENTS.values(), ids=EVENTS)
def test_altered_event_is_an_outage_until_the_rows_have_mended_it(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], change: Change
) -> None:
    faces = enrol(one, gallery, range(3))
    table = one.stores.tables.table("galleries")
    key, row = next((key, row) for key, row in audit.rows(one, gallery.key, "e|").items())
    table.merge({"PartitionKey": gallery.key, "RowKey": key, **change(row)})
    check_outage_and_mend(start, gallery, faces)


def check_outage_and_mend(start: Callable[..., Instance], gallery: GalleryRef, faces: list[PersistedFaceId]) -> None:
    other = start()
    with pytest.raises(StoreUnavailable):
        other.visible(gallery.key)
    other.compaction.mend(gallery.key)
    for instance in (other, start()):
        assert instance.visible(gallery.key) == sorted(faces)


def in_one_shard(gallery: GalleryRef, faces: list[PersistedFaceId]) -> list[PersistedFaceId]:
    """Two of them."""
    shards: dict[str, list[PersistedFaceId]] = {}
    for face in faces:
        shards.setdefault(gallery.shard(face), []).append(face)
    return next(some for some in shards.values() if len(some) > 1)[:2]


def event_of(one: Instance, gallery: GalleryRef, face: PersistedFaceId, kind: str) -> dict[str, Any]:
    rows = audit.rows(one, gallery.key, "e|").values()
    return next(row for row in rows if (row["face"], row["kind"]) == (face, kind))


def test_two_events_that_changed_places_are_seen(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    faces = enrol(one, gallery, range(20))
    first, second = (event_of(one, gallery, face, "added") for face in in_one_shard(gallery, faces))
    one.stores.tables.table("galleries").put(
        [first | {"RowKey": second["RowKey"]}, second | {"RowKey": first["RowKey"]}]
    )
    check_outage_and_mend(start, gallery, faces)


def test_event_that_is_played_again_brings_no_deleted_face_back(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    (face, *rest) = enrol(one, gallery, range(3))
    added = event_of(one, gallery, face, "added")
    assert one.stores.galleries.remove_face(gallery, "", MODEL, face)
    table, shard = one.stores.tables.table("galleries"), gallery.shard(face)
    head = audit.state(one, gallery.key).heads[shard]
    table.put([added | {"RowKey": f"e|{shard}|{head.sequence + 1:012x}"}])
    table.merge({"PartitionKey": gallery.key, "RowKey": f"n|{shard}", "sequence": head.sequence + 1})
    check_outage_and_mend(start, gallery, rest)


def test_event_of_another_gallery_is_seen(one: Instance, gallery: GalleryRef, start: Callable[..., Instance]) -> None:
    one.services.collections.create(LARGE_FACE_LIST, f"{gallery.key}-2", "name", None, MODEL)
    second = one.gallery(LARGE_FACE_LIST, f"{gallery.key}-2")
    faces, (foreign, *_) = enrol(one, gallery, range(1)), enrol(one, second, range(5, 25))
    mine, theirs = event_of(one, gallery, faces[0], "added"), event_of(one, second, foreign, "added")
    one.stores.tables.table("galleries").put([theirs | {"PartitionKey": gallery.key, "RowKey": mine["RowKey"]}])
    check_outage_and_mend(start, gallery, faces)


MANIFESTS: dict[str, Change] = {
    "a segment's key": lambda row: {"segments0": flip(row["segments0"], 3)},
    "a segment's count": lambda row: {"segments0": flip(row["segments0"], 16)},
    "no segment": lambda _: {"count": 0},
    "more folded": lambda row: {"folded": json.dumps({s: n + 1 for s, n in json.loads(row["folded"]).items()})},
    "less folded": lambda row: {"folded": json.dumps({s: n - 1 for s, n in json.loads(row["folded"]).items()})},
    "nothing folded": lambda _: {"folded": "{}"},
    "seal flipped": lambda row: {"sealed": flip(row["sealed"], len(row["sealed"]) - 1)},
    "key id flipped": lambda row: {"sealed": flip(row["sealed"], 4)},
    "no seal": lambda _: {"sealed": b""},
}


@pytest.mark.parametrize("change", MANIFESTS.values(), ids=MANIFESTS)
def test_altered_manifest_is_an_outage_until_the_rows_have_mended_it(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], change: Change
) -> None:
    faces = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    faces += enrol(one, gallery, range(3, 5))
    row = audit.rows(one, gallery.key, "m")["m"]
    one.stores.tables.table("galleries").merge({"PartitionKey": gallery.key, "RowKey": "m", **change(row)})
    check_outage_and_mend(start, gallery, faces)


HEADS: dict[str, Change] = {
    "further": lambda row: {"sequence": row["sequence"] + 1},
    "not so far": lambda row: {"sequence": row["sequence"] - 1},
    "far too far": lambda _: {"sequence": 2_000_000_000},
    "more members": lambda row: {"members": row["members"] + 1},
    "fewer members": lambda row: {"members": row["members"] - 1},
    "seal flipped": lambda row: {"seal": flip(row["seal"], len(row["seal"]) - 1)},
    "key id flipped": lambda row: {"seal": flip(row["seal"], 4)},
    "seal empty": lambda _: {"seal": b""},
    "a text": lambda _: {"sequence": "many"},
}


@pytest.mark.parametrize("folded", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("change", HEADS.values(), ids=HEADS)
def test_altered_head_is_an_outage_until_the_rows_have_mended_it(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], change: Change, folded: bool
) -> None:
    faces = enrol(one, gallery, range(3))
    if folded:
        one.compaction.run(gallery.key)
    (key, row), *_ = audit.rows(one, gallery.key, f"n|{gallery.shard(faces[0])}").items()
    one.stores.tables.table("galleries").merge({"PartitionKey": gallery.key, "RowKey": key, **change(row)})
    with pytest.raises(StoreUnavailable):
        one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
    check_outage_and_mend(start, gallery, faces)
    assert one.stores.galleries.remove_face(gallery, "", MODEL, faces.pop(0))
    assert one.visible(gallery.key) == sorted(faces)
    audit.check(start(), gallery)


@pytest.mark.parametrize("lost", ["0", "00", "1f", "all"])
def test_lost_heads_are_an_outage_until_the_rows_have_mended_them(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], lost: str
) -> None:
    faces = enrol(one, gallery, range(5))
    shards = {"all": SHARDS[1:], "00": gallery.shard(faces[0])}.get(lost, lost)
    one.stores.tables.table("galleries").delete(gallery.key, [f"n|{shard}" for shard in shards])
    check_outage_and_mend(start, gallery, faces)
    audit.check(start(), gallery)
    faces += enrol(one, gallery, range(5, 8))
    assert one.visible(gallery.key) == sorted(faces)


def put_head_back(one: Instance, gallery: GalleryRef, change: Callable[[], object], shard: str) -> None:
    """As it was before the change: the seal is whole."""
    before = audit.rows(one, gallery.key, f"n|{shard}")[f"n|{shard}"]
    change()
    one.stores.tables.table("galleries").put([before])


def test_head_that_is_put_back_to_before_what_is_folded_is_an_outage_until_it_is_mended(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    faces = enrol(one, gallery, range(3))

    def change() -> None:
        assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
        one.compaction.run(gallery.key)

    put_head_back(one, gallery, change, gallery.shard(faces[0]))
    check_outage_and_mend(start, gallery, faces[1:])
    assert one.visible(gallery.key) == sorted(faces[1:])
    audit.check(start(), gallery)


@pytest.mark.parametrize("with_events", [False, True])
def test_head_that_is_put_back_is_seen_by_who_has_seen_what_came_after(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], with_events: bool
) -> None:
    """Also where the events after it were taken away: the rows tell what they were."""
    faces, other = enrol(one, gallery, range(3)), start()
    events = audit.rows(one, gallery.key, "e|").keys()

    def change() -> None:
        assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
        assert other.visible(gallery.key) == sorted(faces[1:])

    put_head_back(one, gallery, change, gallery.shard(faces[0]))
    if with_events:
        later = audit.rows(one, gallery.key, "e|").keys() - events
        one.stores.tables.table("galleries").delete(gallery.key, sorted(later))
    with pytest.raises(StoreUnavailable):
        other.visible(gallery.key)
    one.compaction.mend(gallery.key, put_back=True)
    for instance in (other, one, start()):
        assert instance.visible(gallery.key) == sorted(faces[1:])
    audit.check(start(), gallery)


def test_head_that_is_put_back_hides_a_deletion_no_longer_than_to_the_next_compaction(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    """Which the deletion has announced."""
    faces = enrol(one, gallery, range(3))

    def change() -> None:
        assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])

    put_head_back(one, gallery, change, gallery.shard(faces[0]))
    one.compaction.run(gallery.key)
    assert start().visible(gallery.key) == sorted(faces[1:])
    audit.check(start(), gallery)
    later = enrol(one, gallery, range(5, 25))
    assert start().visible(gallery.key) == sorted(faces[1:] + later)


def test_deleted_face_stays_hidden_from_the_head_being_put_back_until_it_is_mended(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    """From who has seen that it went, however often it is asked."""
    faces, other = enrol(one, gallery, range(3)), start()

    def change() -> None:
        assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
        assert other.visible(gallery.key) == sorted(faces[1:])

    queue(one.services.settings.storage, QUEUE).clear_messages()
    put_head_back(one, gallery, change, gallery.shard(faces[0]))
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            other.visible(gallery.key)
    assert {"do": "mend", "gallery": gallery.key, "putBack": "yes"} in messages(one)


def messages(one: Instance) -> list[dict[str, str]]:
    """Those in the queue."""
    waiting = queue(one.services.settings.storage, QUEUE).peek_messages(32)
    return [json.loads(base64.b64decode(message.content)) for message in waiting]


def test_who_has_read_what_was_put_back_misses_nothing_that_comes_after_the_mending(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    """Though its changes are gone from storage, and their numbers are free."""
    faces, other = enrol(one, gallery, range(20)), start()
    first, second = in_one_shard(gallery, faces)
    events = audit.rows(one, gallery.key, "e|").keys()

    def change() -> None:
        assert one.stores.galleries.remove_face(gallery, "", MODEL, first)
        assert first not in other.visible(gallery.key)

    put_head_back(one, gallery, change, gallery.shard(first))
    later = audit.rows(one, gallery.key, "e|").keys() - events
    one.stores.tables.table("galleries").delete(gallery.key, sorted(later))
    one.compaction.mend(gallery.key, put_back=True)
    assert one.stores.galleries.remove_face(gallery, "", MODEL, second)
    for instance in (one, other, start()):
        assert instance.visible(gallery.key) == sorted(set(faces) - {first, second})


def test_planted_event_of_an_impossible_number_goes(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    faces = enrol(one, gallery, range(3))
    planted = {"PartitionKey": gallery.key, "RowKey": "e|0|ffffffffffff", "kind": "removed"}
    one.stores.tables.table("galleries").put([planted])
    one.compaction.run(gallery.key)
    assert not audit.rows(one, gallery.key, "e|0|ffffffffffff")
    audit.check(start(), gallery)
    assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
    assert start().visible(gallery.key) == sorted(faces[1:])


@pytest.mark.parametrize("lost", [True, False])
def test_writer_who_meets_a_damaged_head_has_the_sweep_mend_it(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], clock: FakeClock, lost: bool
) -> None:
    faces = enrol(one, gallery, range(3))
    key, table = f"n|{gallery.shard(faces[0])}", one.stores.tables.table("galleries")
    if lost:
        table.delete(gallery.key, [key])
    else:
        table.merge({"PartitionKey": gallery.key, "RowKey": key, "members": 7})
    with pytest.raises(StoreUnavailable):
        one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
    clock.advance(3600)
    one.services.retention.sweep()
    assert one.stores.galleries.remove_face(gallery, "", MODEL, faces[0])
    assert start().visible(gallery.key) == sorted(faces[1:])


def test_process_that_cannot_read_the_key_ring_calls_nothing_damaged(
    one: Instance, gallery: GalleryRef, settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    enrol(one, gallery, range(3))
    ring = tmp_path / "ring of one that is cut off"
    ring.write_text(KeyRing.new(clock()).text())
    cut_off = Instance.build(replace(settings, key_ring_file=ring), clock, tmp_path / "cut off")
    ring.unlink()
    before = audit.rows(one, gallery.key)
    with pytest.raises(StoreUnavailable):
        cut_off.compaction.mend(gallery.key)
    assert audit.rows(one, gallery.key) == before


def test_index_that_was_altered_while_a_face_was_deleted_brings_it_not_back(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], folder: Path
) -> None:
    (face, *rest) = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    blobs, name = blob_of(one, gallery)
    whole = blobs.get(name)
    assert whole
    blobs.put(name, flip(whole, whole.index(packed(face))))
    file_of(folder).unlink()
    assert one.stores.galleries.remove_face(gallery, "", MODEL, face)
    start().compaction.run(gallery.key)
    blobs.put(name, whole)
    assert start().visible(gallery.key) == sorted(rest)


def test_earlier_manifest_brings_no_deleted_face_back(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance]
) -> None:
    """Its seal is whole; but the segments that it names are gone."""
    (face, *rest) = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    earlier = audit.rows(one, gallery.key, "m")["m"]
    assert one.stores.galleries.remove_face(gallery, "", MODEL, face)
    one.compaction.run(gallery.key)
    one.stores.tables.table("galleries").put([earlier])
    check_outage_and_mend(start, gallery, rest)


def other_keys(clock: FakeClock, _: KeyRing) -> KeyRing:
    return KeyRing.new(clock())


def same_names(_: FakeClock, ring: KeyRing) -> KeyRing:
    return KeyRing(ring.active, {name: bytes(32) for name in ring.keys})


@pytest.mark.parametrize("another", [other_keys, same_names])
def test_storage_without_the_ring_yields_no_template(
    one: Instance,
    gallery: GalleryRef,
    settings: Settings,
    clock: FakeClock,
    tmp_path: Path,
    another: Callable[[FakeClock, KeyRing], KeyRing],
) -> None:
    enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    enrol(one, gallery, range(3, 5))
    reserved = one.stores.face_ids.reserve(1, timedelta(hours=1))
    one.stores.face_ids.commit(reserved, MODEL, "fused-384", template(1)[None])
    replace_key_ring(tmp_path / "ring.json", another(clock, one.stores.key_ring.now()))
    thief = Instance.build(replace(settings, key_ring_file=tmp_path / "ring.json"), clock, tmp_path / "thief")
    with pytest.raises(StoreUnavailable):
        thief.visible(gallery.key)
    assert not rows_of(lambda: thief.stores.face_ids.find(reserved.ids).values())
    faces = rows_of(lambda: thief.stores.rebuilds.faces(gallery.key, ""))
    assert not [row for row in faces if row.template is not None]
    assert {event.kind for event in rows_of(lambda: thief.stores.gallery_log.all_events(gallery.key, 99))} <= {BROKEN}


def rows_of(read: Callable[[], Iterable[Any]]) -> list[Any]:
    """None where the key is not there at all."""
    try:
        return list(read())
    except KeyUnknown:
        return []


# the disk cache


def test_nothing_is_stored_in_the_clear(one: Instance, gallery: GalleryRef, folder: Path) -> None:
    enrol(one, gallery, range(3))
    raw = [rounded(template(seed)).tobytes()[:32] for seed in range(3)]
    rows = audit.rows(one, gallery.key)
    stored = [value for row in rows.values() for value in row.values() if isinstance(value, bytes)]
    assert len(stored) > 6
    assert not [value for value in stored if any(part in value for part in raw)]
    one.compaction.run(gallery.key)
    blobs, name = blob_of(one, gallery)
    for data in (blobs.get(name), file_of(folder).read_bytes()):
        assert data
        assert not [part for part in raw if part in data]


def test_deleted_segment_is_not_kept_on_the_disk_of_who_deleted_it(
    one: Instance, gallery: GalleryRef, folder: Path
) -> None:
    (face, *_) = enrol(one, gallery, range(3))
    one.compaction.run(gallery.key)
    before = file_of(folder)
    assert one.stores.galleries.remove_face(gallery, "", MODEL, face)
    one.compaction.run(gallery.key)
    assert file_of(folder) != before


def test_local_copies_go_when_they_were_not_used_for_long_or_there_are_too_many(folder: Path) -> None:
    cache = DiskCache(folder, max_bytes=250, keep=timedelta(seconds=60))
    for name in ("old", "older", "new", "newer"):
        cache.put(name, bytes(100))
    ages = {"old": 30, "older": 90, "new": 20, "newer": 10}
    for name, age in ages.items():
        moment = datetime.now(UTC).timestamp() - age
        os.utime(cache._path(name), (moment, moment))
    cache.prune()
    assert [name for name in ages if cache.get(name)] == ["new", "newer"]


def test_disk_that_cannot_be_written_costs_nothing_but_speed(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], tmp_path: Path
) -> None:
    faces = enrol(one, gallery, range(3))
    (tmp_path / "file").write_text("no folder")
    unlucky = start(tmp_path / "file")
    unlucky.compaction.run(gallery.key)
    assert unlucky.visible(gallery.key) == sorted(faces)
    unlucky.stores.segments.tidy()
