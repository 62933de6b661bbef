import http.server
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.store.expiries import Expiries
from shared.store.tables import Delete, Insert, Merge, RowChanged, StoreUnavailable, Tables

NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0LXNlY3JldA==;"
    "TableEndpoint=http://127.0.0.1:1/devstoreaccount1;"
)


def fresh_name() -> str:
    return f"t{uuid4().hex}"


def rows(count: int) -> list[dict[str, object]]:
    return [{"PartitionKey": "p", "RowKey": f"{index:03}", "value": index} for index in range(count)]


def test_first_write_makes_the_table(tables: Tables) -> None:
    for count in (1, 3):
        table = tables.table(fresh_name())
        table.put(rows(count))
        assert [row["value"] for row in table.query("PartitionKey eq @p", p="p")] == list(range(count))


def test_reading_a_table_that_was_never_written_finds_nothing(tables: Tables) -> None:
    table = tables.table(fresh_name())
    assert table.get("p", "r") is None
    assert list(table.query("PartitionKey eq @p", p="p")) == []


def test_key_of_a_row_is_logged_by_nobody_at_any_level(tables: Tables, caplog: pytest.LogCaptureFixture) -> None:
    """It may be the reference to a person."""
    table, key = tables.table(fresh_name()), uuid4().hex
    with caplog.at_level(logging.NOTSET + 1):
        for place in (table, Tables(NOWHERE).table("subjects")):
            with suppress(StoreUnavailable):
                place.put([{"PartitionKey": key, "RowKey": key, "value": key}])
                assert place.get(key, key)
                assert list(place.query("PartitionKey eq @p", p=key))
                place.delete(key, [key])
    assert key not in caplog.text


def test_put_is_idempotent(tables: Tables) -> None:
    table = tables.table(fresh_name())
    table.put(rows(100))
    table.put(rows(100))
    assert len(list(table.query("PartitionKey eq @p", p="p"))) == 100


def test_delete_removes_all_keys_though_one_is_gone_already(tables: Tables) -> None:
    table = tables.table(fresh_name())
    table.put(rows(3))
    table.delete("p", ["001"])
    table.delete("p", ["000", "001", "002"])
    table.delete("p", ["000", "001", "002"])
    assert list(table.query("PartitionKey eq @p", p="p")) == []


def test_storage_that_is_away_is_one_named_error_without_secrets() -> None:
    tables = Tables(NOWHERE)
    table = tables.table("faceids")
    attempts: list[Callable[[], object]] = [
        tables.ping,
        lambda: table.get("p", "r"),
        lambda: table.put(rows(1)),
        lambda: table.put(rows(2)),
        lambda: table.delete("p", ["r"]),
        lambda: list(table.query("PartitionKey eq @p", p="p")),
    ]
    for attempt in attempts:
        with pytest.raises(StoreUnavailable) as failed:
            attempt()
        assert "secret" not in str(failed.value)
        assert failed.value.__cause__ is None


def test_due_partitions_end_a_minute_before_now(tables: Tables) -> None:
    expiries, key = Expiries(tables), str(uuid4())

    def due_at(hour: int, minute: int, second: int) -> bool:
        moment = datetime(2031, 1, 1, hour, minute, second, tzinfo=UTC)
        return any(expiry.key == key for expiry in expiries.due(moment))

    expiries.announce("kind", key, datetime(2031, 1, 1, 10, 0, 30, tzinfo=UTC), "detail")
    assert not due_at(10, 6, 59)
    assert due_at(10, 7, 0)
    expiries.settle([expiry for expiry in expiries.due(datetime(2031, 1, 2, tzinfo=UTC)) if expiry.key == key])
    assert not due_at(23, 0, 0)
    expiries.announce_work("kind", key, datetime(2031, 1, 1, 10, 0, 30, tzinfo=UTC))
    assert not due_at(10, 1, 59)
    assert due_at(10, 2, 0)
    (work,) = [expiry for expiry in expiries.due(datetime(2031, 1, 2, tzinfo=UTC)) if expiry.key == key]
    assert not expiries.is_over(work, datetime(2031, 1, 1, 10, 6, 59, tzinfo=UTC))
    assert expiries.is_over(work, datetime(2031, 1, 1, 10, 7, 0, tzinfo=UTC))
    expiries.settle([work])
    assert not due_at(23, 0, 0)


