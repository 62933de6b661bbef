"""Thousands of calls that carry what must not stay, and then everything is searched for it: storage to the last column
and blob, the emulator's own files, the log of a process that logs all it can, temporary files and caches."""

import base64
import functools
import http.server
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from infra.local.azurite import Azurite
from tests import captures
from tests.contract.canary import performing, places
from tests.contract.canary.caller import Caller
from tests.contract.canary.canaries import Canaries
from tests.contract.canary.enrolling import USUAL
from tests.contract.canary.hostile import HOSTILE
from tests.contract.canary.needles import Needles
from tests.contract.canary.places import Place
from tests.contract.process import ServiceProcess, service_process
from tests.contract.serve import WRITTEN
from tests.faces import ROOT as FACES
from tests.issuer import AUDIENCE, ISSUER, TENANT, issuer
from tests.servers import http_server

PICTURES = [
    *(f"azure/images/{name}.jpg" for name in ("Family1-Dad1", "Family1-Dad2", "Family1-Mom1", "Family2-Man1")),
    "azure/images/Family3-Lady1.jpg",
    "face_recognition/images/alex_lacamoire_1.png",
]
WOMAN = "deepface/images/img33.jpg"
CALLERS = 3
CALLS = int(os.environ.get("FACE_CANARY_CALLS", "3000"))
CALLS_WITHOUT_STORAGE = 8
PERFORMED = 4
SETTLING_SECONDS = 120

DECLARED = {
    "name": [r"catalogue\.name", r"galleries\.name"],
    "userData": [r"catalogue\.userData", r"galleries\.userData"],
    "subject": [
        r"subjects\.PartitionKey",
        r"galleries\.subject",
        r"sessions\.terms",
        r"expiries\.RowKey",
        r"erasures\.\w+",
    ],
    "consent": [r"galleries\.consent"],
    "device": [r"sessions\.terms"],
}
"""By what it is the columns that docs/privacy.md says it is kept in."""

MUST_BE_SEEN = [
    *(("name", "catalogue.name"), ("name", "galleries.name"), ("userData", "catalogue.userData")),
    *(("userData", "galleries.userData"), ("subject", "subjects.PartitionKey"), ("consent", "galleries.consent")),
    ("device", "sessions.terms"),
]


@dataclass(frozen=True)
class World:
    azurite: Azurite
    service: ServiceProcess
    canaries: Canaries
    callers: list[Caller]
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def everywhere(self) -> Iterator[Place]:
        """But the emulator's own files, which it has written only when it has stopped."""
        yield from places.stored(self.azurite.connection_string)
        yield "log", self.log.read_bytes()
        yield from places.files(self.folder / "temporary", "temporary file")
        yield from places.files(self.folder / "cache", "cache")
        yield from places.unlinked(self.service.process)


@pytest.fixture
def world(tmp_path: Path, key_ring_file: Path) -> Iterator[World]:
    """A service with storage, keys, folders and a log of its own."""
    canaries = Canaries()
    for folder in ("temporary", "cache"):
        (tmp_path / folder).mkdir()
    key = canaries.text("key")
    for secret in re.findall(r'"([\w+/=-]{40,})"', key_ring_file.read_text()):
        canaries.note(secret.encode(), "key of the ring")
        canaries.note(base64.b64decode(secret), "key of the ring")
    pictures = [canaries.picture(FACES / name) for name in PICTURES]
    handler = functools.partial(Giving, pictures[0].copy)
    with issuer() as entra, http_server(handler) as port, Azurite(tmp_path / "azurite") as azurite:
        settings = {
            "FACE_KEY1": key,
            "FACE_KEY2": canaries.text("key"),
            "FACE_RECOGNIZER_KEY1": canaries.text("key"),
            "FACE_ENTRA_TENANT": TENANT,
            "FACE_ENTRA_AUDIENCES": AUDIENCE,
            "FACE_ENTRA_ISSUERS": ISSUER,
            "FACE_ENTRA_KEYS_URL": entra.url,
            "FACE_URL_ALLOWED_HOSTS": f"127.0.0.1:{port}",
            "FACE_CACHE_DIR": str(tmp_path / "cache"),
            "TMPDIR": str(tmp_path / "temporary"),
        }
        storage = azurite.connection_string
        with (
            service_process(storage, key_ring_file, triggers=True, log=tmp_path / "log", **settings) as service,
            httpx.Client(base_url=service.http.base_url, timeout=60) as client,
        ):
            callers = [
                Caller(client, key, canaries, pictures, f"127.0.0.1:{port}", random.Random(seed))  # noqa: S311
                for seed in range(CALLERS)
            ]
            yield World(azurite, service, canaries, callers, tmp_path)


