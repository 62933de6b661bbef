"""Retention against real storage; the writer and the sweeper are killed as real processes."""

import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest

from shared.people import retention
from shared.people.retention import WORKERS, Retention, Sweep
from shared.people.retention_report import POLICIES
from shared.services import Services
from shared.store.expiries import Expiries, Expiry
from shared.store.face_ids import KIND, FaceId, FaceIds
from shared.store.tables import Tables
from tests.clock import FakeClock

ROOT = Path(__file__).parents[2]

KILLED = 9
PROCESS = """
import os, sys
from datetime import timedelta
from pathlib import Path
import numpy as np
from shared.people.retention import Retention
from shared.store.cipher import Cipher
from shared.store.expiries import Expiries
from shared.store.face_ids import KIND, FaceIds
from shared.store.live_ring import LiveRing
from shared.store.tables import Tables
from tests.clock import FakeClock

storage, ring, later = sys.argv[1:4]
clock = FakeClock()
clock.advance(float(later))
tables = Tables(storage)
expiries = Expiries(tables)
face_ids = FaceIds(tables, expiries, Cipher(LiveRing.of_file(Path(ring))), clock)
"""
DIES_BETWEEN_THE_WRITES = """
reservation = face_ids.reserve(3, timedelta(seconds=60))
reservation.announced.result()
print(*reservation.ids, flush=True)
os._exit(9)
"""
DIES_WITHIN_A_SWEEP = """
def erase_and_die(expiry):
    face_ids.erase(expiry)
    os._exit(9)
Retention(expiries, {KIND: erase_and_die}, clock).sweep()
"""


