"""A real Chromium, headless, in front of a camera that shows films of ours, and the service as a process of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from infra.local import chromium
from tests.browser import films, owner
from tests.contract.process import KEY, service_process

FLAGS = (
    "--no-sandbox",  # of root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP face.test 127.0.0.1",  # a name that browsers do not trust with the camera
)
CAMERA_FLAGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
PATIENCE = 60_000  # milliseconds: how long a browser may take for one step on a busy machine


@dataclass(frozen=True)
class Served:
    """The service, its pages on. `http` has the key."""

    url: str
    key: str
    http: httpx.Client

    def session(self, version: str = "v1.2", **terms: Any) -> dict[str, Any]:
        """A new session without a picture: `sessionId` and `authToken` among others."""
        asked = {"livenessOperationMode": "Passive", "deviceCorrelationId": "browser-tests"} | terms
        answer = self.http.post(f"/face/{version}/detectLiveness-sessions", json=asked)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def result(self, session: dict[str, Any]) -> dict[str, Any]:
        """What the owner is told about it."""
        kind = "detectLivenessWithVerify" if "verifyReferences" in session.get("results", {}) else "detectLiveness"
        answer = self.http.get(f"/face/v1.2/{kind}-sessions/{session['sessionId']}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture(scope="package")
def served(storage: str, key_ring_file: Path) -> Iterator[Served]:
    with service_process(storage, key_ring_file, FACE_PAGES="true") as started:
        yield Served(str(started.http.base_url).rstrip("/"), KEY, started.http)


@pytest.fixture(scope="package")
def executable() -> Path:
    found = chromium.find()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(chromium.NOT_TO_BE_HAD, pytrace=False)
    if found is None:
        pytest.skip(chromium.NOT_TO_BE_HAD)
    return found


@pytest.fixture(scope="package")
def playwright(executable: Path) -> Iterator[Playwright]:
    del executable  # nothing to drive without it
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        yield started


Launch = Callable[..., Browser]


@pytest.fixture(scope="package")
def launch(playwright: Playwright, executable: Path) -> Iterator[Launch]:
    """`launch(*flags)`: a browser with these flags, the same one for the same flags."""
    started: dict[tuple[str, ...], Browser] = {}
    with ExitStack() as stack:

        def browser(*flags: str) -> Browser:
            if flags not in started:
                started[flags] = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *flags])
                stack.callback(started[flags].close)
            return started[flags]

        yield browser


@pytest.fixture
def context(launch: Launch) -> Iterator[Callable[..., BrowserContext]]:
    """`context(*flags, **options)`: a new profile in a browser with these flags."""
    with ExitStack() as stack:

        def opened(*flags: str, **options: Any) -> BrowserContext:
            new = launch(*flags).new_context(**options)
            new.set_default_timeout(PATIENCE)
            stack.callback(new.close)
            return new

        yield opened


@pytest.fixture
def watched(context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """`watched(film, **options)`: a new profile whose camera shows the film."""

    def opened(film: Path, **options: Any) -> BrowserContext:
        return context(*CAMERA_FLAGS, f"--use-file-for-fake-video-capture={film}", **options)

    return opened


@pytest.fixture(scope="package")
def owner_site(served: Served) -> Iterator[owner.Site]:
    with owner.site(served.url) as site:
        yield site


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`film(made, *arguments)`: the file of a film, made once."""
    folder = tmp_path_factory.mktemp("films")
    known: dict[tuple[str, ...], Path] = {}

    def file(made: Callable[..., Any], *arguments: str) -> Path:
        key = (made.__name__, *arguments)
        if key not in known:
            known[key] = films.write(folder / f"{len(known)}.y4m", made(*arguments))
        return known[key]

    return file


@pytest.fixture
def real(watched: Callable[..., BrowserContext], film: Callable[..., Path]) -> BrowserContext:
    """A profile with a real person in front of its camera."""
    return watched(film(films.somebody, films.PERSON))
