"""A client of our capture protocol, as docs/liveness-protocol.md describes it: every byte that it sends is a test's."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

STEP = 150
FRAME = ("frame.jpg", "image/jpeg")


def digest(nonce: str, frames: Iterable[tuple[int, bytes]]) -> str:
    """As the protocol says."""
    chained = hashlib.sha256(nonce.encode("ascii")).digest()
    for time, frame in frames:
        chained = hashlib.sha256(chained + str(time).encode("ascii") + b"|" + frame).digest()
    return chained.hex()


def times(frames: Sequence[bytes]) -> list[int]:
    return [at * STEP for at in range(len(frames))]


class Advancing(Protocol):
    def advance(self, seconds: float) -> None: ...


class Reachable(Protocol):
    """A service, and the clock that it goes by."""

    @property
    def url(self) -> str: ...

    @property
    def clock(self) -> Advancing: ...


@dataclass
class Client:
    """One device with one token."""

    service: Reachable
    token: str
    version: str = "v1.3-preview.1"
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, **what: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **what.pop("headers", {})}
        with httpx.Client(base_url=self.service.url, timeout=60) as http:  # without the owner's key
            return http.post(f"/face/{self.version}/{path}", headers=headers, **what)

    def start(self, **body: Any) -> Any:
        answer = self.post("session/start", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(
        self,
        nonce: str,
        frames: Sequence[bytes],
        at: Sequence[int] | None = None,
        signed: str | None = None,
        files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
    ) -> httpx.Response:
        """End an attempt with these frames, whatever they are."""
        at = times(frames) if at is None else at
        signed = signed or digest(nonce, zip(at, frames, strict=False))
        notes = json.dumps({"nonce": nonce, "times": list(at), "digest": signed})
        parts = [("frame", (FRAME[0], frame, FRAME[1])) for frame in frames]
        return self.post("session/attempt/end", data={"capture": notes}, files=[*parts, *files])

    def perform(self, frames: Sequence[bytes], **more: Any) -> Any:
        """Start, let the time of the capture pass, end; the answer's body."""
        begun = self.start(**more)
        self.service.clock.advance(len(frames) * STEP / 1000)
        answer = self.send(begun["nonce"], frames)
        assert answer.status_code == 200, answer.text
        return answer.json()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
