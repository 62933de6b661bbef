"""The audit trail: written before calls are answered, and no change of it goes unseen."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.people.audit_check import Key, check, position
from shared.people.audit_trail import DELETE, ENROL, MATCH, AuditTrail, Event, audit_key
from shared.people.retention import Retention
from shared.store.audit_chains import KIND, AuditChains, Position
from shared.store.expiries import Expiries
from shared.store.live_ring import LiveRing
from shared.store.tables import StoreUnavailable, Tables
from tests.clock import FakeClock

DAYS = timedelta(days=30)


MINE = "2031"
"""How the chains of these tests begin, by their clock: others may write to the same storage."""


class Trail:
    """A trail as several processes write it, and the hands of somebody who can write to its table."""

    def __init__(self, storage: str, ring: LiveRing, clock: FakeClock) -> None:
        self.storage, self.ring, self.clock = storage, ring, clock
        self.table = Tables(storage).table("audit")

    def chains(self) -> AuditChains:
        tables = Tables(self.storage)
        return AuditChains(tables, Expiries(tables), DAYS, self.clock)

    def process(self, matches: bool = True) -> AuditTrail:
        return AuditTrail(self.chains(), self.ring, matches, self.clock)

    def problems(self, *anchors: Position, key: Key | None = None) -> tuple[str, ...]:
        found = check(self.chains(), key or (lambda name: audit_key(self.ring, name)), anchors)
        return tuple(problem for problem in found.problems if problem.startswith(MINE))

    def names(self) -> list[str]:
        return [chain for chain in self.chains().chains() if chain.startswith(MINE)]

    def rows(self, chain: str) -> dict[str, dict[str, Any]]:
        return {row["RowKey"]: row for row in self.table.query("PartitionKey eq @chain", chain=chain)}

    def entries(self, chain: str) -> list[dict[str, Any]]:
        return [json.loads(entry.entry) for entry in self.chains().entries(chain)]


@pytest.fixture
def trail(storage: str, key_ring_file: Path, clock: FakeClock) -> Iterator[Trail]:
    made = Trail(storage, LiveRing.of_file(key_ring_file), clock)
    yield made
    for chain in {*made.chains().partitions(), *made.names()}:
        if not chain.startswith(MINE):
            continue
        made.table.delete_many(chain, list(made.rows(chain)))
        made.table.delete("chains", [chain])


def event(kind: str = ENROL) -> Event:
    return Event(kind, "CreatePerson", {"personId": [str(uuid.uuid4())]}, str(uuid.uuid4()))


def test_what_was_noted_is_there_in_its_order_after_the_keys_of_the_process(trail: Trail) -> None:
    process, events = trail.process(), [event() for _ in range(3)]
    for one in events:
        process.note(one)
    (chain,) = trail.names()
    keys, *noted = trail.entries(chain)
    assert (keys["kind"], keys["ids"]["active"]) == ("keys", [trail.ring.now().active])
    assert [(one["kind"], one["request"], one["ids"]) for one in noted] == [
        (ENROL, one.request, {"personId": list(one.ids["personId"])}) for one in events
    ]
    assert trail.problems() == ()


def test_calls_that_come_together_share_transactions_and_none_is_lost(trail: Trail) -> None:
    process = trail.process()
    process.note(event())
    writes, append = [], process._chains.append
    ready = threading.Barrier(16)

    def counted(after: Position, entries: list[str], key: bytes) -> Position:
        writes.append(len(entries))
        return append(after, entries, key)

    process._chains.append = counted  # type: ignore[method-assign, assignment]

    def call(_: int) -> None:
        ready.wait()
        for _ in range(4):
            process.note(event())

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(call, range(16)))
    assert sum(writes) == 64
    assert len(writes) < 64
    (chain,) = trail.names()
    assert len(trail.entries(chain)) == 66
    assert trail.problems() == ()


@pytest.mark.slow
def test_comparisons_are_not_noted_where_that_is_turned_off(trail: Trail) -> None:
    process = trail.process(matches=False)
    process.note(event(MATCH))
    assert trail.names() == []
    process.note(event(DELETE))
    (chain,) = trail.names()
    assert [one["kind"] for one in trail.entries(chain)] == ["keys", DELETE]


@pytest.mark.slow
def test_chain_ends_after_a_day_and_goes_when_its_time_is_over(
    trail: Trail, clock: FakeClock, expiries: Expiries
) -> None:
    process = trail.process()
    process.note(event())
    clock.advance(24 * 3600)
    process.note(event())
    anchor = process.anchor()
    old, new = trail.names()
    assert trail.problems(anchor) == ()
    retention = Retention(expiries, {KIND: trail.chains().erase}, clock)
    clock.advance(DAYS.total_seconds() - 1)
    retention.sweep()
    assert set(trail.names()) == {old, new}
    clock.advance(600)
    retention.sweep()
    assert set(trail.names()) == {new}
    assert trail.rows(old) == {}
    assert trail.problems(anchor) == ()


def changed(trail: Trail, chain: str) -> None:
    row = trail.rows(chain)["000000000002"]
    trail.table.merge({**row, "entry": row["entry"].replace("CreatePerson", "CreatePersom")})


def changed_with_a_mac_of_its_own(trail: Trail, chain: str) -> None:
    row = trail.rows(chain)["000000000002"]
    trail.table.merge({**row, "entry": row["entry"].replace("CreatePerson", "CreatePersom"), "mac": "0" * 64})


def removed(trail: Trail, chain: str) -> None:
    trail.table.delete(chain, ["000000000002"])


def removed_and_closed_up(trail: Trail, chain: str) -> None:
    rows = trail.rows(chain)
    trail.table.merge({**rows["000000000002"], "entry": rows["000000000003"]["entry"]})
    trail.table.delete(chain, ["000000000003"])


def swapped(trail: Trail, chain: str) -> None:
    one, other = (trail.rows(chain)[key] for key in ("000000000002", "000000000003"))
    trail.table.merge({**one, "entry": other["entry"], "mac": other["mac"]})
    trail.table.merge({**other, "entry": one["entry"], "mac": one["mac"]})


def cut_short(trail: Trail, chain: str) -> None:
    trail.table.delete(chain, [sorted(trail.rows(chain))[-2]])


def added_to(trail: Trail, chain: str) -> None:
    row = trail.rows(chain)["000000000002"]
    trail.table.put([{**row, "RowKey": "000000000099"}])


def headless(trail: Trail, chain: str) -> None:
    trail.table.delete(chain, ["head"])


def emptied(trail: Trail, chain: str) -> None:
    trail.table.delete_many(chain, list(trail.rows(chain)))


def unregistered(trail: Trail, chain: str) -> None:
    trail.table.delete("chains", [chain])


def of_another_chain(trail: Trail, chain: str) -> None:
    trail.process().note(event())
    other = max(set(trail.names()) - {chain}, key=lambda one: one != chain)
    row = trail.rows(other)["000000000002"]
    trail.table.merge({**row, "PartitionKey": chain})


HANDS = (
    changed,
    changed_with_a_mac_of_its_own,
    removed,
    removed_and_closed_up,
    swapped,
    cut_short,
    added_to,
    headless,
    emptied,
    unregistered,
    of_another_chain,
)


OFTEN = (changed, removed_and_closed_up, cut_short)


@pytest.mark.parametrize(
    "hand",
    [pytest.param(hand, id=hand.__name__, marks=() if hand in OFTEN else pytest.mark.slow) for hand in HANDS],
)
def test_trail_that_somebody_changed_in_storage_is_seen_to_be(trail: Trail, hand: Callable[[Trail, str], None]) -> None:
    process = trail.process()
    for _ in range(3):
        process.note(event())
    (chain,) = trail.names()
    assert trail.problems() == ()
    hand(trail, chain)
    problems = trail.problems()
    assert problems
    assert any(problem.startswith(chain) for problem in problems)


def rolled_back(trail: Trail, chain: str, to: dict[str, Any]) -> None:
    """Tail and head alike: the chain as it was earlier."""
    keys = [key for key in trail.rows(chain) if key != "head" and int(key) > to["sequence"]]
    trail.table.delete_many(chain, keys)
    trail.table.put([to])


def test_chain_that_was_rolled_back_is_seen_by_the_anchor_of_another_and_by_one_kept_elsewhere(trail: Trail) -> None:
    one, other = trail.process(), trail.process()
    one.note(event())
    (chain,) = trail.names()
    earlier = trail.rows(chain)["head"]
    one.note(event())
    kept = one.anchor()
    other.note(event())
    rolled_back(trail, chain, earlier)
    assert trail.problems() == ()  # nothing in storage speaks against it
    assert [problem.partition(":")[0] for problem in trail.problems(kept)] == [chain]
    rolled_back(trail, chain, trail.rows(chain)["head"])
    again = trail.process()
    again.anchor()
    assert trail.problems() == ()
    emptied(trail, chain)
    unregistered(trail, chain)
    assert trail.problems() == (f"{chain}: the chain is missing",)


@pytest.mark.slow
def test_anchor_reads_back_from_its_text(trail: Trail) -> None:
    at = trail.process().anchor()
    assert position(f"{at.chain} {at.sequence} {at.mac}") == at
    assert trail.problems(at) == ()


@pytest.mark.slow
def test_trail_of_keys_that_are_not_those_is_no_trail(trail: Trail) -> None:
    trail.process().note(event())
    (chain,) = trail.names()
    assert trail.problems(key=lambda _: b"another key of thirty-two bytes!") == (f"{chain}: entry 1 was altered",)

    def missing(key: str) -> bytes:
        raise KeyError(key)

    assert trail.problems(key=missing) == (f"{chain}: its key {trail.ring.now().active} is not in the ring",)


@pytest.mark.slow
def test_chain_that_somebody_has_removed_is_followed_by_another_without_a_call_that_fails(trail: Trail) -> None:
    process = trail.process()
    process.note(event())
    (chain,) = trail.names()
    emptied(trail, chain)
    process.note(event())
    assert len(trail.names()) == 2


def test_entry_that_cannot_be_written_fails_its_call_and_a_new_chain_is_begun(
    trail: Trail,
) -> None:
    process = trail.process()
    process.note(event())
    append = process._chains.append

    def broken(*_: Any) -> Position:
        raise StoreUnavailable("away")

    process._chains.append = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreUnavailable):
        process.note(event())
    process._chains.append = append  # type: ignore[method-assign]
    process.note(event())
    assert len(trail.names()) == 2
    assert [len(trail.entries(chain)) for chain in trail.names()] == [2, 2]
    assert trail.problems() == ()
