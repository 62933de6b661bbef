"""Whatever is asked of whichever process, in whatever order: all of them show the same, and what a simple model says.

Two real processes with their own caches on one storage. In one of them timers and queue functions run by themselves;
the other does background work only where it is told to."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from infra.local.azurite import Azurite
from tests.contract.process import service_process
from tests.contract.stateful.groups import (
    FACE_LIST,
    LARGE_FACE_LIST,
    LARGE_PERSON_GROUP,
    PERSON_GROUP,
    Collection,
)
from tests.contract.stateful.pool import ENROLLED, WHO
from tests.contract.stateful.world import World, refused, run_work, told

KINDS = (LARGE_PERSON_GROUP, PERSON_GROUP, LARGE_FACE_LIST, FACE_LIST)
PROCESSES = 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, key_ring_file: Path) -> Iterator[World]:
    with ExitStack() as stack:
        azurite = stack.enter_context(Azurite(tmp_path_factory.mktemp("azurite")))
        processes = [
            stack.enter_context(
                service_process(
                    azurite.connection_string,
                    key_ring_file,
                    triggers=number == 0,
                    FACE_CACHE_DIR=str(tmp_path_factory.mktemp("cache")),
                )
            )
            for number in range(PROCESSES)
        ]
        yield World.over(processes, azurite.connection_string)


class Step(NamedTuple):
    """What is done by which process to which collection, and what else may be drawn for it."""

    what: str
    process: int
    which: int
    pick: int
    pictures: list[tuple[str, str]]
    flag: bool


WHAT = {  # one rule for all: Hypothesis would leave out some rules in each run, and a few runs must have them all
    "add_face": 4,
    "add_faces_at_once": 2,
    "delete_face": 4,
    "create_person": 2,
    "rename_person": 1,
    "delete_person": 2,
    "verify": 1,
    "train": 1,
    "compact": 2,
    "sweep": 1,
    "create": 1,
    "delete": 1,
}
PICTURES = [(who, name) for who in WHO for name in ENROLLED[who]]
STEPS = st.builds(
    Step,
    st.sampled_from([what for what, weight in WHAT.items() for _ in range(weight)]),
    st.integers(0, PROCESSES - 1),
    st.integers(0, len(KINDS) - 1),
    st.integers(0, 99),
    st.lists(st.sampled_from(PICTURES), min_size=PROCESSES, max_size=PROCESSES),
    st.booleans(),
)


class Machine(RuleBasedStateMachine):
    """One collection of each kind, of this run's own. After every change every process is asked about all of it."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        run = uuid.uuid4().hex
        self.collections = [Collection(kind, f"{run}-{number}") for number, kind in enumerate(KINDS)]

    @initialize(untrained=st.integers(0, 3))
    def begin(self, untrained: int) -> None:
        """Somebody is in each, and all but one are trained."""
        http, other = (process.http for process in self.world.processes)
        for number, one in enumerate(self.collections):
            one.create(http)
            for who in ("Dad", "Mom"):
                owner = one.create_person(http, who) if one.kind.has_persons else ""
                one.add_face(other, owner, (who, ENROLLED[who][0]))
            if one.kind.trains and number != untrained:
                one.train(http)

    @rule(step=STEPS)
    def step(self, step: Step) -> None:
        one = self.collections[step.which]
        http = self.world.processes[step.process].http
        if not one.exists and step.what != "create":
            one.is_refused_everything(http)
        else:
            getattr(self, step.what)(one, http, step)
        for process in self.world.processes:
            one.check(process.http, self.world.probes)

    def create(self, one: Collection, http: httpx.Client, _: Step) -> None:
        if one.exists:
            refused(http.put(one.path, json={"name": "twice"}), 409, f"{one.kind.name}Exists")
        else:
            one.create(http)

    def delete(self, one: Collection, http: httpx.Client, step: Step) -> None:
        """And perhaps make it again, under the same id."""
        one.delete(http)
        if step.flag:
            one.create(self.other(http))

    def create_person(self, one: Collection, http: httpx.Client, step: Step) -> None:
        if one.kind.has_persons:
            one.create_person(http, f"person {step.pick}")

    def rename_person(self, one: Collection, http: httpx.Client, step: Step) -> None:
        if owner := one.owner(step.pick):
            one.rename_person(http, owner, f"renamed {step.pick}")

    def delete_person(self, one: Collection, http: httpx.Client, step: Step) -> None:
        if owner := one.owner(step.pick):
            one.delete_person(http, owner)
            refused(self.other(http).get(one.of(owner)), 404, "PersonNotFound")

    def add_face(self, one: Collection, http: httpx.Client, step: Step) -> None:
        if (owner := one.owner(step.pick)) is not None:
            one.add_face(http, owner, step.pictures[0])

    def add_faces_at_once(self, one: Collection, _: httpx.Client, step: Step) -> None:
        """One in each process, to one owner."""
        if (owner := one.owner(step.pick)) is not None:
            with ThreadPoolExecutor(PROCESSES) as threads:
                add = partial(one.add_face, owner=owner)
                clients = [process.http for process in self.world.processes]
                list(threads.map(lambda http, picture: add(http, picture=picture), clients, step.pictures))

    def delete_face(self, one: Collection, http: httpx.Client, step: Step) -> None:
        if found := one.face(step.pick):
            path = one.delete_face(http, *found)
            refused(self.other(http).delete(path), 404, "PersistedFaceNotFound")

    def verify(self, one: Collection, http: httpx.Client, step: Step) -> None:
        if owner := one.owner(step.pick):
            probe = step.pick % len(WHO)
            one.verify(http, owner, WHO[probe], self.world.probes[probe])

    def train(self, one: Collection, http: httpx.Client, step: Step) -> None:
        """By the process that takes the message, or at once by another; but then the message comes as well, and would
        lock a PersonGroup whenever it does."""
        if one.kind.trains:
            gallery = self.world.gallery(one.kind.path, one.key)
            at_once = step.flag and one.kind is not PERSON_GROUP
            one.train(http, partial(run_work, self.other(http), gallery=gallery) if at_once else None)

    def compact(self, one: Collection, http: httpx.Client, _: Step) -> None:
        run_work(http, do="compact", gallery=self.world.gallery(one.kind.path, one.key))

    def sweep(self, _: Collection, http: httpx.Client, __: Step) -> None:
        told(http.post("/admin/functions/SweepExpired", json={}), 202)

    def other(self, http: httpx.Client) -> httpx.Client:
        """Another process than that."""
        return next(process.http for process in self.world.processes if process.http is not http)

    def teardown(self) -> None:
        for one in self.collections:
            if one.exists:
                one.delete(self.world.processes[0].http)


def play(world: World, examples: int, steps: int, *, repeatable: bool) -> None:
    """`repeatable`: the same examples in every run."""
    run_state_machine_as_test(
        lambda: Machine(world),  # type: ignore[arg-type]  # anything that makes one will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=repeatable,
            database=None,
            print_blob=True,
            phases=(Phase.generate,),  # to make a failure shorter would take many minutes
            suppress_health_check=list(HealthCheck),
        ),
        _min_steps=steps,  # else most examples would be over before much has happened
    )


def test_every_process_shows_what_the_model_says(world: World) -> None:
    play(world, examples=1, steps=40, repeatable=True)


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_process_shows_what_the_model_says_for_long(world: World) -> None:
    play(world, examples=15, steps=60, repeatable=False)
