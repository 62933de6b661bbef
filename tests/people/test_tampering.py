"""Rows, blobs and local files that somebody changed: never a wrong answer, and nothing in the clear to begin with."""

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from infra.local.azurite import Azurite
from shared.people.kinds import LARGE_FACE_LIST, LARGE_PERSON_GROUP
from shared.settings import Settings
from shared.store.blobs import Blobs
from shared.store.gallery_log import GalleryRef
from shared.store.ids import PersistedFaceId, packed
from shared.store.segments import CONTAINER, FOLDER, DiskCache
from shared.store.tables import StoreUnavailable
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


ROWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "template flipped": lambda row: {"template": flip(row["template"], 100)},
    "template cut": lambda row: {"template": row["template"][:20]},
    "template empty": lambda _: {"template": b""},
    "template a text": lambda _: {"template": "nothing"},
    "another space": lambda _: {"space": "recognition_03/fused-384"},
    "another face": lambda _: {"face": str(uuid.uuid4())},
    "another person": lambda _: {"person": str(uuid.uuid4())},
}


@pytest.mark.parametrize("change", ROWS.values(), ids=ROWS)
def test_altered_event_is_not_matched_and_spoils_no_other(
    one: Instance, gallery: GalleryRef, start: Callable[..., Instance], change: Callable[[Any], Any]
) -> None:
    enrol(one, gallery, range(3))
    table = one.stores.tables.table("galleries")
    key, row = next((key, row) for key, row in audit.rows(one, gallery.key, "e|").items())
    table.merge({"PartitionKey": gallery.key, "RowKey": key, **change(row)})
    other = start()
    assert len(other.seeds(gallery.key)) == 2
    other.compaction.run(gallery.key)
    assert len(start().seeds(gallery.key)) == 3  # from the face's own row


def test_template_copied_to_another_persons_face_does_not_verify(one: Instance) -> None:
    key = f"g-{uuid.uuid4().hex}"
    one.services.collections.create(LARGE_PERSON_GROUP, key, "name", None, MODEL)
    gallery, galleries = one.gallery(LARGE_PERSON_GROUP, key), one.stores.galleries
    victim, thief = (galleries.add_person(gallery, "somebody", None, 99) for _ in range(2))
    galleries.add_person_face(gallery, victim, new_face(1), 99)
    galleries.add_person_face(gallery, thief, new_face(2), 99)
    space = new_face(1).space
    stolen = next(iter(audit.rows(one, gallery.key, f"f|{victim}|").values()))["template"]
    theirs = next(iter(audit.rows(one, gallery.key, f"f|{thief}|")))
    row = {"PartitionKey": gallery.key, "RowKey": theirs, "template": stolen}
    one.stores.tables.table("galleries").merge(row)
    assert galleries.templates(gallery.key, thief, MODEL, space) == []
    assert len(galleries.templates(gallery.key, victim, MODEL, space)) == 1


# the disk cache


def test_nothing_is_stored_in_the_clear(one: Instance, gallery: GalleryRef, folder: Path) -> None:
    enrol(one, gallery, range(3))
    raw = [template(seed).tobytes()[:32] for seed in range(3)]
    rows = audit.rows(one, gallery.key)
    assert not [row for row in rows.values() if any(part in row.get("template", b"") for part in raw)]
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
