"""What a client of a liveness session may try, and is refused, with its reason and nothing stored of it."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from shared.people.liveness_attempts import MOST_REFUSED
from tests import captures
from tests.contract.conftest import KEY, Service
from tests.contract.performing import STEP, Client, digest, refusal, times
from tests.contract.stored import Account
from tests.contract.test_liveness_capture import MAN, NEWEST, REAL, SCREEN, WOMAN, filmed, session, state
from tests.contract.test_liveness_sessions import url
from tests.engine.test_liveness_video import encoded, recorded

OVER, TOO_LATE = (401, "401"), (409, "AttemptNotOpen")


@pytest.fixture
def account(storage: str) -> Account:
    return Account(storage)


def begun(service: Service, **more: Any) -> tuple[Client, Any, str]:
    """A client with an attempt whose time has come, its session, its nonce."""
    made = session(service, **{"numberOfClientAttemptsAllowed": 3, "enableSessionImage": True} | more)
    client = Client(service, made["authToken"])
    nonce = client.start()["nonce"]
    service.clock.advance(len(REAL) * STEP / 1000)
    return client, made, nonce


def code(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.json()["attemptStatus"] == "Failed"
    return str(answer.json()["error"]["code"])


def kept(account: Account, made: Any, secrets: tuple[bytes, ...]) -> bool:
    """Whether anything of these frames is anywhere in the storage account, or any picture of the session."""
    everything = b"".join(account.contents().values())
    pieces = [frame[start : start + 24] for frame in secrets for start in (64, len(frame) // 2, len(frame) - 64)]
    return any(piece in everything for piece in pieces) or bool(account.blobs(made["sessionId"]))


def test_token_of_another_session_does_not_open_an_attempt(service: Service, account: Account) -> None:
    client, _, nonce = begun(service)
    other, _, other_nonce = begun(service)
    before = account.contents()
    assert refusal(other.send(nonce, REAL)) == TOO_LATE
    assert refusal(client.send(other_nonce, REAL)) == TOO_LATE
    assert account.contents() == before


def test_token_is_useless_once_it_has_expired_or_its_session_is_deleted(service: Service, account: Account) -> None:
    client, made, nonce = begun(service, authTokenTimeToLiveInSeconds=60)
    service.clock.advance(60)
    before = account.contents()
    octets = {"Content-Type": "application/octet-stream"}

    def refused() -> set[tuple[int, str]]:
        guided = client.post("session/guide", content=REAL[0], headers=octets)
        return {refusal(answer) for answer in (client.post("session/start", json={}), client.send(nonce, REAL), guided)}

    assert refused() == {OVER}
    assert account.contents() == before
    client, made, nonce = begun(service)
    service.http.delete(url(NEWEST, "detectLiveness", made["sessionId"])).raise_for_status()
    before = account.contents()
    assert refused() == {OVER}
    assert account.contents() == before
    assert not kept(account, made, REAL)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic Zm9vOmJhcg==", KEY])
def test_nothing_but_a_session_token_opens_the_routes_of_clients(service: Service, header: str) -> None:
    with httpx.Client(base_url=service.url, headers={"Ocp-Apim-Subscription-Key": service.key}) as owner:
        for path in ("start", "guide", "attempt/end"):
            answer = owner.post(f"/face/v1.2/session/{path}", json={}, headers={"Authorization": header})
            assert refusal(answer) == OVER


def test_token_opens_no_route_but_those_of_clients(service: Service) -> None:
    client, made, _ = begun(service)
    files = [("frame", ("f", frame, "image/jpeg")) for frame in REAL]
    assert refusal(client.post("detectLiveness/singleModal", files=files)) == OVER
    assert refusal(client.post("detectLiveness-sessions", json={})) == OVER
    with httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {made['authToken']}"}) as http:
        assert refusal(http.get(url(NEWEST, "detectLiveness", made["sessionId"]))) == OVER
        assert refusal(http.get(f"/face/{NEWEST}/settings")) == OVER


def test_no_attempt_beyond_the_limit_nor_a_second_ending_of_one(service: Service) -> None:
    client, made, nonce = begun(service, numberOfClientAttemptsAllowed=2)
    assert code(client.send(nonce, REAL, signed="0" * 64)) == "FramesAltered"
    assert code(client.send(nonce, REAL)) == "FramesAltered"  # what was told before
    assert refusal(client.send(nonce, SCREEN)) == TOO_LATE
    assert code(client.send(client.start()["nonce"], SCREEN)) == "CaptureTimeImplausible"
    assert refusal(client.post("session/start", json={})) == OVER
    assert refusal(client.send(nonce, SCREEN)) == OVER
    assert len(state(service, made)["results"]["attempts"]) == 2


def recompressed(frame: bytes) -> bytes:
    data = io.BytesIO()
    Image.open(io.BytesIO(frame)).resize((400, 533)).save(data, "JPEG", quality=70)
    return data.getvalue()


def test_frames_of_an_earlier_attempt_are_refused_also_when_they_were_compressed_anew(service: Service) -> None:
    """Also those that were not judged: whoever signs them better the second time has them still."""
    client, made, nonce = begun(service)
    assert code(client.send(nonce, REAL, signed="0" * 64)) == "FramesAltered"
    for again in (REAL[3:] + REAL[:3], tuple(map(recompressed, REAL))):
        nonce = client.start()["nonce"]
        service.clock.advance(2)
        assert code(client.send(nonce, again)) == "FramesReplayed"
    assert state(service, made)["status"] == "Failed"


REVERSED = list(reversed(times(REAL)))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (REVERSED, "FramesOutOfOrder"),
        ([0, *times(REAL)[:-1]], "FramesOutOfOrder"),
        ([at // 15 for at in times(REAL)], "CaptureTimeImplausible"),
        ([at + 5000 for at in times(REAL)], "CaptureTimeImplausible"),
    ],
    ids=["backwards", "twice", "too short", "from the future"],
)
def test_times_that_no_capture_has_are_refused(
    service: Service, account: Account, at: list[int], expected: str
) -> None:
    client, made, nonce = begun(service)
    assert code(client.send(nonce, REAL, at)) == expected
    (attempt,) = state(service, made)["results"]["attempts"]
    assert attempt["error"]["code"] == expected
    assert not kept(account, made, REAL)


def test_frames_in_another_order_than_the_digest_has_are_refused(service: Service, account: Account) -> None:
    client, made, nonce = begun(service)
    signed = digest(nonce, zip(times(REAL), REAL, strict=True))
    assert code(client.send(nonce, REAL[::-1], signed=signed)) == "FramesAltered"
    nonce = client.start()["nonce"]
    service.clock.advance(2)
    assert code(client.send(nonce, REAL, signed=signed)) == "FramesAltered"  # of the attempt before
    assert not kept(account, made, REAL)


def test_two_persons_one_after_the_other_are_refused(service: Service, account: Account) -> None:
    client, made, nonce = begun(service)
    mixed = REAL[:5] + captures.frames(MAN)[5:]
    assert code(client.send(nonce, mixed)) == "FaceTrackingFailed"
    assert not kept(account, made, mixed)


def test_one_still_picture_again_and_again_is_refused(service: Service, account: Account) -> None:
    client, made, nonce = begun(service)
    shown = captures.subject(WOMAN)
    stills = tuple(shown.frame(captures.Stance(), 1, noise=0.0, quality=80 + at) for at in range(10))
    assert len(set(stills)) == 10
    assert code(client.send(nonce, stills)) == "NoMotionDetected"
    assert not kept(account, made, stills)


@pytest.mark.parametrize(("form", "codec"), [("webm", "libvpx"), ("mp4", "h264")])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_video_that_ends_early_changes_nothing(
    service: Service, account: Account, form: str, codec: str, share: float
) -> None:
    client, made, _ = begun(service)
    whole = recorded(form, codec)
    cut = whole[: int(len(whole) * share)]
    assert refusal(filmed(client, cut)) == (400, "InvalidImage")
    (attempt,) = state(service, made)["results"]["attempts"]
    assert attempt == {"attemptId": 1, "attemptStatus": "Running", "clientInformation": attempt["clientInformation"]}
    assert not kept(account, made, (cut,))


def test_video_of_one_still_picture_is_refused(service: Service, account: Account) -> None:
    client, made, _ = begun(service)
    image = Image.open(io.BytesIO(REAL[0]))
    video = encoded("webm", "libvpx", 5, [image] * 9)
    assert code(filmed(client, video)) == "NoMotionDetected"
    assert not kept(account, made, (video,))


def test_hundred_megabytes_are_refused_before_they_are_looked_at(service: Service, account: Account) -> None:
    client, _, nonce = begun(service)
    before = account.contents()
    whole = client.send(nonce, [b"\xff\xd8\xff" + bytes(100_000_000)], at=[0])
    assert refusal(whole) == (400, "InvalidImageSize")
    form = {"Content-Type": "multipart/form-data"}
    more = client.post("session/attempt/end", content=bytes(110_000_000), headers=form)
    assert more.status_code == 413
    one = client.send(nonce, [b"\xff\xd8\xff" + bytes(1_100_000), *REAL[1:]])
    assert refusal(one) == (400, "InvalidImageSize")
    assert account.contents() == before
    assert client.send(nonce, REAL).json()["attemptStatus"] == "Succeeded"  # the attempt was open all the time


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (REAL[:7], "InvalidRequestBody"),
        (REAL + REAL + REAL[:5], "InvalidRequestBody"),
        ((*REAL[:9], b"GIF89a" + bytes(2000)), "InvalidImage"),
    ],
    ids=["few", "many", "no JPEG"],
)
def test_frames_that_do_not_fit_change_nothing(
    service: Service, account: Account, frames: tuple[bytes, ...], expected: str
) -> None:
    client, _, nonce = begun(service)
    before = account.contents()
    assert refusal(client.send(nonce, frames)) == (400, expected)
    assert account.contents() == before


NO_PICTURE = b"\xff\xd8\xff" + bytes(1000)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (NO_PICTURE, "InvalidImage"),
        (REAL[9][:2000], "InvalidImage"),
        (captures.subject(WOMAN, (300, 400)).frame(captures.Stance(), 1), "InvalidImageSize"),
    ],
    ids=["no picture", "cut off", "small"],
)
def test_attempt_is_open_after_a_picture_that_does_not_do(service: Service, last: bytes, expected: str) -> None:
    client, made, nonce = begun(service)
    assert refusal(client.send(nonce, (*REAL[:9], last))) == (400, expected)
    found = state(service, made)
    assert (found["status"], len(found["results"]["attempts"])) == ("Running", 1)
    assert client.start()["nonce"] == nonce


def test_pictures_that_do_not_do_are_looked_at_five_times_and_no_more(service: Service) -> None:
    client, made, nonce = begun(service)
    for _ in range(MOST_REFUSED):
        assert state(service, made)["results"]["attempts"][0]["attemptStatus"] == "Running"
        assert refusal(client.send(nonce, (*REAL[:9], NO_PICTURE))) == (400, "InvalidImage")
    (attempt,) = state(service, made)["results"]["attempts"]
    assert (attempt["attemptStatus"], attempt["error"]["code"]) == ("Failed", "UnexpectedClientError")
    assert refusal(client.send(nonce, REAL)) == TOO_LATE
    assert client.start()["attemptId"] == 2


@pytest.mark.parametrize(
    "notes",
    ["", "{", "[]", '{"nonce": 7, "digest": ""}', '{"digest": ""}', '{"nonce": "x", "digest": "", "times": [-1]}'],
)
def test_malformed_notes_are_refused(service: Service, notes: str) -> None:
    client, _, _ = begun(service)
    files = [("frame", ("f", frame, "image/jpeg")) for frame in REAL]
    answer = client.post("session/attempt/end", data={"capture": notes}, files=files)
    assert refusal(answer) == (400, "InvalidRequestBody")


def test_picture_of_whom_to_expect_is_not_the_clients_to_send(service: Service) -> None:
    client, _, nonce = begun(service)
    answer = client.send(nonce, REAL, files=[("verifyImage", ("f", REAL[0], "image/jpeg"))])
    assert refusal(answer) == (400, "InvalidRequestBody")


def test_verdict_in_the_table_cannot_be_written_by_hand(service: Service) -> None:
    client, made, nonce = begun(service)
    client.send(nonce, SCREEN)
    table = service.tables.table("sessions")
    row = table.get("detectLiveness", made["sessionId"])
    assert row
    assert b"spoofface" not in row["attempts"]
    other, real, real_nonce = begun(service)
    other.send(real_nonce, REAL)
    bought = table.get("detectLiveness", real["sessionId"])
    assert bought
    table.put([{**row, "attempts": bought["attempts"]}])
    assert refusal(service.http.get(url(NEWEST, "detectLiveness", made["sessionId"]))) == (404, "SessionNotFound")