def test_storage_that_asks_for_long_patience_does_not_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer has to know how late its last try can be."""
    asked: list[str] = []

    class Busy(http.server.BaseHTTPRequestHandler):
        def do_PATCH(self) -> None:
            asked.append(self.path)
            self.send_response(503)
            self.send_header("Retry-After", "40")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_PATCH  # noqa: N815 the server's own naming

        def log_message(self, *_: object) -> None:
            return

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        table = Tables(NOWHERE.replace("127.0.0.1:1/", f"127.0.0.1:{server.server_port}/")).table("faceids")
        with pytest.raises(StoreUnavailable):
            table.put(rows(1))
        server.shutdown()
    assert len(asked) == 4
    assert slept
    assert max(slept) <= 2


def test_a_commit_writes_all_of_its_steps_or_none(tables: Tables) -> None:
    table = tables.table(fresh_name())
    table.commit([Insert(row) for row in rows(2)])
    etag = table.get("p", "000")["etag"]  # type: ignore[index]
    change = Merge({"PartitionKey": "p", "RowKey": "000", "value": 7}, etag)
    table.commit([change, Delete("p", "001"), Insert({"PartitionKey": "p", "RowKey": "new"})])
    assert [row["RowKey"] for row in table.query("PartitionKey eq @p", p="p")] == ["000", "new"]
    for refused in (change, Delete("p", "001"), Insert({"PartitionKey": "p", "RowKey": "new"})):
        with pytest.raises(RowChanged):
            table.commit([Insert({"PartitionKey": "p", "RowKey": "other"}), refused])
    assert [(row["RowKey"], row.get("value")) for row in table.query("PartitionKey eq @p", p="p")] == [
        ("000", 7),
        ("new", None),
    ]


def test_a_commit_whose_answer_was_lost_is_told_from_one_that_lost_against_another(tables: Tables) -> None:
    table = tables.table(fresh_name())
    mine = Insert({"PartitionKey": "p", "RowKey": "r", "token": "mine"})
    table.commit([mine])
    table.commit([mine])  # what the client's own retry looks like to storage
    with pytest.raises(RowChanged):
        table.commit([Insert({**mine.row, "token": "another"})])


def test_a_merge_needs_its_row_and_its_version(tables: Tables) -> None:
    table = tables.table(fresh_name())
    with pytest.raises(RowChanged):
        table.merge({"PartitionKey": "p", "RowKey": "r", "value": 1})
    table.put([{"PartitionKey": "p", "RowKey": "r", "value": 1, "kept": "yes"}])
    etag = table.get("p", "r")["etag"]  # type: ignore[index]
    table.merge({"PartitionKey": "p", "RowKey": "r", "value": 2}, etag)
    with pytest.raises(RowChanged):
        table.merge({"PartitionKey": "p", "RowKey": "r", "value": 3}, etag)
    found = table.get("p", "r", ("value", "kept"))
    assert found is not None
    assert (found["value"], found["kept"]) == (2, "yes")


def test_a_query_reads_no_more_than_its_limit(tables: Tables) -> None:
    table = tables.table(fresh_name())
    table.put(rows(20))
    assert [row["RowKey"] for row in table.query("PartitionKey eq @p", ("RowKey",), 3, p="p")] == ["000", "001", "002"]


def test_any_number_of_rows_is_deleted_though_some_are_gone(tables: Tables) -> None:
    table = tables.table(fresh_name())
    for start in range(0, 300, 100):
        table.put([{"PartitionKey": "p", "RowKey": f"{index:03}"} for index in range(start, start + 100)])
    table.delete("p", ["150"])
    table.delete_many("p", [f"{index:03}" for index in range(300)])
    assert list(table.query("PartitionKey eq @p", p="p")) == []
