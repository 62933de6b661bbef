"""Events that are missing, segments that are lost or altered: no search leaves anybody out, and the rows of the faces,
which are the truth, make the gallery whole again."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import pytest
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from infra.local.azurite import Azurite
from shared.people import rebuild, segment_swap
from shared.people.kinds import LARGE_FACE_LIST, LARGE_PERSON_GROUP, Kind
from shared.store.blobs import Blobs
from shared.store.gallery_log import State
from shared.store.ids import GalleryId
from shared.store.manifests import SegmentRef
from shared.store.rebuilds import Progress
from shared.store.segments import CONTAINER
from shared.store.tables import StoreUnavailable
from tests.clock import FakeClock
from tests.people import audit
from tests.people.deaths import ALL, Scene
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face, together
from tests.people.traffic import Send, Traffic

Start = Callable[[], Instance]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: everything in it is accounted for."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one: storage tells the age of blobs by its own."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def one(start: Start, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """Small segments and stretches, so that a few faces make several; in the end everything belongs to something."""
    monkeypatch.setattr(segment_swap, "SEGMENT_FACES", 2)
    monkeypatch.setattr(rebuild, "STRETCH_FACES", 2)
    instance = start()
    yield instance
    sweep(instance, clock)
    sweep(instance, clock)
    audit.check_nothing_is_left_over(instance)
    for kind in KINDS:
        for found in instance.services.collections.list(kind):
            instance.services.collections.delete(kind, found.id)
    sweep(instance, clock)


def sweep(instance: Instance, clock: FakeClock) -> None:
    clock.advance(3600)
    swept = instance.services.retention.sweep()
    assert (swept.failed, swept.finished) == (0, True)


# damages: each of a scene with three faces in segments and two enrolled since


def destroy_event(one: Instance, scene: Scene, kind: str, which: int = -1) -> None:
    """One of those of that kind that no segment holds."""
    keys = [key for key, row in audit.rows(one, scene.gallery.key, "e|").items() if row["kind"] == kind]
    one.stores.tables.table("galleries").delete(scene.gallery.key, [keys[which]])


def blobs(one: Instance) -> Blobs:
    return Blobs(one.services.settings.storage, CONTAINER)


def segment_names(one: Instance, scene: Scene) -> list[str]:
    return [f"{scene.gallery.key}/{key}" for key in sorted(audit.blobs(one, scene.gallery.key))]


def first_event(one: Instance, scene: Scene) -> None:
    destroy_event(one, scene, "added", 0)


def last_event(one: Instance, scene: Scene) -> None:
    destroy_event(one, scene, "added")


def every_event(one: Instance, scene: Scene) -> None:
    for _ in range(2):
        destroy_event(one, scene, "added")


def segment_lost(one: Instance, scene: Scene) -> None:
    blobs(one).delete(segment_names(one, scene)[0])


def segments_lost(one: Instance, scene: Scene) -> None:
    for name in segment_names(one, scene):
        blobs(one).delete(name)


def segment_altered(one: Instance, scene: Scene) -> None:
    name = segment_names(one, scene)[0]
    whole = blobs(one).get(name)
    assert whole
    blobs(one).put(name, whole[:-1] + bytes([whole[-1] ^ 1]))


def segment_replaced(one: Instance, scene: Scene) -> None:
    blobs(one).put(segment_names(one, scene)[0], b"")


def some_of(values: Sequence[Any], *usual: int) -> list[Any]:
    """The others are for --all."""
    return [pytest.param(value, marks=() if at in usual else pytest.mark.slow) for at, value in enumerate(values)]


DAMAGES = (first_event, last_event, every_event, segment_lost, segments_lost, segment_altered, segment_replaced)
KINDS = (LARGE_FACE_LIST, LARGE_PERSON_GROUP)
kinds = pytest.mark.parametrize("kind", some_of(KINDS, 1), ids=lambda kind: kind.name)


def mend(instance: Instance, gallery: GalleryId) -> None:
    instance.services.background.run({"do": "mend", "gallery": gallery})


def check_whole(instance: Instance, scene: Scene, seeds: object = ALL) -> None:
    assert instance.seeds(scene.gallery.key) == seeds
    audit.check(instance, scene.gallery)
    named = {ref.key for ref in audit.state(instance, scene.gallery.key).segments}
    assert named <= audit.blobs(instance, scene.gallery.key)


@kinds
@pytest.mark.parametrize("damage", some_of(DAMAGES, 0, 3, 5))
def test_search_of_a_damaged_gallery_is_an_outage_until_it_was_mended(
    one: Instance, start: Start, kind: Kind, damage: Callable[[Instance, Scene], None]
) -> None:
    scene = Scene.enrolled(one, kind)
    damage(one, scene)
    with pytest.raises(StoreUnavailable):
        start().visible(scene.gallery.key)
    mend(start(), scene.gallery.key)
    check_whole(start(), scene)
    check_whole(one, scene)


@kinds
@pytest.mark.parametrize("damage", some_of([first_event, last_event, every_event], 0))
def test_compaction_that_finds_an_event_missing_has_the_gallery_rebuilt(
    one: Instance, start: Start, kind: Kind, damage: Callable[[Instance, Scene], None]
) -> None:
    scene = Scene.enrolled(one, kind)
    damage(one, scene)
    start().services.background.run({"do": "compact", "gallery": scene.gallery.key})
    check_whole(start(), scene)
    assert audit.rows(one, scene.gallery.key, "e|") == {}


@kinds
@pytest.mark.parametrize("damage", some_of([segment_lost, segment_altered], 0))
def test_compaction_that_needs_a_segment_that_is_lost_or_altered_has_the_gallery_rebuilt(
    one: Instance, start: Start, kind: Kind, damage: Callable[[Instance, Scene], None]
) -> None:
    scene = Scene.enrolled(one, kind)
    damage(one, scene)
    for seed in (0, 1, 3):
        owner = scene.person if kind.has_persons and seed < 3 else None
        if owner or not kind.has_persons:
            start().services.persisted_faces.delete(scene.kind, scene.key, owner, scene.faces[seed])
    start().services.background.run({"do": "compact", "gallery": scene.gallery.key})
    check_whole(start(), scene, {2, 3, 4} if kind.has_persons else {2, 4})


def test_search_that_fails_sends_the_gallery_to_be_mended_once_however_often_it_is_tried(
    one: Instance, start: Start
) -> None:
    scene = Scene.enrolled(one, LARGE_FACE_LIST)
    last_event(one, scene)
    searching = start()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            searching.visible(scene.gallery.key)
    policy = TextBase64DecodePolicy()
    queue = QueueClient.from_connection_string(one.services.settings.storage, "work", message_decode_policy=policy)
    messages = [json.loads(message.content) for message in queue.receive_messages()]
    assert [message for message in messages if message.get("gallery") == scene.gallery.key] == [
        {"do": "mend", "gallery": scene.gallery.key}
    ]
    one.services.background.run({"do": "mend", "gallery": scene.gallery.key})
    assert searching.seeds(scene.gallery.key) == ALL


def test_what_was_removed_stays_removed_though_its_event_is_missing(one: Instance, start: Start) -> None:
    scene = Scene.enrolled(one, LARGE_PERSON_GROUP)
    one.services.persisted_faces.delete(scene.kind, scene.key, scene.person, scene.faces[1])
    destroy_event(one, scene, "removed")
    mend(start(), scene.gallery.key)
    check_whole(start(), scene, ALL - {1})
    one.services.persons.delete(scene.kind, scene.key, scene.person)
    destroy_event(one, scene, "person")
    mend(start(), scene.gallery.key)
    check_whole(start(), scene, {3, 4})


def test_faces_left_by_a_removal_that_died_are_not_brought_back_though_its_event_is_missing(
    one: Instance, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene.enrolled(one, LARGE_PERSON_GROUP)
    dying = start()
    monkeypatch.setattr(dying.stores.galleries, "remove_faces_of", lambda *_: None)
    dying.stores.galleries.remove_person(scene.gallery, scene.person)
    assert audit.rows(one, scene.gallery.key, f"f|{scene.person}|") != {}
    destroy_event(one, scene, "person")
    mend(start(), scene.gallery.key)
    assert audit.rows(one, scene.gallery.key, f"f|{scene.person}|") == {}
    check_whole(start(), scene, {3, 4})


@kinds
def test_face_whose_own_row_was_altered_is_left_out_and_holds_up_no_other(
    one: Instance, start: Start, kind: Kind
) -> None:
    scene = Scene.enrolled(one, kind)
    key, row = next(iter(audit.rows(one, scene.gallery.key, "f|").items()))
    altered = {"PartitionKey": scene.gallery.key, "RowKey": key, "template": row["template"][:-1] + b"!"}
    one.stores.tables.table("galleries").merge(altered)
    segments_lost(one, scene)
    mend(start(), scene.gallery.key)
    assert len(start().seeds(scene.gallery.key)) == len(ALL) - 1
    one.stores.tables.table("galleries").merge({**altered, "template": row["template"]})
    segments_lost(one, scene)
    mend(start(), scene.gallery.key)
    check_whole(start(), scene)


# beside others


def once_before(wanted: Callable[[Any], bool], happen: Callable[[], object]) -> Callable[[Any, Send], Any]:
    left = [happen]

    def hook(request: Any, send: Send) -> Any:
        if left and wanted(request):
            left.pop()()
        return send()

    return hook


@pytest.mark.slow
@kinds
@pytest.mark.parametrize("at", some_of(range(1, 40, 2), 4, 8, 12))
def test_changes_in_the_middle_of_a_rebuild_are_neither_lost_nor_undone(
    one: Instance, start: Start, traffic: Traffic, kind: Kind, at: int
) -> None:
    scene = Scene.enrolled(one, kind)
    last_event(one, scene)
    other, mending = start(), start()
    galleries = other.stores.galleries
    number = count(1)

    def change() -> None:
        owner = scene.owner or ""
        assert galleries.remove_face(scene.gallery, owner, MODEL, scene.faces[0])
        if kind.has_persons:
            late = galleries.add_person(scene.gallery, "late", None, NO_LIMIT)
            galleries.add_person_face(scene.gallery, late, new_face(5), 99)
            galleries.add_person_face(scene.gallery, scene.person, new_face(6), 99)
        else:
            for seed in (5, 6):
                galleries.add_face(scene.gallery, new_face(seed), NO_LIMIT)

    with traffic.hooked(once_before(lambda _: next(number) == at, change)):
        mend(mending, scene.gallery.key)
    if next(number) <= at:
        change()
    check_whole(start(), scene, (ALL - {0}) | {5, 6})
    one.compaction.run(scene.gallery.key)
    check_whole(start(), scene, (ALL - {0}) | {5, 6})


@kinds
def test_face_whose_event_is_lost_while_a_rebuild_goes_on_is_seen_once_by_who_had_read_the_event(
    one: Instance, start: Start, traffic: Traffic, kind: Kind
) -> None:
    scene = Scene.enrolled(one, kind)
    state, reading, galleries = audit.state(one, scene.gallery.key), start(), one.stores.galleries
    assert start().stores.rebuilds.save(
        scene.gallery.key, Progress({shard: head.sequence for shard, head in state.heads.items()})
    )
    if kind.has_persons:
        galleries.add_person_face(scene.gallery, scene.person, new_face(5), 99)
    else:
        galleries.add_face(scene.gallery, new_face(5), NO_LIMIT)
    seen = reading.visible(scene.gallery.key)
    destroy_event_after(one, scene, state)
    looks: list[list[str]] = []
    looking = threading.Lock()

    def look(_: Any, send: Send) -> Any:
        """Before each request of the rebuild; those of the look itself, which has threads, are left alone."""
        if looking.acquire(blocking=False):
            with suppress(StoreUnavailable):
                looks.append(reading.visible(scene.gallery.key))
            looking.release()
        return send()

    with traffic.hooked(look):
        mend(start(), scene.gallery.key)
    assert len(looks) > 10
    assert all(look == seen for look in looks)
    check_whole(start(), scene, ALL | {5})


def destroy_event_after(one: Instance, scene: Scene, state: State) -> None:
    """The one that came after that state."""
    (key,) = [
        key
        for key in audit.rows(one, scene.gallery.key, "e|")
        if int(key.rpartition("|")[2], 16) > state.heads[key.split("|")[1]].sequence
    ]
    one.stores.tables.table("galleries").delete(scene.gallery.key, [key])


@kinds
def test_two_that_rebuild_at_once_do_not_spoil_it(one: Instance, start: Start, kind: Kind) -> None:
    scene = Scene.enrolled(one, kind)
    last_event(one, scene)
    segment_lost(one, scene)
    answers = together([partial(mend, start(), scene.gallery.key) for _ in range(3)])
    assert answers == [None] * 3
    check_whole(start(), scene)


def test_ordinary_compaction_goes_on_with_a_rebuild_instead_of_overtaking_it(one: Instance, start: Start) -> None:
    scene = Scene.enrolled(one, LARGE_FACE_LIST)
    segment_altered(one, scene)  # which no ordinary compaction would look at
    mending, state = start(), audit.state(one, scene.gallery.key)
    mending.stores.rebuilds.save(scene.gallery.key, Progress({s: h.sequence for s, h in state.heads.items()}))
    start().compaction.run(scene.gallery.key)
    check_whole(start(), scene)


def test_compaction_in_the_middle_of_which_a_rebuild_begins_does_not_overtake_it(
    one: Instance, start: Start, traffic: Traffic, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene.enrolled(one, LARGE_FACE_LIST)
    other, state = start(), audit.state(one, scene.gallery.key)

    def begin_and_add() -> None:
        heads = {shard: head.sequence for shard, head in state.heads.items()}
        assert other.stores.rebuilds.save(scene.gallery.key, Progress(heads))
        other.stores.galleries.add_face(scene.gallery, new_face(5), NO_LIMIT)

    with traffic.hooked(once_before(lambda request: "e%7C" in request.url, begin_and_add)):
        one.compaction.run(scene.gallery.key)
    assert one.stores.rebuilds.find(scene.gallery.key) is None
    check_whole(start(), scene, ALL | {5})
    assert "damaged" not in caplog.text


def test_rebuild_whose_manifest_somebody_replaced_at_the_last_moment_keeps_what_it_has(
    one: Instance, start: Start, traffic: Traffic
) -> None:
    scene = Scene.enrolled(one, LARGE_FACE_LIST)
    last_event(one, scene)

    def replace_by_itself() -> None:
        state = audit.state(one, scene.gallery.key)
        assert one.stores.gallery_log.fold(scene.gallery.key, state, state.segments, state.folded)

    def finishes(request: Any) -> bool:
        return request.method == "POST" and "DELETE" in str(request.content or request.body)

    with traffic.hooked(once_before(finishes, replace_by_itself)):
        mend(start(), scene.gallery.key)
    check_whole(start(), scene)


# deaths and lost answers


@pytest.mark.slow
@kinds
def test_rebuild_that_died_is_taken_up_where_it_stopped(
    one: Instance, start: Start, traffic: Traffic, kind: Kind
) -> None:
    furthest = 0
    for at in count(1):
        scene = Scene.enrolled(one, kind)
        last_event(one, scene)
        with traffic.dying(at):
            mend(start(), scene.gallery.key)
        lived = traffic.count < at
        begun = one.stores.rebuilds.find(scene.gallery.key)
        furthest = max(furthest, len(begun.segments) if begun else 0)
        survivor = start()
        survivor.services.background.run({"do": "compact", "gallery": scene.gallery.key})
        check_whole(start(), scene)
        if begun:
            kept = {ref.key for ref in begun.segments}
            assert kept <= audit.blobs(one, scene.gallery.key)
        if lived:
            break
    assert furthest >= 2


def test_rebuild_whose_own_segment_is_lost_before_it_is_done_begins_anew(one: Instance, start: Start) -> None:
    scene = Scene.enrolled(one, LARGE_FACE_LIST)
    state = audit.state(one, scene.gallery.key)
    lost = SegmentRef("0" * 32, 2, bytes(16))
    heads = {shard: head.sequence for shard, head in state.heads.items()}
    assert one.stores.rebuilds.save(scene.gallery.key, Progress(heads, "f||z", (lost,)))
    mend(start(), scene.gallery.key)
    check_whole(start(), scene)


def test_gallery_that_is_deleted_while_it_is_rebuilt_leaves_nothing(
    one: Instance, start: Start, traffic: Traffic
) -> None:
    for at in (4, 12, 20, 28):
        scene = Scene.enrolled(one, LARGE_FACE_LIST)
        last_event(one, scene)
        number = count(1)

        def delete(scene: Scene = scene) -> None:
            other = start()
            other.services.collections.delete(scene.kind, scene.key)
            of = f"{scene.kind.path}|{scene.key}"
            other.services.background.run({"do": "erase", "gallery": scene.gallery.key, "of": of})

        with traffic.hooked(once_before(lambda _: next(number) == at, delete)):  # noqa: B023 run at once
            mend(start(), scene.gallery.key)
        if next(number) > at:
            assert audit.rows(one, scene.gallery.key) == {}
