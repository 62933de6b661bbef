"""Sessions that were really performed, for those of Microsoft's tests that need one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests import captures
from tests.contract.performing import Client
from tests.faces import ROOT as FACES
from tests.sdk.conftest import Endpoint

VERSION = "v1.2-preview.1"
"""What the client of 1.0.0b2 speaks."""

SCREEN = "liveness/images/sf_spoof_image_F2.jpg"
KINDS = ("detectLiveness", "detectLivenessWithVerify")
ATTEMPTS = 2  # as the published tests expect; only one that finds no real face leaves room for another
PARAMETERS = '{"livenessOperationMode": "Passive", "deviceCorrelationId": "a-device"}'


class Waiting:
    """The clock of a service in another process: time goes on by waiting."""

    def advance(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class There:
    url: str
    clock: Waiting


@contextmanager
def finished(endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """Kind -> the id of a session with two attempts. They are deleted at the end: other tests count sessions."""
    with httpx.Client(base_url=endpoint.url, headers={"Ocp-Apim-Subscription-Key": endpoint.key}, timeout=60) as http:
        made = {kind: _performed(endpoint, http, kind) for kind in KINDS}
        yield made
        for kind, session in made.items():
            http.delete(f"/face/{VERSION}/{kind}/singleModal/sessions/{session}").raise_for_status()


def _performed(endpoint: Endpoint, http: httpx.Client, kind: str) -> str:
    path = f"/face/{VERSION}/{kind}/singleModal/sessions"
    if kind == KINDS[0]:
        answer = http.post(path, content=PARAMETERS, headers={"Content-Type": "application/json"})
    else:
        picture = (FACES / SCREEN).read_bytes()
        answer = http.post(path, files={"Parameters": (None, PARAMETERS), "VerifyImage": ("picture.jpg", picture)})
    session = answer.raise_for_status().json()
    client = Client(There(endpoint.url, Waiting()), session["authToken"], VERSION)
    for seed in range(ATTEMPTS):
        assert client.perform(captures.whole_frames(SCREEN, seed)[:8])["attemptStatus"] == "Succeeded"
    return str(session["sessionId"])
