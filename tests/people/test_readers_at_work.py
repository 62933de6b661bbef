"""Searches while others add, remove and compact without a pause: each sees every face once, and none that is gone."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from infra.local.azurite import Azurite
from shared.clock import system_clock
from shared.people import compaction, segment_swap
from shared.people.kinds import LARGE_FACE_LIST, LARGE_PERSON_GROUP, Kind
from shared.settings import Settings
from shared.store.galleries import GalleryGone
from shared.store.ids import PersistedFaceId, PersonId
from shared.store.tables import StoreUnavailable
from tests.people import audit
from tests.people.instances import MODEL, NO_LIMIT, Instance, new_face, together
from tests.people.journal import Journal

WRITERS, READERS, COMPACTORS = 2, 2, 2
KINDS = (LARGE_FACE_LIST, LARGE_PERSON_GROUP)
LONG = (pytest.mark.slow, pytest.mark.timeout(1200))  # a minute, but many where others use the machine too


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def start(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Instance]:
    """Starts processes by number, with the real clock and segments so small that there are many."""
    monkeypatch.setattr(segment_swap, "SEGMENT_FACES", 8)
    monkeypatch.setattr(compaction, "SMALL_FACES", 4)
    return lambda number: Instance.build(settings, system_clock, tmp_path / str(number))


class Scene:
    """A gallery that is written to, read and compacted at once, until the writers are done."""

    def __init__(self, start: Callable[[int], Instance], kind: Kind) -> None:
        self._start = start
        self._kind = kind
        self.journal = Journal()
        self.one = start(0)
        self.key = f"c-{uuid.uuid4().hex}"
        self.one.services.collections.create(kind, self.key, "name", None, MODEL)
        self.gallery = self.one.gallery(kind, self.key)
        self._writing = WRITERS
        self._lock = threading.Lock()
        self.reads = 0
        self.destroyed = 0

    def play(self, changes: int, *, vandal: bool = False) -> None:
        """Raises what any of them raised. `vandal`: somebody destroys events and segments all the while."""
        tasks = [partial(self._write, number, changes) for number in range(WRITERS)]
        tasks += [partial(self._read, WRITERS + number) for number in range(READERS)]
        tasks += [partial(self._compact, WRITERS + READERS + number) for number in range(COMPACTORS)]
        tasks += [partial(self._destroy, WRITERS + READERS + COMPACTORS)] if vandal else []
        for answer in together(tasks):
            if isinstance(answer, BaseException):
                raise answer

    def _write(self, number: int, changes: int) -> None:
        """More is added than removed."""
        instance, dice = self._start(number), random.Random(number)  # noqa: S311
        person = self._person(instance)
        mine: list[str] = []
        try:
            for seed in range(changes):
                if mine and dice.random() < 0.4:
                    self._remove(instance, person, mine.pop(dice.randrange(len(mine))))
                else:
                    mine.append(self.journal.added(lambda: self._add(instance, person, seed)))  # noqa: B023
        finally:
            with self._lock:
                self._writing -= 1

    def _person(self, instance: Instance) -> PersonId:
        if not self._kind.has_persons:
            return PersonId("")
        return instance.stores.galleries.add_person(self.gallery, "somebody", None, NO_LIMIT)

    def _add(self, instance: Instance, person: PersonId, seed: int) -> str:
        galleries = instance.stores.galleries
        if person:
            return galleries.add_person_face(self.gallery, person, new_face(seed), NO_LIMIT)
        return galleries.add_face(self.gallery, new_face(seed), NO_LIMIT)

    def _remove(self, instance: Instance, person: PersonId, face: str) -> None:
        with self.journal.removing(face):
            assert instance.stores.galleries.remove_face(self.gallery, person, MODEL, PersistedFaceId(face))

    def _read(self, number: int) -> None:
        instance = self._start(number)
        while self._writing:
            began = self.journal.now()
            try:
                seen = instance.visible(self.gallery.key)
            except StoreUnavailable:
                assert self.destroyed, "nothing was destroyed"
                continue
            self.journal.check(seen, began, self.journal.now())
            self.reads += 1

    def _destroy(self, number: int) -> None:
        """From now on a search may be an outage, but never wrong."""
        instance, dice = self._start(number), random.Random(number)  # noqa: S311
        table = instance.stores.tables.table("galleries")
        while self._writing:
            events = list(audit.rows(instance, self.gallery.key, "e|"))
            segments = sorted(audit.blobs(instance, self.gallery.key))
            if events and dice.random() < 0.5:
                table.delete(self.gallery.key, [dice.choice(events)])
                self.destroyed += 1
            elif segments:
                instance.stores.segments.delete(self.gallery.key, dice.choice(segments))
                self.destroyed += 1
            time.sleep(0.5)

    def _compact(self, number: int) -> None:
        """A compaction that others overtook too often says so, and may be run again."""
        instance = self._start(number)
        while self._writing:
            try:
                instance.compaction.mend(self.gallery.key)
            except StoreUnavailable as error:
                assert "other compactions" in str(error)  # noqa: PT017


def check_the_end(scene: Scene, *, tidy: bool = True) -> None:
    """`tidy`: no segment is left but those that are in use."""
    assert scene.one.visible(scene.gallery.key) == sorted(scene.journal.living)
    audit.check(scene.one, scene.gallery)
    scene.one.compaction.run(scene.gallery.key)
    assert scene.one.visible(scene.gallery.key) == sorted(scene.journal.living)
    named = {ref.key for ref in audit.state(scene.one, scene.gallery.key).segments}
    stored = audit.blobs(scene.one, scene.gallery.key)
    assert stored == named if tidy else stored >= named
    assert scene.reads > READERS


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_search_among_writers_and_compactors_sees_each_face_once(start: Callable[[int], Instance], kind: Kind) -> None:
    scene = Scene(start, kind)
    scene.play(changes=12)
    check_the_end(scene)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [(LARGE_PERSON_GROUP, 12), *(pytest.param(kind, 200, marks=LONG) for kind in KINDS)],
    ids=lambda value: getattr(value, "name", value),
)
def test_whatever_is_destroyed_of_events_and_segments_no_search_is_wrong_and_nothing_gets_lost(
    start: Callable[[int], Instance], kind: Kind, changes: int
) -> None:
    scene = Scene(start, kind)
    scene.play(changes, vandal=True)
    assert scene.destroyed
    scene.one.compaction.mend(scene.gallery.key)
    check_the_end(scene, tidy=False)  # what rivals left is for the sweep


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_search_among_writers_and_compactors_sees_each_face_once_for_long(
    start: Callable[[int], Instance], kind: Kind
) -> None:
    scene = Scene(start, kind)
    scene.play(changes=400)
    check_the_end(scene)


def test_nothing_of_a_collection_survives_its_deletion_whoever_is_at_work_in_it(
    start: Callable[[int], Instance],
) -> None:
    instances = [start(number) for number in range(4)]
    kind, one = LARGE_FACE_LIST, instances[0]
    key = f"c-{uuid.uuid4().hex}"
    one.services.collections.create(kind, key, "name", None, MODEL)
    gallery = one.gallery(kind, key)

    def enrol(instance: Instance) -> None:
        for seed in range(40):
            instance.stores.galleries.add_face(gallery, new_face(seed), NO_LIMIT)

    def compact(instance: Instance) -> None:
        for _ in range(10):
            instance.compaction.run(gallery.key)

    def delete(instance: Instance) -> None:
        while len(instance.visible(gallery.key)) < 12:
            continue
        instance.services.collections.delete(kind, key)
        erase = {"do": "erase", "gallery": gallery.key, "of": f"{kind.path}|{key}"}
        instance.services.background.run(erase)

    work = [enrol, enrol, compact, delete]
    answers = together([partial(task, instance) for task, instance in zip(work, instances, strict=True)])
    assert {type(answer) for answer in answers[:2]} == {GalleryGone}
    assert answers[2:] == [None, None]
    assert audit.rows(one, gallery.key) == {}
    assert audit.blobs(one, gallery.key) == set()
    with pytest.raises(GalleryGone):
        instances[1].visible(gallery.key)