class Giving(http.server.BaseHTTPRequestHandler):
    """A picture at any path, but nothing below /missing/, and a place elsewhere below /away/."""

    def __init__(self, picture: Callable[[], bytes], *arguments: Any) -> None:
        self._picture = picture
        super().__init__(*arguments)

    def do_GET(self) -> None:
        body = self._picture()
        self.send_response(404 if "/missing/" in self.path else 302 if "/away/" in self.path else 200)
        if "/away/" in self.path:
            self.send_header("Location", f"http://127.0.0.1:1{self.path}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


def send(caller: Caller, count: int) -> None:
    acts = USUAL | HOSTILE | performing.SESSIONS_ASKED
    first = sum(caller.answers.values())
    while sum(caller.answers.values()) < first + count:
        (act,) = caller.chance.choices([*acts], [*acts.values()])
        act(caller)


def perform(world: World, times: int) -> None:
    """Liveness sessions, with the frames of one person."""
    shown = [world.canaries.showing(frame, "frame") for frame in captures.frames(WOMAN)]
    caller = world.callers[0]
    for _ in range(times):
        performing.perform(caller, [frame.copy() for frame in shown])
    performing.check(caller, [frame.copy() for frame in shown])


def drive(world: World, calls: int) -> None:
    """That many, by several callers at once; storage goes away and comes back between two thirds and the rest."""
    with ThreadPoolExecutor(CALLERS) as threads:

        def all_send(each: int) -> None:
            list(threads.map(functools.partial(send, count=each), world.callers))

        all_send(calls * 2 // 3 // CALLERS)
        world.azurite.stop()
        for caller in world.callers:
            caller.away = True
        all_send(CALLS_WITHOUT_STORAGE)
        world.azurite.start()
        world.azurite.wait()
        for caller in world.callers:
            caller.away = False
        all_send(calls // 3 // CALLERS)


def is_declared(kind: str, place: str) -> bool:
    return any(re.match(f"table {where} ", place) for where in DECLARED.get(kind, ()))


def leaks(canaries: Canaries, everywhere: Iterable[Place]) -> dict[str, set[str]]:
    """What was found where docs/privacy.md does not have it: place -> what it is of."""
    needles = Needles(canaries.kinds)
    found = {place: needles.found(data) for place, data in everywhere}
    undeclared = {place: {kind for kind in kinds if not is_declared(kind, place)} for place, kinds in found.items()}
    return {place: kinds for place, kinds in undeclared.items() if kinds}


def settled(world: World) -> dict[str, set[str]]:
    """The leaks, once what was deleted had its minute: collections are erased through the queue."""
    end = time.monotonic() + SETTLING_SECONDS
    while (found := leaks(world.canaries, world.everywhere())) and time.monotonic() < end:
        if set().union(*found.values()) != {"deleted text"}:
            break
        time.sleep(5)
    return found


def seen(world: World) -> set[tuple[str, str]]:
    """What was found where it is declared to be: that it was given away, stored, and searched for."""
    needles = Needles(world.canaries.kinds)
    stored = places.stored(world.azurite.connection_string)
    return {(kind, place.split(" ")[1]) for place, data in stored for kind in needles.found(data)}


def plant(world: World) -> set[str]:
    """Something in every sort of place. The places."""
    canary, storage = functools.partial(world.canaries.text, "planted"), world.azurite.connection_string
    with (
        TableServiceClient.from_connection_string(storage) as tables,
        BlobServiceClient.from_connection_string(storage) as blobs,
        QueueServiceClient.from_connection_string(storage) as queues,
    ):
        row = {"PartitionKey": "p", "RowKey": "r", "column": f"x{canary()}".encode()}
        tables.create_table_if_not_exists("planted").upsert_entity(row)
        blobs.create_container("planted").upload_blob("blob", base64.b64encode(canary().encode()))
        queues.create_queue("planted").send_message(base64.b64encode(f"a {canary()}".encode()).decode())
    with world.log.open("ab") as log:
        log.write(f"ü{canary()}".encode("utf-16-le"))
    (world.folder / "temporary" / canary()).touch()
    (world.folder / "cache" / "file").write_bytes(canary().encode().hex().encode())
    return {
        *("table planted.column p|r", "blob planted/blob", "queue planted", "log", "cache file"),
        f"temporary file {next((world.folder / 'temporary').iterdir()).name}",
    }


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_nothing_of_thousands_of_calls_is_anywhere_but_where_it_is_declared_to_be(world: World) -> None:
    drive(world, CALLS)
    perform(world, PERFORMED)
    answers = sum((caller.answers for caller in world.callers), Counter[int]())
    assert answers.total() >= CALLS
    assert {200, 202, 400, 401, 404, 503} <= set(answers)
    assert settled(world) == {}
    assert {(kind, table) for kind, table in MUST_BE_SEEN} <= seen(world)
    log = world.log.read_text(errors="replace")
    assert "Detect 200" in log
    written = {line.split(WRITTEN)[1].strip() for line in log.splitlines() if WRITTEN in line}
    cache = str(world.folder / "cache" / "ownface-segments")
    assert [path for path in written if not path.startswith((cache, "/dev/null"))] == []

    planted = plant(world)
    assert leaks(world.canaries, world.everywhere()) == {place: {"planted"} for place in planted}
    world.service.process.kill()
    world.azurite.stop()
    kept = leaks(world.canaries, places.files(world.azurite.location, "emulator"))
    assert set().union(*kept.values()) == {*DECLARED, "planted"}


def test_file_that_no_folder_names_any_more_is_searched(tmp_path: Path) -> None:
    canaries = Canaries()
    with (tmp_path / "file").open("wb+") as file:
        file.write(canaries.text("planted").encode())
        file.flush()
        (tmp_path / "file").unlink()
        mine = [place for place in places.unlinked(psutil.Process()) if str(tmp_path) in place[0]]
        assert [*leaks(canaries, mine).values()] == [{"planted"}]
