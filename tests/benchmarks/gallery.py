"""The tables about persisted faces, and about many faceIds."""

import itertools
from collections.abc import Iterator

from tests.benchmarks import enrol, face_ids, identify, training
from tests.benchmarks.group import Group
from tests.benchmarks.identify import Call
from tests.benchmarks.report import MEGABYTE, ratio, table
from tests.benchmarks.seeding import WHOLE, Seeded
from tests.benchmarks.world import world

Cells = list[object]

SIZES = (1_000, 10_000, 100_000)
FACES_A_CALL = (1, 10)
LATER = 1_000  # faces that come after a training
TRAININGS = 3
ENROLLED = ("writers", "whole", "engine", "storage", "floor", "storage / floor", "one shard", "tries", "refused")
TRAINED = ("persons", "faces changed", "time", "table requests", "blob requests")
IDENTIFIED = ("persons", "faces", "cold", "from disk", "warm", "floor", "requests: cold", "from disk", "warm")
COMPARED = ("faceIds", "of a picture", "find similar", "group", "of which grouping", "requests")


def enrolment(rounds: int) -> None:
    table("Faces enrolled per second", ENROLLED, _enrolled(rounds))


def recognition(persons: int, rounds: int) -> None:
    trained: list[Cells] = []
    found: list[Cells] = []
    with world() as ours:
        for size in (size for size in SIZES if size <= persons):
            group = Group.create(ours, f"of-{size}")
            seeded = group.seed(size)
            trained.append(_trained(size, f"{size:,} added", training.measure(group, 1, lambda _: None)))
            found += _identified(group, seeded, f"{size:,}", rounds)
        trained += _retrained(group, seeded)
        group.seed(LATER)
        found += _identified(group, seeded, f"{size:,} + {LATER:,} not trained", rounds)
    table("Training, medians in ms", TRAINED, trained)
    table("Identify, medians in ms", IDENTIFIED, found)


def many_face_ids(rounds: int) -> None:
    table("Find similar and group, medians in ms", COMPARED, _compared(rounds))


def _enrolled(rounds: int) -> Iterator[Cells]:
    with world() as ours:
        for writers in (1, 4, 16):
            rates = enrol.measure(ours, writers, rounds)
            a_second = {name: rate.faces_a_second for name, rate in rates.items()}
            one = rates["one shard"]
            yield [
                *(writers, a_second["whole"], a_second["engine"], a_second["storage"], a_second["floor"]),
                *(ratio(a_second["storage"], a_second["floor"]), one.faces_a_second),
                f"{rates['storage'].tries:.2f} / {one.tries:.2f}",
                f"{rates['storage'].refused:.0%} / {one.refused:.0%}",
            ]


def _retrained(group: Group, seeded: Seeded) -> Iterator[Cells]:
    size = len(seeded.persons)
    yield _trained(size, "none", training.measure(group, TRAININGS, lambda _: None))
    # The last of those that can be removed: identify looks for the first.
    remove = training.measure(group, TRAININGS, lambda number: group.remove(seeded, WHOLE - 1 - number))
    yield _trained(size, "1 removed", remove)
    yield _trained(size, f"{LATER:,} added", training.measure(group, TRAININGS, lambda _: group.seed(LATER)))


def _trained(size: int, changed: str, call: Call) -> Cells:
    return [size, changed, call.time, call.traffic.table, call.traffic.blob]


def _identified(group: Group, seeded: Seeded, persons: str, rounds: int) -> Iterator[Cells]:
    for faces in FACES_A_CALL:
        timing = identify.measure(group, seeded, faces, rounds)
        calls = (timing.cold, timing.disk, timing.warm)
        yield [persons, faces, *(call.time for call in calls), timing.floor, *map(_asked, calls)]


def _asked(call: Call) -> str:
    traffic = call.traffic
    table = f"{traffic.table} table, {traffic.table_bytes / 1024:,.0f} KB"
    return f"{table}; {traffic.blob} blob, {traffic.blob_bytes / MEGABYTE:.0f} MB" if traffic.blob else table


def _compared(rounds: int) -> Iterator[Cells]:
    with world() as ours:
        for faces, of_a_picture in itertools.product((10, 100, 1_000), (1, 10)):
            timing = face_ids.measure(ours, faces, of_a_picture, rounds)
            yield [faces, of_a_picture, timing.similar, timing.group, timing.grouping, timing.requests]
