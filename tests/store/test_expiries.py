"""The index of what expires: which minute a thing is found in, and when a sweep comes to it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.store.expiries import GRACE, PROMPT, SKEW, Expiries, Expiry
from shared.store.tables import Tables

NOW = datetime(2031, 5, 4, 3, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def kind() -> str:
    """One of the test's own: other tests announce too."""
    return f"kind-{uuid4().hex}"


def found(expiries: Expiries, kind: str, now: datetime) -> list[Expiry]:
    return [one for one in expiries.due(now) if one.kind == kind]


def test_clocks_may_differ_by_five_minutes_and_a_writer_has_one_more() -> None:
    assert [limit.total_seconds() for limit in (SKEW, PROMPT, GRACE)] == [300, 60, 360]


@pytest.mark.parametrize(
    ("late", "minute"),
    [
        (timedelta(), "203105040302"),
        (timedelta(microseconds=1), "203105040303"),
        (timedelta(seconds=59, microseconds=999_999), "203105040303"),
        (timedelta(minutes=1), "203105040303"),
    ],
)
def test_row_stands_in_the_first_minute_that_is_not_before_the_end(
    expiries: Expiries, tables: Tables, kind: str, late: timedelta, minute: str
) -> None:
    expiries.announce(kind, "thing|of|parts", NOW + late, "notes")
    expiries.announce_work(kind, "work", NOW + late, "notes")
    table = tables.table("expiries")
    for partition, key in ((minute, "thing|of|parts"), (f"!{minute}", "work")):
        row = table.get(partition, f"{kind}|{key}")
        assert row
        assert row["detail"] == "notes"
        table.delete(partition, [f"{kind}|{key}"])


def test_thing_is_due_with_its_grace_and_work_with_a_minute(expiries: Expiries, kind: str) -> None:
    expiries.announce(kind, "thing", NOW, "notes")
    expiries.announce_work(kind, "work", NOW)
    assert found(expiries, kind, NOW + PROMPT - SECOND) == []
    work = Expiry("!203105040302", kind, "work", "")
    assert found(expiries, kind, NOW + PROMPT) == [work]
    assert found(expiries, kind, NOW + GRACE - SECOND) == [work]
    thing = Expiry("203105040302", kind, "thing", "notes")
    assert found(expiries, kind, NOW + GRACE) == [work, thing]
    expiries.settle([work])
    expiries.settle([thing])
    assert found(expiries, kind, NOW + GRACE) == []


def test_oldest_minute_comes_first(expiries: Expiries, kind: str) -> None:
    for minutes in (2, 0, 1):
        expiries.announce(kind, str(minutes), NOW + timedelta(minutes=minutes), "")
    due = found(expiries, kind, NOW + timedelta(hours=1))
    assert [one.key for one in due] == ["0", "1", "2"]
    assert [one.due for one in due] == [NOW + timedelta(minutes=minutes) for minutes in (0, 1, 2)]
    for one in due:
        expiries.settle([one])


def test_thing_and_work_are_over_by_every_clock_after_the_grace(expiries: Expiries) -> None:
    for minute in ("203105040302", "!203105040302"):
        expiry = Expiry(minute, "kind", "key", "")
        assert not expiries.is_over(expiry, NOW + GRACE - SECOND)
        assert expiries.is_over(expiry, NOW + GRACE)
        assert expiry.due == NOW


def test_minute_that_somebody_else_wrote_is_none() -> None:
    with pytest.raises(ValueError, match="does not match"):
        _ = Expiry("tomorrow", "kind", "key", "").due


def test_coming_is_all_that_is_announced_with_when_storage_wrote_it(expiries: Expiries, kind: str) -> None:
    expiries.announce(kind, "thing", NOW, "notes")
    expiries.announce_work(kind, "work", NOW)
    coming = [one for one in expiries.coming() if one.expiry.kind == kind]
    assert [one.expiry for one in coming] == [
        Expiry("!203105040302", kind, "work", ""),
        Expiry("203105040302", kind, "thing", "notes"),
    ]
    assert all(abs(one.written - datetime.now(UTC)) < timedelta(minutes=5) for one in coming)
    for one in coming:
        expiries.settle([one.expiry])


def test_several_of_a_minute_are_forgotten_together_and_nothing_is_no_error(expiries: Expiries, kind: str) -> None:
    for key in ("a", "b", "c"):
        expiries.announce(kind, key, NOW, "")
    due = found(expiries, kind, NOW + GRACE)
    expiries.settle(due[:2])
    expiries.settle([])
    assert found(expiries, kind, NOW + GRACE) == due[2:]
    expiries.settle(due[2:])


def test_row_without_notes_has_empty_ones(expiries: Expiries, tables: Tables, kind: str) -> None:
    tables.table("expiries").put([{"PartitionKey": "203105040302", "RowKey": f"{kind}|thing"}])
    (due,) = found(expiries, kind, NOW + GRACE)
    assert due.detail == ""
    expiries.settle([due])
