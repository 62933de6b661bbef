from typing import Any
from uuid import uuid4

import pytest

from shared.store.catalogue import Catalogue, EntryExists, place_of
from shared.store.retries import LimitReached
from shared.store.row_seals import RowAltered
from shared.store.tables import Table, Tables


@pytest.fixture
def kind() -> str:
    return f"kind{uuid4().hex}"


def entry(kind: str, key: str, token: str) -> dict[str, str]:
    columns = {"token": token, "recognitionModel": "recognition_04", "name": "a name"}
    return {**columns, "gallery": place_of(kind, key, columns)}


def place(kind: str, key: str, token: str) -> str:
    return entry(kind, key, token)["gallery"]


def test_an_id_is_given_once_until_it_is_free_again(tables: Tables, kind: str) -> None:
    catalogue = Catalogue(tables)
    catalogue.insert(kind, "a", entry(kind, "a", "first"), limit=9)
    with pytest.raises(EntryExists):
        catalogue.insert(kind, "a", entry(kind, "a", "second"), limit=9)
    catalogue.remove(kind, "a", place(kind, "a", "first"))
    assert catalogue.find(kind, "a") is None
    catalogue.insert(kind, "a", entry(kind, "a", "second"), limit=9)
    catalogue.remove(kind, "a", place(kind, "a", "first"))  # a late removal of what was there before
    assert catalogue.find(kind, "a") is not None


def test_a_kind_has_room_for_its_limit_and_for_one_more_when_one_went(tables: Tables, kind: str) -> None:
    catalogue = Catalogue(tables)
    for key in ("a", "b"):
        catalogue.insert(kind, key, entry(kind, key, key), limit=2)
    with pytest.raises(LimitReached):
        catalogue.insert(kind, "c", entry(kind, "c", "c"), limit=2)
    catalogue.remove(kind, "a", place(kind, "a", "a"))
    catalogue.insert(kind, "c", entry(kind, "c", "c"), limit=2)
    with pytest.raises(LimitReached):
        catalogue.insert(kind, "d", entry(kind, "d", "d"), limit=2)


def test_who_comes_second_to_the_last_place_under_one_id_hears_that_the_id_is_taken(
    tables: Tables, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Table.get
    rivals = iter(["rival"])

    def read_and_be_overtaken(table: Table, *key: Any) -> dict[str, Any] | None:
        row = read(table, *key)
        for rival in rivals:
            Catalogue(tables).insert(kind, "a", entry(kind, "a", rival), limit=1)
        return row

    monkeypatch.setattr(Table, "get", read_and_be_overtaken)
    with pytest.raises(EntryExists):
        Catalogue(tables).insert(kind, "a", entry(kind, "a", "second"), limit=1)


def test_lists_ascend_from_after_the_start_and_never_show_the_count(tables: Tables, kind: str) -> None:
    catalogue = Catalogue(tables)
    for key in ("b", "-", "a_1", "z", "0"):
        catalogue.insert(kind, key, entry(kind, key, key), limit=9)
    assert [row["RowKey"] for row in catalogue.list(kind, "", 10)] == ["-", "0", "a_1", "b", "z"]
    assert [row["RowKey"] for row in catalogue.list(kind, "0", 2)] == ["a_1", "b"]
    assert list(catalogue.list(kind, "zz", 10)) == []


def test_a_change_of_an_entry_that_went_or_moved_on_is_not_made(tables: Tables, kind: str) -> None:
    catalogue = Catalogue(tables)
    assert not catalogue.merge(kind, "a", {"name": "new"})
    catalogue.insert(kind, "a", entry(kind, "a", "a"), limit=9)
    before = catalogue.find(kind, "a")
    assert before is not None
    assert catalogue.merge(kind, "a", {"name": "new"}, before["etag"])
    assert not catalogue.merge(kind, "a", {"name": "newer"}, before["etag"])
    after = catalogue.find(kind, "a")
    assert after is not None
    assert after["name"] == "new"


@pytest.mark.parametrize(
    "change",
    [{"gallery": "another"}, {"recognitionModel": "recognition_03"}, {"token": "other"}, {"shards": 1}],
    ids=["gallery", "model", "token", "shards"],
)
def test_an_altered_entry_leads_nowhere(tables: Tables, kind: str, change: dict[str, Any]) -> None:
    catalogue = Catalogue(tables)
    for key in ("a", "b"):
        catalogue.insert(kind, key, entry(kind, key, key), limit=9)
    other = {"gallery": place(kind, "b", "b")} if change == {"gallery": "another"} else {}
    tables.table("catalogue").merge({"PartitionKey": kind, "RowKey": "a", **change, **other})
    with pytest.raises(RowAltered):
        catalogue.find(kind, "a")
    assert [row["RowKey"] for row in catalogue.list(kind, "", 10)] == ["b"]
    assert catalogue.find(kind, "b")


def test_entries_that_changed_places_lead_nowhere(tables: Tables, kind: str) -> None:
    catalogue = Catalogue(tables)
    for key in ("a", "b"):
        catalogue.insert(kind, key, entry(kind, key, key), limit=9)
    first, second = (catalogue.find(kind, key) or {} for key in ("a", "b"))
    tables.table("catalogue").put([first | {"RowKey": "b"}, second | {"RowKey": "a"}])
    for key in ("a", "b"):
        with pytest.raises(RowAltered):
            catalogue.find(kind, key)
