"""One client, with what it has made so far, and canaries in all that it sends."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.contract.canary.canaries import Canaries, Showing

OCTETS = {"Content-Type": "application/octet-stream"}
NEWEST, DIRECTORY = "v1.2", "v1.2-preview.1"


class RealTime:
    """The clock of a process that nobody moves."""

    def advance(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass
class Collection:
    """`path`: below the version. `names`: what it was called, and what it was told about it, now."""

    path: str
    id_field: str
    persons: list[str] = field(default_factory=list)
    faces: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Caller:
    """`pictures`: those that show one face. `origin`: "host:port" of a web server that gives one at any path.
    `answers`: how often there was which status; `away`: while storage is, a 503 is an answer."""

    http: httpx.Client
    key: str
    canaries: Canaries
    pictures: list[Showing]
    origin: str
    chance: random.Random
    faces: list[str] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    away: bool = False
    clock: RealTime = field(default_factory=RealTime)

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    def call(self, method: str, path: str, *, version: str = NEWEST, **sent: Any) -> httpx.Response:
        headers = {
            "Ocp-Apim-Subscription-Key": self.key,
            "User-Agent": self.text("user agent"),
            **sent.pop("headers", {}),
        }
        answer = self.http.request(method, f"/face/{version}/{path}", headers=headers, **sent)
        self.answers[answer.status_code] += 1
        assert answer.status_code < 500 or (self.away and answer.status_code == 503), f"{method} {path}: {answer.text}"
        return answer

    def text(self, kind: str) -> str:
        return self.canaries.text(kind)

    def picture(self) -> bytes:
        return self.chance.choice(self.pictures).copy()

    def image_url(self) -> str:
        """Of the server that gives a picture."""
        return f"http://{self.origin}/{self.text('URL')}.jpg?sig={self.text('URL')}#{self.text('URL')}"

    def named(self) -> dict[str, str]:
        """A name and userData, as the tables may hold them."""
        return {"name": f"n {self.text('name')}", "userData": f"u {self.text('userData')}"}

    def pick(self, *, persons: bool | None = None) -> Collection | None:
        fitting = [one for one in self.collections if persons is None or ("persongroups" in one.path) == persons]
        return self.chance.choice(fitting) if fitting else None

    def face(self) -> str:
        """A faceId, of a face or of nobody."""
        return self.chance.choice(self.faces[-20:]) if self.faces else "00000000-0000-4000-8000-000000000000"
