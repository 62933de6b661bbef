"""Faces per second into a LargePersonGroup, with several writers in one process.

whole       a picture is decoded, its face found and embedded, and stored
engine      the same without storage
storage     the same without the engine: the template lies ready
one shard   as `storage`, with all changes of the group in one sequence instead of sixteen
floor       nothing but the transaction of the same rows, each writer in a partition of its own
"""

import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count

from shared.engine import Picture, decode
from shared.errors import ConcurrentOperationConflict
from shared.people.agreements import Agreements
from shared.people.enrolment import Enrolment, Target
from shared.people.kinds import Kind
from shared.people.persisted_faces import PersistedFaces
from shared.services import Services
from shared.store.cipher import Cipher
from shared.store.gallery_log import head_row
from shared.store.ids import GalleryId
from shared.store.members import NewFace
from shared.store.tables import Insert, Merge, Step
from shared.stores import Stores
from tests.benchmarks.group import KIND
from tests.benchmarks.seeding import random_templates
from tests.benchmarks.traffic import counted
from tests.benchmarks.world import MODEL, World
from tests.faces import ROOT

MANY, SOME = 96, 32  # faces in a turn: those that go through the engine take longer
PERSONS_A_WRITER = 8
PICTURE = ROOT / "azure/images/Family1-Dad1.jpg"
DETECTION_MODEL = "detection_03"
ONE_SHARD = replace(KIND, shards=1)
Write = Callable[[int], object]
"""One face by the writer of that number."""


@dataclass(frozen=True)
class Rate:
    """`tries`: transactions per face that was written. `refused`: the share of faces that came to nothing."""

    faces_a_second: float
    tries: float
    refused: float


@dataclass(frozen=True)
class Contender:
    write: Write
    faces: int


class Ready(Enrolment):
    """Has a template without a look at the picture."""

    def __init__(self, recogniser: str) -> None:
        self._recogniser = recogniser
        self._templates = random_templates(1024)
        self._numbers = count()

    def face(
        self,
        picture: Picture,  # noqa: ARG002
        target: Target | None,  # noqa: ARG002
        detection_model: str,  # noqa: ARG002
        model: str,
        user_data: str | None,
    ) -> NewFace:
        template = self._templates[next(self._numbers) % len(self._templates)]
        return NewFace(model, self._recogniser, template, user_data)


def measure(world: World, writers: int, rounds: int) -> dict[str, Rate]:
    services, stores = world.services(), world.stores()
    data = PICTURE.read_bytes()
    whole, ready = Enrolment(services.engine), Ready(world.recogniser)
    picture = decode(data)
    contenders = {
        "whole": Contender(into_group(KIND, services, stores, whole, writers, lambda: decode(data)), SOME),
        "engine": Contender(lambda _: whole.face(decode(data), None, DETECTION_MODEL, MODEL, None), SOME),
        "storage": Contender(into_group(KIND, services, stores, ready, writers, lambda: picture), MANY),
        "one shard": Contender(into_group(ONE_SHARD, services, stores, ready, writers, lambda: picture), MANY),
        "floor": Contender(bare_transactions(stores, writers), MANY),
    }
    for contender in contenders.values():  # connects, loads the models
        turn(world, replace(contender, faces=writers), writers)
    turns: dict[str, list[Rate]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            turns[name].append(turn(world, contender, writers))
    return {name: middle(measured) for name, measured in turns.items()}


def middle(turns: Sequence[Rate]) -> Rate:
    return Rate(
        statistics.median(turn.faces_a_second for turn in turns),
        statistics.mean(turn.tries for turn in turns),
        statistics.mean(turn.refused for turn in turns),
    )


def turn(world: World, contender: Contender, writers: int) -> Rate:
    each = contender.faces // writers

    def writes(writer: int) -> int:
        return sum(refused(contender.write, writer) for _ in range(each))

    with counted(world.azurite) as traffic, ThreadPoolExecutor(writers) as threads:
        started = time.perf_counter()
        refusals = sum(threads.map(writes, range(writers)))
        seconds = time.perf_counter() - started
    written = each * writers - refusals
    return Rate(written / seconds, traffic.transactions / written, refusals / (each * writers))


def refused(write: Write, writer: int) -> bool:
    try:
        write(writer)
    except ConcurrentOperationConflict:
        return True
    return False


def into_group(
    kind: Kind,
    services: Services,
    stores: Stores,
    enrolment: Enrolment,
    writers: int,
    picture: Callable[[], Picture],
) -> Write:
    """Each writer has persons of its own in one new group."""
    group = uuid.uuid4().hex
    services.collections.create(kind, group, group, None, MODEL)
    agreements = Agreements(stores.subjects, stores.expiries)
    faces = PersistedFaces(services.collections, stores.galleries, enrolment, agreements, services.settings.limits)
    persons = [
        [services.persons.create(kind, group, "somebody", None) for _ in range(PERSONS_A_WRITER)]
        for _ in range(writers)
    ]
    numbers = count()

    def write(writer: int) -> object:
        person = persons[writer][next(numbers) % PERSONS_A_WRITER]
        return faces.add(kind, group, person, picture(), None, DETECTION_MODEL, None)

    return write


def bare_transactions(stores: Stores, writers: int) -> Write:
    table = stores.tables.table("galleries")
    partitions = [GalleryId(str(uuid.uuid4())) for _ in range(writers)]
    sealed, cipher = bytes(4 * 384 + 40), Cipher(stores.key_ring)
    person, face = str(uuid.uuid4()), str(uuid.uuid4())
    for partition in partitions:
        table.put([head_row(cipher, partition, "0", 0, 1), {"PartitionKey": partition, "RowKey": f"p|{person}"}])

    def write(writer: int) -> object:
        key, unique = partitions[writer], uuid.uuid4().hex
        steps: list[Step] = [
            Insert({"PartitionKey": key, "RowKey": f"e|0|{unique}", "face": face, "template": sealed}),
            Insert({"PartitionKey": key, "RowKey": f"f|{person}|{unique}", "template": sealed}),
            Merge(head_row(cipher, key, "0", 1, 1)),
            Merge({"PartitionKey": key, "RowKey": f"p|{person}", "faces": bytes(16 * 100)}),
        ]
        table.commit(steps)
        return None

    return write
