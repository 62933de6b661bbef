"""Service processes on one storage, each with its own caches, and calls to them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from shared.store.catalogue import Catalogue
from shared.store.tables import Tables
from tests.contract.process import ServiceProcess
from tests.contract.stateful.pool import PROBES, WHO, picture

BYTES = {"Content-Type": "application/octet-stream"}
DETECTED = {"recognitionModel": "recognition_04", "detectionModel": "detection_03", "returnFaceId": "true"}
GROUPS, DIRECTORY = "/face/v1.2", "/face/v1.0-preview"


@dataclass(frozen=True)
class World:
    """`probes`: a faceId of each person of the pool, in the order of WHO."""

    processes: Sequence[ServiceProcess]
    probes: Sequence[str]
    storage: str

    @classmethod
    def over(cls, processes: Sequence[ServiceProcess], storage: str) -> "World":
        def detected(who: str) -> str:
            data = picture(PROBES[who])
            found = processes[0].http.post(f"{GROUPS}/detect", params=DETECTED, content=data, headers=BYTES).json()
            (face,) = found
            return str(face["faceId"])

        return cls(processes, [detected(who) for who in WHO], storage)

    def gallery(self, kind: str, key: str) -> str:
        """Which gallery holds a collection: what no client is told, but messages name."""
        row = Catalogue(Tables(self.storage)).find(kind, key)
        assert row is not None
        return str(row["gallery"])


def told(answer: httpx.Response, status: int = 200) -> Any:
    """The body of an answer that must have this status; None where it is empty."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text


def add_face(http: httpx.Client, path: str, name: str) -> str:
    """The persistedFaceId."""
    query = {"detectionModel": "detection_03", "userData": name}
    answer = http.post(f"{path}/persistedfaces", params=query, content=picture(name), headers=BYTES)
    return str(told(answer)["persistedFaceId"])


def run_work(http: httpx.Client, **message: str) -> None:
    """As if a message had been in the queue."""
    told(http.post("/admin/functions/Work", json={"input": json.dumps(message)}), 202)
