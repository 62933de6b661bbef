"""Persons are erased while others are enrolled, the group is compacted and four processes go on matching: none is
returned by a search that began after the call was answered, and no segment holds one when the receipt is there."""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.azurite import Azurite
from shared.errors import FaceError
from shared.gallery.segment import Segment, guids
from shared.people.kinds import LARGE_PERSON_GROUP
from shared.people.recognition import CollectionScope
from shared.settings import Settings
from shared.store.erasures import SETTLED_AFTER
from shared.store.ids import PersonId, packed
from shared.store.tables import StoreUnavailable
from shared.store.terms import Terms
from tests.clock import FakeClock
from tests.people.instances import MODEL, NO_LIMIT, RECOGNISER, Instance, new_face, template

ROOT = Path(__file__).parents[2]
PROCESSES = 4
SUBJECT = "subject-{}"
MATCHER = """
import json, sys
from pathlib import Path
from shared.clock import system_clock
from shared.settings import Settings
from tests.people.instances import Instance
from tests.people.test_erase_under_load import matching
storage, ring, cache, group, *faces = sys.argv[1:]
one = Instance.build(Settings(("a-key-0123456789ab",), storage, Path(ring), cache_dir=Path(cache)), system_clock)
print("ready", flush=True)
for search in matching(one, group, faces, lambda: False):
    print(json.dumps(search), flush=True)
"""

Search = tuple[float, list[str]]
"""When it began, by the clock that all processes of a machine share; the persons that it found."""


def matching(one: Instance, group: str, faces: list[str], ended: Callable[[], bool]) -> Iterator[Search]:
    while not ended():
        began = time.monotonic()
        found = one.services.recognition.identify(faces, CollectionScope(LARGE_PERSON_GROUP, group), 5, None)
        yield began, [candidate.person_id for one_face in found for candidate in one_face.candidates]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This module's own: it is busy."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def clock() -> FakeClock:
    """Near the real one, by which the other processes go."""
    return FakeClock(datetime.now(UTC))


@dataclass
class Scene:
    """A group that was trained, with so many persons; `faces`: faceIds that look like ten of them."""

    one: Instance
    clock: FakeClock
    group: str
    persons: list[PersonId]
    faces: list[str]
    answered: dict[str, float] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)

    @classmethod
    def of(cls, one: Instance, clock: FakeClock, count: int) -> "Scene":
        group = uuid.uuid4().hex
        one.services.collections.create(LARGE_PERSON_GROUP, group, "group", None, MODEL)
        persons = [enrolled(one, group, seed, Terms(SUBJECT.format(seed))) for seed in range(count)]
        one.services.training.start(LARGE_PERSON_GROUP, group)
        gallery = one.gallery(LARGE_PERSON_GROUP, group).key
        of = f"{LARGE_PERSON_GROUP.path}|{group}"
        one.services.background.run({"do": "train", "of": of, "gallery": gallery})
        return cls(one, clock, group, persons, [face_id(one, seed) for seed in range(min(count, 10))])

    def erase(self, seed: int) -> str:
        key, _ = self.one.services.privacy.erasing.begin(SUBJECT.format(seed), ())
        self.answered[self.persons[seed]] = time.monotonic()
        return key

    def check_searches(self) -> None:
        probed = set(self.persons[: len(self.faces)])
        assert probed <= {person for _, found in self.searches for person in found}
        for began, found in self.searches:
            late = [person for person in found if self.answered.get(person, began) < began]
            assert not late, "an erased person was found"

    def check_segments(self) -> None:
        """Every blob, whether the manifest names it or not."""
        gallery = self.one.gallery(LARGE_PERSON_GROUP, self.group).key
        erased = {packed(person) for person in self.answered}
        for key in self.one.stores.segments.stored(gallery):
            index = self.one.stores.segments.read_index(gallery, key)
            if index:  # else a compaction has just replaced it
                assert erased.isdisjoint(guids(Segment.ids_of(index)[1]))

    def receipts(self, erasures: list[str]) -> None:
        """Each comes, and none before the segments are free of the person."""
        self.clock.advance(SETTLED_AFTER.total_seconds() + 120)
        for _ in range(20):
            self.one.services.retention.sweep()
            found = [self.one.services.privacy.erasing.get(key) for key in erasures]
            if all(one.receipt for one in found):
                break
            self.clock.advance(120)
        assert all(one.receipt for one in found)
        self.check_segments()


