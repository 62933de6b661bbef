"""Corrupt, hostile and unusual files, as bytes and by URL, against a process whose time and memory are measured."""

import io
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from shared.store.tables import Tables
from tests.contract.process import ServiceProcess, service_process
from tests.faces import ROOT as FACES
from tests.faces import BadInput, bad_inputs

MAX_SECONDS = 2.0
MAX_MEGABYTES = 512
REFUSALS = {"InvalidImage", "InvalidImageSize"}
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def served(storage: str, picture_server: str, key_ring_file: Path) -> Iterator[ServiceProcess]:
    with service_process(storage, key_ring_file, FACE_URL_ALLOWED_HOSTS=picture_server) as served:
        assert served.http.get("/readyz").status_code == 200
        yield served
        assert served.peak_megabytes() < MAX_MEGABYTES


def stored(storage: str) -> int:
    return sum(1 for _ in Tables(storage).table("faceids").query("PartitionKey ge @first", first=""))


@pytest.mark.parametrize("bad", bad_inputs(), ids=lambda bad: bad.path.name)
def test_file_gets_what_is_expected_of_it(
    served: ServiceProcess, bad: BadInput, storage: str, picture_server: str
) -> None:
    before, started = stored(storage), time.monotonic()
    query = "returnFaceId=true&returnFaceLandmarks=true"
    answer = served.http.post(f"/face/v1.2/detect?{query}", content=bad.path.read_bytes(), headers=OCTETS)
    assert time.monotonic() - started < MAX_SECONDS
    body = {"url": f"http://{picture_server}/{bad.path.relative_to(FACES).as_posix()}"}
    by_url = served.http.post("/face/v1.2/detect?returnFaceId=false", json=body)
    assert by_url.status_code == answer.status_code
    if answer.status_code == 200:
        assert bad.expect != "reject"
        assert len(answer.json()) == 1 or bad.expect == "no_crash"
    else:
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] in REFUSALS
        assert bad.expect in {"reject", "no_crash"}
        assert stored(storage) == before


def mutations(data: bytes, count: int) -> Iterator[bytes]:
    """Copies with a few bytes overwritten, a piece cut out, or the end missing; always the same ones."""
    rng = random.Random(20)  # noqa: S311 repeatable, not secret
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 20)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        start = rng.randrange(len(changed))
        if rng.random() < 0.3:
            del changed[start : start + rng.randrange(200)]
        if rng.random() < 0.3:
            del changed[start:]
        yield bytes(changed)


@pytest.mark.parametrize("name", ["progressive.jpg", "gray.jpg", "cf_einstein.png", "palette.gif", "rgb24.bmp"])
def test_mutated_pictures_never_fail_the_service(served: ServiceProcess, name: str) -> None:
    data = (FACES / "bad_inputs/files" / name).read_bytes()
    for mutated in mutations(data, 40):
        answer = served.http.post("/face/v1.2/detect?returnFaceId=false", content=mutated, headers=OCTETS)
        assert answer.status_code in {200, 400}
        assert answer.status_code == 200 or answer.json()["error"]["code"] in REFUSALS


@pytest.mark.parametrize(
    "size",
    [pytest.param((5600, 5600), marks=pytest.mark.slow), (8000, 8000), (12_000, 9000), (65_000, 900)],
    ids=str,
)
@pytest.mark.parametrize(
    ("kind", "progressive"), [("png", False), ("bmp", False), ("jpeg", False), ("jpeg", True)], ids=str
)
def test_flat_picture_of_many_pixels_in_few_bytes_stays_within_memory(
    served: ServiceProcess, size: tuple[int, int], kind: str, progressive: bool
) -> None:
    """The byte limit lets any number of pixels in where they pack well: the pixel limit has to hold."""
    data = io.BytesIO()
    Image.new("1" if kind == "bmp" else "RGB", size, 1).save(data, kind, progressive=progressive)
    assert data.tell() < 14 * 1024 * 1024
    answer = served.http.post("/face/v1.2/detect?returnFaceId=false", content=data.getvalue(), headers=OCTETS)
    assert answer.status_code in {200, 400}, answer.text
    assert served.peak_megabytes() < MAX_MEGABYTES
