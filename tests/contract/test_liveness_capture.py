"""Liveness sessions performed over HTTP: real frames, real models, real storage."""

import json
import random
from functools import partial
from typing import Any

import httpx
import pytest

from shared.engine.liveness import Action, challenge, video
from tests import captures
from tests.contract.conformance.exchange import check_answer
from tests.contract.conformance.specification import declared
from tests.contract.conftest import Service
from tests.contract.performing import Client, digest, refusal
from tests.contract.stored import Account
from tests.contract.test_liveness_sessions import (
    BODY,
    LATER,
    LIFE,
    VERIFY,
    VERSIONS,
    error,
    send_form,
    sweep,
    text_parts,
    url,
)
from tests.engine.test_liveness_video import recorded
from tests.faces import ROOT as FACES

LIVENESS, NEWEST, PREVIEW = "detectLiveness", "v1.3-preview.1", "v1.2-preview.1"
WOMAN, MAN, HIM_AGAIN = "deepface/images/img33.jpg", "azure/images/Family2-Man1.jpg", "azure/images/Family2-Man2.jpg"
LIKE_HIM = "azure/images/Family2-Lady1.jpg"
REAL, HIM = captures.frames(WOMAN), captures.frames(MAN)
SCREEN = captures.whole_frames("liveness/images/sf_spoof_image_F2.jpg")
DARK = captures.of(captures.subject(WOMAN), [captures.Stance(light=0.1, shift=(at, 0)) for at in range(8)])


