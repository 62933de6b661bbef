"""A change of key in a large group, while two processes answer callers: does anybody notice?"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.clock import system_clock
from shared.store.face_ids import FaceId
from shared.store.ids import GalleryId
from shared.store.key_ring import KeyRing, replace_key_ring
from shared.stores import Stores
from tests.benchmarks.group import Group, like
from tests.benchmarks.report import table
from tests.benchmarks.world import World, world
from tests.contract.process import ServiceProcess, service_process

PROBES = 40
FACES_A_CALL = 10
CALLERS = 2  # of each process
PATIENCE_SECONDS = 3600.0
COLUMNS = ("persons", "seconds", "calls", "failed", "other decisions", "median ms", "before", "with the new key alone")


@dataclass(slots=True)
class Served:
    """`different`: answers that are not those from before."""

    milliseconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    different: int = 0

    @property
    def median(self) -> float:
        return sorted(self.milliseconds)[len(self.milliseconds) // 2]


@dataclass(frozen=True)
class Rekeyed:
    """`alone`: answers of a process that has only the new key and is asked with new faceIds, which are not those of
    before."""

    seconds: float
    before: Served
    meanwhile: Served
    alone: int


def report(persons: int) -> None:
    found = rekeyed(persons)
    during = found.meanwhile
    row = [persons, round(found.seconds), len(during.milliseconds), len(during.failed), during.different]
    table("Change of key", COLUMNS, [[*row, round(during.median), round(found.before.median), found.alone]])


def rekeyed(persons: int) -> Rekeyed:
    with world() as made:
        group = Group.create(made, "rekey")
        seeded = group.seed_folded(persons)
        group.train()
        looked_for = like(seeded.templates[:PROBES])
        faces = made.face_ids(looked_for, FACES_A_CALL)
        with ExitStack() as stack:
            processes = [stack.enter_context(process(made, triggers=number == 0)) for number in range(2)]
            answers = [asked(processes[0].http, part) for part in parts(faces)]
            before = Served()
            call(processes[0].http, faces, answers, before, rounds=5)
            with called(processes, faces, answers) as meanwhile:
                seconds = change_key(made, group)
        retire(made)
        with process(made) as last:
            again = [asked(last.http, part) for part in parts(made.face_ids(looked_for, FACES_A_CALL))]
        return Rekeyed(seconds, before, meanwhile, sum(map(differ, again, answers)))


@contextmanager
def process(made: World, *, triggers: bool = False) -> Iterator[ServiceProcess]:
    ring, cache = made.folder / "key_ring.json", str(made.new_folder())
    storage = made.azurite.connection_string
    with service_process(storage, ring, triggers=triggers, FACE_CACHE_DIR=cache) as started:
        yield started


def change_key(made: World, group: Group) -> float:
    """Seconds from the new ring until everything of the group is under the new key."""
    ring, began = made.folder / "key_ring.json", time.monotonic()
    new = KeyRing.load(ring).with_new_key(system_clock())
    replace_key_ring(ring, new)
    stores = made.stores()
    stores.work.send({"do": "reseal", "gallery": group.gallery.key, "key": new.active})
    while time.monotonic() - began < PATIENCE_SECONDS:
        if is_under(stores, group.gallery.key, new.active):
            return time.monotonic() - began
        time.sleep(1)
    raise TimeoutError("the group was not sealed anew")


def is_under(stores: Stores, gallery: GalleryId, key: str) -> bool:
    """Manifest and segments, which come after the faces."""
    state = stores.gallery_log.state(gallery)
    if state is None or state.sealed_under != key:
        return False
    return all(stores.segments.sealed_under(gallery, ref.key) == key for ref in state.segments)


def retire(made: World) -> None:
    """The keys that are not the active one."""
    path = made.folder / "key_ring.json"
    ring = KeyRing.load(path)
    replace_key_ring(path, KeyRing(ring.active, {ring.active: ring.keys[ring.active]}))


@contextmanager
def called(processes: Sequence[ServiceProcess], faces: tuple[FaceId, ...], answers: Sequence[Any]) -> Iterator[Served]:
    """All the time."""
    served, ended = Served(), threading.Event()

    def loop(http: httpx.Client) -> None:
        while not ended.is_set():
            call(http, faces, answers, served, rounds=1)

    with ThreadPoolExecutor(CALLERS * len(processes)) as callers:
        running = [callers.submit(loop, one.http) for one in processes for _ in range(CALLERS)]
        try:
            yield served
        finally:
            ended.set()
    for one in running:
        one.result()


def call(http: httpx.Client, faces: tuple[FaceId, ...], answers: Sequence[Any], served: Served, rounds: int) -> None:
    for _ in range(rounds):
        for part, before in zip(parts(faces), answers, strict=True):
            began = time.perf_counter()
            try:
                now = asked(http, part)
            except httpx.HTTPError as error:
                served.failed.append(str(error))
                continue
            served.milliseconds.append((time.perf_counter() - began) * 1000)
            served.different += now != before


def parts(faces: tuple[FaceId, ...]) -> list[list[FaceId]]:
    return [list(faces[at : at + FACES_A_CALL]) for at in range(0, len(faces), FACES_A_CALL)]


def asked(http: httpx.Client, faces: list[FaceId]) -> Any:
    """Raises httpx.HTTPStatusError."""
    body = {"faceIds": faces, "largePersonGroupId": "rekey", "maxNumOfCandidatesReturned": 5}
    answer = http.post("/face/v1.0/identify", json=body, timeout=120)
    answer.raise_for_status()
    return answer.json()


def differ(one: list[Any], other: list[Any]) -> bool:
    """In what was decided: faceIds are others."""
    return [found["candidates"] for found in one] != [found["candidates"] for found in other]
