"""The service is killed with SIGKILL while it enrols and deletes: whoever was answered was told the truth."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

import httpx
import pytest

from infra.local.azurite import Azurite
from tests.contract.process import ServiceProcess, service_process
from tests.contract.stateful.pool import ENROLLED, PROBES, WHO, picture
from tests.contract.stateful.world import BYTES, DETECTED, GROUPS, add_face, told

LIST = f"{GROUPS}/facelists/list"
CLIENTS = 3
ANSWERS_UNTIL_THE_END = 12


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[str]:
    with Azurite(tmp_path / "azurite") as azurite:
        yield azurite.connection_string


class Answered:
    """What clients were told: which faces are there, and which are not any more. Of `in_doubt` deletion was asked, and
    no answer came."""

    def __init__(self, service: ServiceProcess) -> None:
        self._service = service
        self._lock = Lock()
        self._count = 0
        self.added: set[str] = set()
        self.deleted: set[str] = set()
        self.in_doubt: set[str] = set()

    def add_and_delete(self, who: str) -> None:
        """Until the service is dead."""
        http = self._service.http
        try:
            while True:
                first, _ = (self._noted(self.added, add_face(http, LIST, name)) for name in ENROLLED[who])
                self.in_doubt.add(first)
                told(http.delete(f"{LIST}/persistedfaces/{first}"))
                self._noted(self.deleted, first)
        except httpx.TransportError:
            return

    def _noted(self, where: set[str], face: str) -> str:
        """And the service is killed once enough was answered."""
        with self._lock:
            where.add(face)
            self._count += 1
            if self._count == ANSWERS_UNTIL_THE_END:
                self._service.process.kill()
        return face


def test_everything_that_was_answered_is_true_after_the_service_was_killed(
    storage: str, key_ring_file: Path, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(service_process(storage, key_ring_file, FACE_CACHE_DIR=str(tmp_path / name)))
            for name in ("first", "second")
        )
        told(first.http.put(LIST, json={"name": "list", "recognitionModel": "recognition_04"}))
        answered = Answered(first)
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(answered.add_and_delete, WHO[:CLIENTS]))
        there, seen = listed(second.http), found(second.http)
    assert answered.added - answered.in_doubt <= there
    assert not answered.deleted & there
    assert seen == there


def listed(http: httpx.Client) -> set[str]:
    return {face["persistedFaceId"] for face in told(http.get(LIST))["persistedFaces"]}


def found(http: httpx.Client) -> set[str]:
    """By a search that answers every face, however little it is like the one that is asked about."""
    (face,) = told(http.post(f"{GROUPS}/detect", params=DETECTED, content=picture(PROBES["Dad"]), headers=BYTES))
    asked = {"faceId": face["faceId"], "faceListId": "list", "mode": "matchFace", "maxNumOfCandidatesReturned": 1000}
    return {one["persistedFaceId"] for one in told(http.post(f"{GROUPS}/findsimilars", json=asked))}