def session(service: Service, version: str = NEWEST, kind: str = LIVENESS, **more: Any) -> Any:
    body = {name: value for name, value in (BODY | more).items() if value is not None}
    answer = service.http.post(url(version, kind), json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def verify_session(service: Service, picture: str, version: str = NEWEST, **more: Any) -> Any:
    data = (FACES / picture).read_bytes()
    answer = send_form(service, version, *text_parts(**more), ("verifyImage", data, '; filename="me.jpg"'))
    assert answer.status_code == 200, answer.text
    return answer.json()


def state(service: Service, made: Any, version: str = NEWEST, kind: str = LIVENESS) -> Any:
    """As its owner sees it, held against the version's own schema."""
    answer = service.http.get(url(version, kind, made["sessionId"]))
    name = "LivenessWithVerify" if kind == VERIFY else "Liveness"
    check_answer(declared(version)[f"LivenessSessionOperations_Get{name}SessionResult"], answer)
    return answer.json()


def audit(service: Service, made: Any, version: str, kind: str = LIVENESS, **query: Any) -> Any:
    answer = service.http.get(f"{url(version, kind, made['sessionId'])}/audit", params=query)
    name = "LivenessWithVerify" if kind == VERIFY else "Liveness"
    check_answer(declared(version)[f"LivenessSessionOperations_Get{name}SessionAuditEntries"], answer)
    return answer.json()


def test_real_face_succeeds_and_the_session_is_over(service: Service) -> None:
    made = session(service, numberOfClientAttemptsAllowed=3)
    client = Client(service, made["authToken"])
    ended = client.perform(REAL)
    assert ended == {"attemptId": 1, "attemptStatus": "Succeeded", "attemptsLeft": 0, "digest": ended["digest"]}
    found = state(service, made)
    assert (found["status"], found["authToken"], found["isAbuseMonitoringEnabled"]) == ("Succeeded", "", False)
    (attempt,) = found["results"]["attempts"]
    assert (attempt["attemptId"], attempt["attemptStatus"]) == (1, "Succeeded")
    assert attempt["clientInformation"] == [{"ip": "127.0.0.1"}]
    assert attempt["result"]["livenessDecision"] == "realface"
    assert attempt["result"]["digest"] == ended["digest"] == ended["digest"].upper()
    box = attempt["result"]["targets"]["color"]["faceRectangle"]
    assert 120 < box["left"] < box["left"] + box["width"] < 360  # the face was put into the middle of 480 pixels
    assert refusal(client.post("session/start", json={})) == (401, "401")


def test_screen_is_a_spoof_which_ends_the_session_as_any_verdict_does_and_the_client_is_not_told(
    service: Service,
) -> None:
    made = session(service, numberOfClientAttemptsAllowed=2)
    client = Client(service, made["authToken"])
    ended = client.perform(SCREEN)
    assert ended == {"attemptId": 1, "attemptStatus": "Succeeded", "attemptsLeft": 0, "digest": ended["digest"]}
    assert refusal(client.post("session/start", json={})) == (401, "401")
    found = state(service, made)
    assert (found["status"], found["authToken"]) == ("Succeeded", "")
    (attempt,) = found["results"]["attempts"]
    assert (attempt["attemptId"], attempt["result"]["livenessDecision"]) == (1, "spoofface")


@VERSIONS
def test_every_version_tells_of_failed_and_finished_attempts_in_its_own_words(service: Service, version: str) -> None:
    made = session(service, "v1.2-preview.1", sendResultsToClient=True, enableSessionImage=True)
    client = Client(service, made["authToken"], version)
    assert state(service, made, version)["status"] == "NotStarted"
    failed = client.perform(DARK)
    assert (failed["attemptStatus"], failed["error"]["code"]) == ("Failed", "EnvironmentNotSupported")
    assert failed["attemptsLeft"] == 2
    ended = client.perform(REAL)
    assert ended["result"] == {"livenessDecision": "realface"}
    found = state(service, made, version)
    if version in LATER:
        latest, first = found["results"]["attempts"]
        assert (found["status"], latest["attemptStatus"], first["attemptStatus"]) == ("Succeeded",) * 2 + ("Failed",)
        assert first["error"] == failed["error"] | {"targets": first["error"]["targets"]}
        assert latest["result"]["sessionImageId"]
        assert ("clientInformation" in latest) == (version == NEWEST)
    else:
        assert (found["status"], found["sessionExpired"]) == ("ResultAvailable", False)
        assert found["sessionStartDateTime"] > found["createdDateTime"] or found["sessionStartDateTime"]
        assert found["result"]["response"]["body"]["livenessDecision"] == "realface"
        assert found["result"]["digest"] == ended["digest"]
        check_audit(service, made, version, found["result"])


def check_audit(service: Service, made: Any, version: str, latest: Any) -> None:
    first, second = audit(service, made, version)
    assert second == latest
    assert audit(service, made, version, start="1") == audit(service, made, version, start=1, top=5) == [second]
    assert audit(service, made, version, top=1) == [first]
    assert first["response"]["body"]["error"]["code"] == "EnvironmentNotSupported"
    assert second["request"]["url"].endswith(f"/face/{version}/session/attempt/end")
    assert second["request"]["contentLength"] > sum(map(len, REAL))
    assert second["request"]["contentType"].startswith("multipart/form-data")
    assert second["response"]["latencyInMilliseconds"] > 0
    target = second["response"]["body"]["target"]
    assert target["fileName"].startswith("frame-")
    assert 0 <= target["timeOffsetWithinFile"] <= 1500
    assert ("sessionImageId" in second) == (version == PREVIEW)


@pytest.mark.parametrize(("picture", "identical"), [(HIM_AGAIN, True), (WOMAN, False)], ids=["himself", "another"])
def test_live_face_is_compared_with_the_picture(service: Service, picture: str, identical: bool) -> None:
    made = verify_session(service, picture, "v1.2", returnVerifyImageHash="true")
    Client(service, made["authToken"], "v1.2").perform(HIM)
    (attempt,) = state(service, made, "v1.2", VERIFY)["results"]["attempts"]
    result = attempt["result"]
    assert result["livenessDecision"] == "realface"
    assert result["verifyResult"]["isIdentical"] is identical
    assert (result["verifyResult"]["matchConfidence"] > 0.5) is identical
    assert len(result["verifyImageHash"]) == 64
    previews = state(service, made, PREVIEW, VERIFY)["result"]
    assert previews["verifyImageHash"] == result["verifyImageHash"]
    body = previews["response"]["body"]["verifyResult"]
    assert body["verifyImage"]["faceRectangle"]["width"] > 0
    assert (body["matchConfidence"], body["isIdentical"]) == tuple(result["verifyResult"].values())


def test_client_brings_the_picture_where_a_preview_session_leaves_it_to_it(service: Service) -> None:
    made = session(service, PREVIEW, VERIFY, sendResultsToClient=True, verifyConfidenceThreshold=0.15)
    client = Client(service, made["authToken"], PREVIEW)
    begun = client.start()
    assert begun["verifyImageRequired"] is True
    service.clock.advance(2)
    assert refusal(client.send(begun["nonce"], HIM)) == (400, "InvalidRequestBody")
    four = (FACES / "azure/images/identification1.jpg").read_bytes()
    nobody = client.send(begun["nonce"], HIM, files=[("verifyImage", ("a", four, "image/jpeg"))])
    assert refusal(nobody) == (400, "InvalidImage")
    data = (FACES / LIKE_HIM).read_bytes()
    ended = client.send(begun["nonce"], HIM, files=[("verifyImage", ("a", data, "image/jpeg"))]).json()
    assert ended["result"]["livenessDecision"] == "realface"
    assert 0.15 < ended["result"]["verifyResult"]["matchConfidence"] < 0.5
    assert ended["result"]["verifyResult"]["isIdentical"] is True  # by the session's own threshold


ASKED = (Action.TURN_LEFT, Action.MOVE_CLOSER, Action.TURN_RIGHT)


def test_challenge_has_to_be_done_in_its_order(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random.SystemRandom, "sample", lambda *_: list(ASKED))
    made = session(service, livenessOperationMode="PassiveActive", numberOfClientAttemptsAllowed=2)
    client = Client(service, made["authToken"])
    shown = captures.subject(WOMAN)
    begun = client.start()
    assert begun["challenge"] == list(ASKED)
    service.clock.advance(5)
    wrong = captures.of(shown, captures.acting(*ASKED[::-1]))
    assert client.send(begun["nonce"], wrong).json()["error"]["code"] == "ActionNotPerformed"
    assert client.perform(captures.of(shown, captures.acting(*ASKED, seed=1), seed=1))["attemptStatus"] == "Succeeded"
    latest, _ = state(service, made)["results"]["attempts"]
    assert latest["result"]["livenessDecision"] == "realface"


def test_challenge_cannot_be_chosen_by_starting_again(service: Service) -> None:
    """24 sequences: without a fresh one for each attempt thirty starts of one attempt would find most of them."""
    made = session(service, livenessOperationMode="PassiveActive", numberOfClientAttemptsAllowed=1)
    client = Client(service, made["authToken"])
    begun = [client.start() for _ in range(4)]
    assert len({(one["nonce"], tuple(one["challenge"]), one["attemptId"]) for one in begun}) == 1
    assert len(set(begun[0]["challenge"])) == 3
    drawn = {challenge.draw() for _ in range(200)}
    assert len(drawn) > 15


@pytest.fixture
def account(storage: str) -> Account:
    return Account(storage)


def test_session_image_is_kept_sealed_found_detected_in_and_gone_with_its_session(
    service: Service, account: Account
) -> None:
    made = session(service, enableSessionImage=True)
    Client(service, made["authToken"]).perform(REAL)
    image_id = state(service, made)["results"]["attempts"][0]["result"]["sessionImageId"]
    assert len(image_id) == 44
    for path in ("v1.2-preview.1/session/sessionImages", "v1.2/sessionImages", f"{NEWEST}/sessionImages"):
        answer = service.http.get(f"/face/{path}/{image_id}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.content in REAL
    blobs = account.blobs(made["sessionId"])
    assert [name.rpartition("/")[2] for name in blobs] == [image_id]
    assert not any(answer.content[start : start + 32] in blob for blob in blobs.values() for start in (0, 5000, 20000))
    check_detection_in(service, image_id)
    deleted = service.http.delete(url(NEWEST, LIVENESS, made["sessionId"]))
    assert deleted.status_code == 204
    assert account.blobs(made["sessionId"]) == {}
    assert error(service.http.get(f"/face/{NEWEST}/sessionImages/{image_id}")) == (404, "SessionImageNotFound")
    gone = service.http.post(f"/face/{NEWEST}/detect", json={"sessionImageId": image_id})
    assert error(gone) == (404, "SessionImageNotFound")


def check_detection_in(service: Service, image_id: str) -> None:
    ask = partial(service.http.post, json={"sessionImageId": image_id}, params={"returnFaceId": "false"})
    for version in (PREVIEW, *LATER):
        answer = ask(f"/face/{version}/detect")
        check_answer(declared(version)["FaceDetectionOperations_DetectFromSessionImageId"], answer)
        assert len(answer.json()) == 1
    assert error(ask("/face/v1.1-preview.1/detect")) == (400, "BadArgument")


def test_session_image_expires_with_its_session_and_the_sweep_removes_it(service: Service, account: Account) -> None:
    made = session(service, "v1.2", enableSessionImage=True)
    Client(service, made["authToken"]).perform(REAL)
    image_id = state(service, made)["results"]["attempts"][0]["result"]["sessionImageId"]
    service.clock.advance(LIFE)
    assert error(service.http.get(f"/face/v1.2/sessionImages/{image_id}")) == (404, "SessionImageNotFound")
    assert account.blobs(made["sessionId"])
    service.clock.advance(420)
    sweep()
    assert account.blobs(made["sessionId"]) == {}


def test_device_correlation_id_is_set_once_by_who_is_to_set_it(service: Service) -> None:
    own = session(service, PREVIEW)
    client = Client(service, own["authToken"])
    for _ in range(2):  # also while an attempt is open
        refused = client.post("session/start", json={"deviceCorrelationId": "x"})
        assert refusal(refused) == (400, "InvalidDeviceCorrelationId")
        client.start()
    made = session(service, PREVIEW, deviceCorrelationId=None, deviceCorrelationIdSetInClient=True)
    client = Client(service, made["authToken"])
    for body in ({}, {"deviceCorrelationId": ""}, {"deviceCorrelationId": "d" * 65}):
        assert refusal(client.post("session/start", json=body)) == (400, "InvalidDeviceCorrelationId")
    assert "sessionStartDateTime" not in state(service, made, PREVIEW)
    client.start(deviceCorrelationId="a-device")
    client.start(deviceCorrelationId="another")
    assert state(service, made, PREVIEW)["deviceCorrelationId"] == "a-device"
    assert state(service, made, PREVIEW)["status"] == "Started"
    page = service.http.get(url(PREVIEW, LIVENESS)).json()
    (listed,) = (one for one in page if one["id"] == made["sessionId"])
    assert listed["deviceCorrelationId"] == "a-device"


def test_user_correlation_id_is_the_clients_to_set_where_the_session_leaves_it_to_it(service: Service) -> None:
    own = Client(service, session(service, userCorrelationId="u")["authToken"])
    left = Client(service, session(service, userCorrelationIdSetInClient=True)["authToken"])
    for client, wrong, right in ((own, {"userCorrelationId": "x"}, {}), (left, {}, {"userCorrelationId": "x"})):
        for _ in range(2):  # also while an attempt is open
            refused = client.post("session/start", json=wrong)
            assert refusal(refused) == (400, "InvalidRequestBody")
            assert "userCorrelationId" in refused.json()["error"]["message"]
            client.start(**right)


def test_attempt_may_be_given_up_and_its_time_may_run_out(service: Service) -> None:
    made = session(service, numberOfClientAttemptsAllowed=3, authTokenTimeToLiveInSeconds=600)
    client = Client(service, made["authToken"])
    first = client.start()
    wrong = {"nonce": first["nonce"], "reason": "Anything"}
    assert refusal(client.post("session/attempt/end", json=wrong)) == (400, "InvalidRequestBody")
    given_up = client.post(
        "session/attempt/end", json={"nonce": first["nonce"], "reason": "UserCanceledSession"}
    ).json()
    assert (given_up["attemptStatus"], given_up["attemptsLeft"]) == ("Canceled", 2)
    assert state(service, made)["status"] == "Running"
    assert client.start()["timeLimitInSeconds"] == 60
    service.clock.advance(59)
    assert client.start()["timeLimitInSeconds"] == 1
    service.clock.advance(1)
    third = client.start()
    assert (third["attemptId"], third["attemptsLeft"]) == (3, 0)
    denied = client.post("session/attempt/end", json={"nonce": third["nonce"], "reason": "CameraPermissionDenied"})
    assert denied.json()["attemptStatus"] == "Failed"
    found = state(service, made)
    assert found["status"] == "Failed"
    codes = [attempt["error"]["code"] for attempt in found["results"]["attempts"]]
    assert codes == ["CameraPermissionDenied", "TimedOut", "UserCanceledSession"]
    assert state(service, made, PREVIEW)["status"] == "Started"  # no frames came, so there is nothing to audit
    assert audit(service, made, PREVIEW) == []


def test_guidance_says_what_to_do_counts_as_nothing_and_stores_nothing(service: Service, account: Account) -> None:
    made = session(service)
    client = Client(service, made["authToken"])
    before = account.contents()
    octets = {"Content-Type": "application/octet-stream"}
    seen = client.post("session/guide", content=REAL[0], headers=octets).json()
    assert (seen["ready"], seen["faces"], seen["hints"]) == (True, 1, [])
    assert set(seen["headPose"]) == {"pitch", "roll", "yaw"}
    shown = captures.subject(WOMAN)
    off = shown.frame(captures.Stance(shift=(-110, 0)), 1)
    aside = client.post("session/guide", content=off, headers=octets).json()
    assert aside["hints"][0] == "Center"
    dark = client.post("session/guide", content=DARK[0], headers=octets).json()
    assert dark["hints"] == ["MoreLight"]
    assert account.contents() == before
    assert state(service, made)["status"] == "NotStarted"
    for data, expected in ((b"no picture", "InvalidImage"), (b"\xff\xd8\xff" + bytes(205_000), "InvalidImageSize")):
        assert refusal(client.post("session/guide", content=data, headers=octets)) == (400, expected)


def test_guidance_is_no_faster_than_it_says(service: Service) -> None:
    client = Client(service, session(service)["authToken"])
    octets = {"Content-Type": "application/octet-stream"}
    answers = [client.post("session/guide", content=b"no picture", headers=octets) for _ in range(11)]
    assert [refusal(answer)[0] for answer in answers] == [400] * 10 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    service.clock.advance(1)
    assert refusal(client.post("session/guide", content=b"no picture", headers=octets))[0] == 400


def filmed(client: Client, video: bytes) -> httpx.Response:
    """An attempt that is ended with a video, signed as it is sent."""
    nonce = client.start()["nonce"]
    notes = json.dumps({"nonce": nonce, "digest": digest(nonce, [(0, video)])})
    return client.post("session/attempt/end", data={"capture": notes}, files={"video": ("v", video, "video/webm")})


def test_video_does_where_there_is_a_decoder(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    made, whole = session(service), recorded("webm", "libvpx")
    client = Client(service, made["authToken"])
    assert client.start()["capture"]["video"] is True
    service.clock.advance(3)
    assert refusal(filmed(client, whole[: len(whole) // 2])) == (400, "InvalidImage")
    assert refusal(filmed(client, b"\x1a\x45\xdf\xa3" + bytes(9_000_000))) == (400, "InvalidImageSize")
    monkeypatch.setattr(video, "find_spec", lambda _: None)
    assert client.start()["capture"]["video"] is False
    assert refusal(filmed(client, whole)) == (415, "BadArgument")
    monkeypatch.undo()
    assert filmed(client, whole).json()["attemptStatus"] == "Succeeded"
    (entry,) = audit(service, made, PREVIEW)
    assert entry["response"]["body"]["target"]["fileName"] == "video.webm"


def test_pages_of_any_origin_may_perform_a_session_and_do_nothing_else(service: Service) -> None:
    client = Client(service, session(service)["authToken"])
    with httpx.Client(base_url=service.url) as page:
        ask = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "POST"}
        for path in ("session/start", "session/guide", "session/attempt/end"):
            answer = page.options(f"/face/v1.2/{path}", headers=ask)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
            assert "Authorization" in answer.headers["access-control-allow-headers"]
        refused = page.post("/face/v1.2/session/start", json={})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")
        assert "access-control-allow-origin" not in page.get("/face/v1.2/detectLiveness-sessions/x").headers
    assert client.post("session/start", json={}).headers["access-control-allow-origin"] == "*"


def test_session_is_performed_only_from_where_it_is_expected(service: Service) -> None:
    made = session(service, expectedClientIpAddress="192.0.2.0/24")
    client = Client(service, made["authToken"], headers={"X-Forwarded-For": "192.0.2.7"})  # the client's own word
    assert refusal(client.post("session/start", json={})) == (403, "ClientAddressNotExpected")
    home = session(service, expectedClientIpAddress="127.0.0.1")
    assert Client(service, home["authToken"]).start()["attemptId"] == 1
    assert state(service, home)["expectedClientIpAddress"] == "127.0.0.1"
    assert "expectedClientIpAddress" not in state(service, home, "v1.2")


def test_abuse_monitoring_cannot_be_turned_on(service: Service) -> None:
    asked = {"livenessAbuseMonitoring": {"enabled": True}}
    assert error(service.http.patch(f"/face/{NEWEST}/settings", json=asked)) == (403, "UnsupportedFeature")
    malformed = {"livenessAbuseMonitoring": {"enabled": "perhaps"}}
    assert error(service.http.patch(f"/face/{NEWEST}/settings", json=malformed)) == (400, "InvalidRequestBody")
    assert service.http.get(f"/face/{NEWEST}/settings").json() == {"livenessAbuseMonitoring": {"enabled": False}}


def check(service: Service, kind: str, frames: tuple[bytes, ...], **more: Any) -> Any:
    files = [("frame", ("f", frame, "image/jpeg")) for frame in frames]
    files += [(name, ("f", data, "image/jpeg")) for name, data in more.items()]
    return service.http.post(f"/face/v1.2/{kind}/singleModal", files=files)


def test_check_without_a_session_judges_and_keeps_nothing(service: Service, account: Account) -> None:
    before = account.contents()
    assert check(service, LIVENESS, REAL).json()["livenessDecision"] == "realface"
    assert check(service, LIVENESS, SCREEN).json()["livenessDecision"] == "spoofface"
    verified = check(service, VERIFY, HIM, verifyImage=(FACES / HIM_AGAIN).read_bytes()).json()
    assert verified["verifyResult"]["isIdentical"] is True
    dark = check(service, LIVENESS, DARK).json()
    assert (dark["error"]["code"], "livenessDecision" in dark) == ("EnvironmentNotSupported", False)
    assert refusal(check(service, VERIFY, HIM)) == (400, "InvalidRequestBody")
    assert refusal(check(service, LIVENESS, HIM[:3])) == (400, "InvalidRequestBody")
    assert account.contents() == before