@dataclass(frozen=True)
class Parts:
    storage: str
    key_ring_file: Path
    clock: FakeClock
    tables: Tables
    expiries: Expiries
    face_ids: FaceIds
    retention: Retention

    def store(self, count: int, seconds: int = 60) -> tuple[FaceId, ...]:
        reservation = self.face_ids.reserve(count, timedelta(seconds=seconds))
        self.face_ids.commit(reservation, "recognition_04", "fused-384", np.ones((count, 384), np.float32))
        return reservation.ids

    def rows(self, *face_ids: str) -> list[str]:
        table = self.tables.table("faceids")
        return [face_id for face_id in face_ids if table.get(face_id[:4], face_id)]

    def expiry_rows(self, *face_ids: str) -> list[Expiry]:
        far = self.clock() + timedelta(days=3)
        return [expiry for expiry in self.expiries.due(far) if expiry.key in face_ids]

    def killed(self, what: str, later: float = 0) -> str:
        """Output of a process that kills itself within `what`, with the clock `later` seconds on."""
        command = [sys.executable, "-c", PROCESS + what, self.storage, str(self.key_ring_file), str(later)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert ended.returncode == KILLED, ended.stderr
        return ended.stdout


@pytest.fixture
def parts(
    storage: str, key_ring_file: Path, clock: FakeClock, tables: Tables, expiries: Expiries, face_ids: FaceIds
) -> Parts:
    retention = Retention(expiries, {KIND: face_ids.erase}, clock)
    clock.advance(7 * 24 * 3600)  # what other tests left behind, of whatever kind, is due by now: it is out of the way
    for left in list(expiries.due(clock())):
        expiries.settle([left])
    clock.now = FakeClock().now
    return Parts(storage, key_ring_file, clock, tables, expiries, face_ids, retention)


def test_sweep_removes_face_rows_and_the_expiry_row(parts: Parts) -> None:
    ids = parts.store(3)
    parts.clock.advance(480)
    swept = parts.retention.sweep()
    assert (swept.settled, swept.failed, swept.finished) == (1, 0, True)
    assert parts.rows(*ids) == []
    assert parts.expiry_rows(*ids) == []


def test_sweep_leaves_what_lives(parts: Parts) -> None:
    dying, living = parts.store(1, 60), parts.store(1, 600)
    parts.clock.advance(480)
    parts.retention.sweep()
    assert parts.rows(*dying, *living) == list(living)
    assert [expiry.key for expiry in parts.expiry_rows(*dying, *living)] == list(living)


def test_writer_killed_between_its_writes_leaves_nothing_that_a_sweep_does_not_remove(parts: Parts) -> None:
    ids = parts.killed(DIES_BETWEEN_THE_WRITES).split()
    assert len(ids) == 3
    assert len(parts.expiry_rows(*ids)) == 1
    parts.clock.advance(480)
    parts.retention.sweep()
    assert parts.expiry_rows(*ids) == []
    assert parts.rows(*ids) == []


def test_sweep_killed_half_way_is_finished_by_the_next(parts: Parts) -> None:
    batches = [parts.store(2) for _ in range(3)]
    ids = [face_id for batch in batches for face_id in batch]
    parts.killed(DIES_WITHIN_A_SWEEP, later=480)
    assert len(parts.rows(*ids)) < len(ids)
    assert len(parts.expiry_rows(*ids)) == 3
    parts.clock.advance(480)
    parts.retention.sweep()
    assert parts.rows(*ids) == []
    assert parts.expiry_rows(*ids) == []


def test_sweep_is_bounded_in_time_and_the_next_goes_on(parts: Parts) -> None:
    ids = [*parts.store(1), *parts.store(1)]
    parts.clock.advance(480)
    assert parts.retention.sweep(seconds=-1) == Sweep(0, 0, finished=False, oldest="203105040303")
    assert len(parts.rows(*ids)) == 2
    assert parts.retention.sweep().finished
    assert parts.rows(*ids) == []


def test_unknown_kind_is_kept_and_reported_and_does_not_stop_the_sweep(
    parts: Parts, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    key = str(uuid4())
    parts.expiries.announce("from-a-newer-release", key, parts.clock(), "")
    request.addfinalizer(settle_all(parts, key))
    ids = parts.store(1)
    parts.clock.advance(480)
    with caplog.at_level(logging.ERROR):
        swept = parts.retention.sweep()
    assert (swept.settled, swept.failed) == (1, 1)
    assert parts.rows(*ids) == []
    assert len(parts.expiry_rows(key)) == 1
    assert "from-a-newer-release" in caplog.text


@pytest.mark.parametrize("detail", ["", "no-guid", "../../etc"])
def test_row_that_cannot_be_erased_holds_up_no_other(
    parts: Parts, detail: str, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    key = str(uuid4())
    parts.expiries.announce(KIND, key, parts.clock(), detail)
    request.addfinalizer(settle_all(parts, key))
    ids = [face_id for _ in range(3) for face_id in parts.store(2)]
    parts.clock.advance(480)
    with caplog.at_level(logging.ERROR):
        swept = parts.retention.sweep()
    assert (swept.settled, swept.failed, swept.finished) == (3, 1, True)
    assert parts.rows(*ids) == []
    (row,) = parts.expiry_rows(key)
    assert f"one of {KIND}, due {row.minute}, could not be erased" in caplog.text
    assert key not in caplog.text


def test_row_of_unknown_form_is_kept_and_reported(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    table, row = parts.tables.table("expiries"), {"PartitionKey": "203105040303", "RowKey": "no-bar-in-it"}
    table.put([row])
    ids = parts.store(1)
    parts.clock.advance(480)
    with caplog.at_level(logging.ERROR):
        assert parts.retention.sweep().failed == 1
    assert parts.rows(*ids) == []
    assert table.get(row["PartitionKey"], row["RowKey"])
    table.delete(row["PartitionKey"], [row["RowKey"]])


def test_sweep_of_many_is_complete(parts: Parts) -> None:
    ids = [face_id for _ in range(130) for face_id in parts.store(1)]
    parts.clock.advance(480)
    assert parts.retention.sweep().settled == 130
    assert parts.rows(*ids[:5], *ids[-5:]) == []
    assert parts.expiry_rows(*ids) == []


def settle_all(parts: Parts, key: str) -> Callable[[], None]:
    def settle() -> None:
        parts.expiries.settle(parts.expiry_rows(key))

    return settle


def test_eraser_that_breaks_holds_up_no_other_and_slow_ones_come_last_and_once(
    expiries: Expiries, clock: FakeClock
) -> None:
    erased: list[str] = []

    def broken(expiry: Expiry) -> None:
        raise KeyError(expiry.key)

    kinds = [f"{name}-{uuid4().hex}" for name in ("a-slow", "b-broken", "c-quick")]
    slow, broken_kind, quick = kinds
    for kind in kinds:
        expiries.announce(kind, "thing", clock(), "")
        expiries.announce(kind, "thing", clock() + timedelta(minutes=1), "")
    clock.advance(600)
    erasers = {
        slow: lambda one: erased.append(one.kind),
        broken_kind: broken,
        quick: lambda one: erased.append(one.kind),
    }
    swept = Retention(expiries, erasers, clock, frozenset({slow})).sweep()
    assert erased == [quick, quick, slow]
    left = [(one.kind, one.key) for one in expiries.due(clock()) if one.kind in kinds]
    assert left == [(broken_kind, "thing")] * 2
    assert swept.failed >= 2
    for one in list(expiries.due(clock())):
        if one.kind == broken_kind:
            expiries.settle([one])


def test_sweep_tells_its_oldest_minute_and_how_long_that_had_been_due(parts: Parts) -> None:
    nothing = parts.retention.sweep()
    assert (nothing.oldest, parts.retention.lag(nothing)) == ("", 0.0)
    for erased, seconds in (
        (parts.store(1, 120), 60),
        (parts.store(1, 60), 0),
    ):  # work comes first, whatever its minute
        parts.expiries.announce_work(KIND, erased[0], parts.clock() + timedelta(seconds=seconds + 60), erased[0])
    parts.clock.advance(600)
    swept = parts.retention.sweep()
    assert (swept.settled, swept.failed, swept.oldest) == (4, 0, "203105040303")
    assert parts.retention.lag(swept) == 540.0
    parts.clock.now = FakeClock().now
    assert parts.retention.lag(swept) == 0.0  # by a clock that is behind


def test_work_is_done_at_once_and_again_until_every_clock_is_past_it(parts: Parts) -> None:
    done: list[str] = []
    sweeper = Retention(parts.expiries, {"work": lambda one: done.append(one.key)}, parts.clock)
    parts.expiries.announce_work("work", "it", parts.clock())
    for seconds, times, left in ((59, 0, 1), (1, 1, 1), (299, 2, 1), (1, 3, 0), (60, 3, 0)):
        parts.clock.advance(seconds)
        assert sweeper.sweep().failed == 0
        assert (len(done), len(parts.expiry_rows("it"))) == (times, left)


def test_slow_things_are_bounded_in_time_too_and_each_row_of_them_counts(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]
    monkeypatch.setattr(retention, "time", SimpleNamespace(monotonic=lambda: passed[0]))

    def takes_a_second(expiry: Expiry) -> None:
        passed[0] += 1
        if expiry.key == "0":
            raise KeyError

    sweeper = Retention(parts.expiries, {"slow": takes_a_second}, parts.clock, frozenset({"slow"}))
    for at in range(WORKERS + 1):
        for minutes in (0, 1):
            parts.expiries.announce("slow", str(at), parts.clock() + timedelta(minutes=minutes), "")
    parts.clock.advance(600)
    assert sweeper.sweep(seconds=0.5) == Sweep(2 * WORKERS - 2, 2, finished=False, oldest="203105040302")
    assert sweeper.sweep() == Sweep(2, 2, finished=True, oldest="203105040302")
    for one in parts.expiry_rows("0"):
        parts.expiries.settle([one])


def test_rows_are_settled_a_transaction_at_a_time_and_none_across_two_minutes() -> None:
    rows = [Expiry(f"20310504030{minute}", KIND, str(at), "") for minute in (1, 2) for at in range(130)]
    batches = list(retention._batches(rows))
    assert [len(batch) for batch in batches] == [100, 30, 100, 30]
    assert [row for batch in batches for row in batch] == rows


def test_every_kind_that_the_sweep_knows_is_in_the_report(domain: Services) -> None:
    assert set(POLICIES) == set(domain.retention._erasers)
