"""What the audit trail adds to a call: with one caller at a time, and with many at once, who share transactions."""

import statistics
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from shared.people.audit_trail import ENROL, MATCH, AuditTrail, Event
from shared.people.kinds import LARGE_PERSON_GROUP
from shared.people.recognition import CollectionScope
from shared.services import Services
from shared.store.members import NewFace
from shared.store.tables import Table
from shared.stores import Stores
from tests.benchmarks.seeding import random_templates
from tests.benchmarks.timing import medians
from tests.benchmarks.world import MODEL, World, world

CALLERS = 16
COLUMNS = ("call", "without", "the entry", "entry / call")
PERSONS = 200


def auditing(rounds: int) -> Iterator[list[object]]:
    with world() as made:
        scene = _Scene(made)
        for name, call, kind in (("identify", scene.identify, MATCH), ("add a face", scene.add, ENROL)):
            times = medians({"call": call, "entry": lambda: scene.audit.note(_event(kind))}, rounds)  # noqa: B023 called at once
            yield [name, times["call"], times["entry"], f"{times['entry'] / times['call']:.2f}"]
        took, writes = scene.at_once(rounds)
        yield [f"entries of {CALLERS} callers at once", "", took, f"{writes:.1f} a transaction"]


class _Scene:
    def __init__(self, made: World) -> None:
        self.services: Services = made.services()
        self.stores: Stores = made.stores()
        self.audit: AuditTrail = self.services.audit
        self.group = uuid.uuid4().hex
        self.services.collections.create(LARGE_PERSON_GROUP, self.group, "group", None, MODEL)
        self.gallery = self.services.collections.get(LARGE_PERSON_GROUP, self.group).gallery
        self.templates = random_templates(PERSONS)
        self.recogniser = made.recogniser
        for row in range(PERSONS):
            self._add(row)
        of = f"{LARGE_PERSON_GROUP.path}|{self.group}"
        self.services.training.start(LARGE_PERSON_GROUP, self.group)
        self.services.background.run({"do": "train", "of": of, "gallery": self.gallery.key})
        self.faces = made.face_ids(self.templates[:1], 1)
        self.person = self.stores.galleries.add_person(self.gallery, "somebody", None, PERSONS + 9)

    def identify(self) -> None:
        self.services.recognition.identify(self.faces, CollectionScope(LARGE_PERSON_GROUP, self.group), 10, None)

    def add(self) -> None:
        """What follows the engine."""
        face = NewFace(MODEL, self.recogniser, self.templates[0], None)
        self.stores.galleries.add_person_face(self.gallery, self.person, face, 1_000_000)

    def at_once(self, rounds: int) -> tuple[float, float]:
        """Median milliseconds until an entry was stored, and entries a transaction."""
        counted, commit = [0], Table.commit

        def counting(table: Table, steps: object) -> None:
            counted[0] += 1
            commit(table, steps)  # type: ignore[arg-type]

        def call(_: int) -> list[float]:
            return [_took(self.audit) for _ in range(rounds)]

        Table.commit = counting  # type: ignore[assignment, method-assign]
        try:
            with ThreadPoolExecutor(CALLERS) as threads:
                times = [took for mine in threads.map(call, range(CALLERS)) for took in mine]
        finally:
            Table.commit = commit  # type: ignore[method-assign]
        return statistics.median(times), len(times) / counted[0]

    def _add(self, row: int) -> None:
        person = self.stores.galleries.add_person(self.gallery, f"person {row}", None, PERSONS + 9)
        face = NewFace(MODEL, self.recogniser, self.templates[row], None)
        self.stores.galleries.add_person_face(self.gallery, person, face, 9)


def _took(audit: AuditTrail) -> float:
    started = time.perf_counter()
    audit.note(_event(MATCH))
    return (time.perf_counter() - started) * 1000


def _event(kind: str) -> Event:
    ids = {"faceId": [str(uuid.uuid4())], "largePersonGroupId": ["staff"], "personId": [str(uuid.uuid4())]}
    return Event(kind, "Identify", ids, str(uuid.uuid4()))
