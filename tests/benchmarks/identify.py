"""Identify in a LargePersonGroup: in a process that has seen nothing yet, in one that finds the segments on its disk,
and in one that has searched before. The floor is the matrix product of all templates, and the best rows picked from it:
what no tuning of ours can remove."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.store.face_ids import FaceId
from tests.benchmarks.group import CANDIDATES, Group, like
from tests.benchmarks.seeding import Seeded
from tests.benchmarks.timing import medians, took
from tests.benchmarks.traffic import Traffic, counted

COLD_CALLS = 3


@dataclass(frozen=True)
class Call:
    """Milliseconds, and what it asked of storage."""

    time: float
    traffic: Traffic


@dataclass(frozen=True)
class Timing:
    """Medians, each with the traffic of one call. `floor`: milliseconds."""

    cold: Call
    disk: Call
    warm: Call
    floor: float


def measure(group: Group, seeded: Seeded, faces_a_call: int, rounds: int) -> Timing:
    looked_for = like(seeded.templates[:faces_a_call])
    faces = group.world.face_ids(looked_for, faces_a_call)
    check(group, seeded, faces)
    times = medians(
        {
            "warm": lambda: group.identify(group.services, faces),
            "floor": lambda: best_rows(seeded.templates, looked_for),
        },
        rounds,
    )
    with counted(group.world.azurite) as traffic:
        group.identify(group.services, faces)
    disk = group.world.new_folder()
    first_call(group, faces, disk)
    return Timing(
        cold=first_calls(group, faces, group.world.new_folder),
        disk=first_calls(group, faces, lambda: disk),
        warm=Call(times["warm"], traffic),
        floor=times["floor"],
    )


def check(group: Group, seeded: Seeded, faces: tuple[FaceId, ...]) -> None:
    """A search that finds the wrong persons is not worth timing."""
    best = [found.candidates[0].person_id for found in group.identify(group.services, faces)]
    assert best == seeded.persons[: len(faces)]


def first_calls(group: Group, faces: tuple[FaceId, ...], folder: Callable[[], Path]) -> Call:
    calls = [first_call(group, faces, folder()) for _ in range(COLD_CALLS)]
    return Call(statistics.median(call.time for call in calls), calls[-1].traffic)


def first_call(group: Group, faces: tuple[FaceId, ...], folder: Path) -> Call:
    """Of a process that has just started."""
    services = group.world.services(folder)
    with counted(group.world.azurite) as traffic:
        return Call(took(lambda: group.identify(services, faces)), traffic)


def best_rows(templates: NDArray[np.float32], looked_for: NDArray[np.float32]) -> NDArray[np.intp]:
    """The floor: [k, CANDIDATES], in no order."""
    return np.argpartition(looked_for @ templates.T, -CANDIDATES, axis=1)[:, -CANDIDATES:]
