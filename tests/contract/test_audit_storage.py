"""`python dev.py audit storage`, on what calls over HTTP have left and somebody else has changed."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.azurite import Azurite
from shared import services
from shared.services import Services
from shared.store.blobs import Blobs
from shared.store.segments import CONTAINER
from shared.store.tables import ETAG, WRITTEN, Tables
from tests.clock import FakeClock
from tests.contract.conftest import Service
from tests.contract.test_audit import DAD, OCTETS, audit

TABLES = ("galleries", "catalogue", "audit", "expiries", "subjects", "erasures", "keys", "memberships", "operations")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Everything in it is these tests'."""
    with Azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite.connection_string


@pytest.fixture
def fresh(running: Service, account: str) -> Iterator[Tables]:
    """The service's tables, while it serves from that account, by the time that it is."""
    del running
    before = services.current()
    services.use(Services.build(replace(before.settings, storage=account), FakeClock(datetime.now(UTC))))
    tables = Tables(account)
    yield tables
    services.use(before)
    for name in TABLES:
        for row in list(tables.table(name).query("PartitionKey ge @first", ("PartitionKey", "RowKey"), first="")):
            tables.table(name).delete(row["PartitionKey"], [row["RowKey"]])


def everything(tables: Tables, account: str) -> list[Any]:
    rows = [row for name in TABLES for row in tables.table(name).query("PartitionKey ge @first", first="")]
    blobs = [(blob.name, blob.modified) for blob in Blobs(account, CONTAINER).list("")]
    return [sorted(map(repr, rows)), sorted(blobs)]


@pytest.mark.slow
def test_command_tells_what_was_put_back_and_taken_away_and_writes_nothing(
    service: Service, fresh: Tables, account: str, key_ring_file: Path
) -> None:
    group, http = uuid.uuid4().hex, service.http
    path = f"/face/v1.2/largepersongroups/{group}"
    http.put(path, json={"name": "n", "recognitionModel": "recognition_04"})
    persons = [http.post(f"{path}/persons", json={"name": "a secret name"}).json()["personId"] for _ in range(2)]
    enrolled = http.post(f"{path}/persons/{persons[0]}/persistedfaces", content=DAD.read_bytes(), headers=OCTETS)
    face = enrolled.json()["persistedFaceId"]
    table, (entry,) = fresh.table("galleries"), list(fresh.table("catalogue").query("RowKey eq @key", key=group))
    gallery = entry["gallery"]
    earlier = list(table.query("PartitionKey eq @gallery", gallery=gallery))
    assert http.delete(f"{path}/persons/{persons[0]}").status_code == 200
    before = everything(fresh, account)
    ran = audit(account, key_ring_file, "storage")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert ran.stdout.rstrip().endswith("0 problems, 0 not compared")
    assert everything(fresh, account) == before
    for row in earlier:
        table.put([{name: value for name, value in row.items() if name not in (ETAG, WRITTEN)}])
    table.delete(gallery, [f"p|{persons[1]}"])
    for _ in range(2):  # every time
        ran = audit(account, key_ring_file, "storage")
        stored = f"gallery {gallery} (largepersongroups|{group}): "
        assert ran.returncode == 1
        lines = ran.stdout.splitlines()
        assert any(line.startswith(f"{stored}person {persons[0]} was deleted at") for line in lines), lines
        assert any(f"person {persons[1]} was enrolled at" in line for line in lines), lines
        assert any(line.startswith(f"{stored}the head of shard") for line in lines), lines
        assert "a secret name" not in ran.stdout
    assert face in {row["RowKey"].rpartition("|")[2] for row in earlier}


@pytest.mark.slow
def test_command_says_what_it_could_not_compare(
    service: Service, fresh: Tables, account: str, key_ring_file: Path
) -> None:
    """A gallery that lacks something and is being made anew: nobody can search it now."""
    key = uuid.uuid4().hex
    service.http.put(f"/face/v1.2/largefacelists/{key}", json={"name": "n"})
    (entry,) = fresh.table("catalogue").query("RowKey eq @key", key=key)
    fresh.table("galleries").delete(entry["gallery"], ["n|7"])
    lacks = f"gallery {entry['gallery']} (largefacelists|{key}): the head of shard 7 is missing"
    assert lacks in audit(account, key_ring_file, "storage").stdout
    fresh.table("galleries").put([{"PartitionKey": entry["gallery"], "RowKey": "r"}])
    ran = audit(account, key_ring_file, "storage")
    assert ran.returncode == 2
    assert ran.stdout.endswith(" 0 problems, 1 not compared\n")
    assert f"(largefacelists|{key}): not compared: it is being rebuilt" in ran.stdout