def enrolled(one: Instance, group: str, seed: int, terms: Terms) -> PersonId:
    person = one.services.persons.create(LARGE_PERSON_GROUP, group, f"person {seed}", None, terms)
    gallery = one.gallery(LARGE_PERSON_GROUP, group)
    one.stores.galleries.add_person_face(gallery, person, new_face(seed), NO_LIMIT)
    return person


def face_id(one: Instance, seed: int) -> str:
    reservation = one.stores.face_ids.reserve(1, timedelta(days=1))
    one.stores.face_ids.commit(reservation, MODEL, RECOGNISER, template(seed)[None])
    return reservation.ids[0]


@contextmanager
def busy(one: Instance, group: str) -> Iterator[None]:
    """Somebody enrols others and compacts the group all the while."""
    ended, gallery = threading.Event(), one.gallery(LARGE_PERSON_GROUP, group).key

    def work() -> None:
        seed = 1000
        while not ended.is_set():
            seed += 1
            with suppress(StoreUnavailable, FaceError):  # others come first, which is told and no harm
                enrolled(one, group, seed, Terms())
                one.compaction.run(gallery)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_erased_person_is_found_by_nobody_while_others_match_enrol_and_compact(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    scene = Scene.of(Instance.build(settings, clock, tmp_path / "one"), clock, 4)
    ended = threading.Event()

    def match(number: int) -> None:
        other = Instance.build(settings, clock, tmp_path / str(number))
        scene.searches.extend(matching(other, scene.group, scene.faces, ended.is_set))

    matchers = [threading.Thread(target=match, args=(number,)) for number in range(PROCESSES)]
    for matcher in matchers:
        matcher.start()
    with busy(Instance.build(settings, clock, tmp_path / "busy"), scene.group):
        while len(scene.searches) < PROCESSES:  # while all are there to be found
            time.sleep(0.05)
        erasures = [scene.erase(seed) for seed in range(1, 4)]
        time.sleep(0.3)  # searches that begin after the last one
    ended.set()
    for matcher in matchers:
        matcher.join()
    scene.check_searches()
    scene.receipts(erasures)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_erased_person_is_found_by_none_of_four_processes_for_a_minute(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    scene = Scene.of(Instance.build(settings, clock, tmp_path / "one"), clock, 30)
    with matchers(settings, scene, tmp_path), busy(Instance.build(settings, clock, tmp_path / "busy"), scene.group):
        until, erasures = time.monotonic() + 60, list[str]()
        for seed in range(1, 30):
            erasures.append(scene.erase(seed))
            if seed == 15:  # receipts of half of them, while the others are searched, erased and compacted
                clock.advance(SETTLED_AFTER.total_seconds() + 120)
                scene.one.services.retention.sweep()
                scene.check_segments()
            time.sleep(max(0.0, (until - time.monotonic()) / (30 - seed)))
        time.sleep(3)
    assert len(scene.searches) > PROCESSES
    scene.check_searches()
    scene.receipts(erasures)


@contextmanager
def matchers(settings: Settings, scene: Scene, folder: Path) -> Iterator[None]:
    """Processes that search all the while; what they found is in the scene afterwards."""
    started, files = list[subprocess.Popen[str]](), [folder / f"{number}.jsonl" for number in range(PROCESSES)]
    try:
        for path in files:
            arguments = (settings.storage, str(settings.key_ring_file), str(path) + "-cache", scene.group, *scene.faces)
            with path.open("w") as out:
                command = [sys.executable, "-c", MATCHER, *arguments]
                started.append(subprocess.Popen(command, cwd=ROOT, text=True, stdout=out, stderr=subprocess.PIPE))
        while not all(path.read_text() for path in files):
            assert all(one.poll() is None for one in started)
            time.sleep(0.2)
        yield
        assert all(one.poll() is None for one in started), "a search failed"
    finally:
        for one in started:
            one.terminate()
            one.communicate()
    for path in files:
        _, *lines = path.read_text().rpartition("\n")[0].splitlines()  # the last one may be cut short
        scene.searches += [tuple(json.loads(line)) for line in lines]
