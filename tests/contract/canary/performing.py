"""Liveness sessions: made with all that they may be made with, performed, looked at, and some deleted."""

from typing import Any

from tests.contract.canary.caller import Caller
from tests.contract.performing import STEP, Client

SESSIONS, VERIFYING = "detectLiveness-sessions", "detectLivenessWithVerify-sessions"


def begin(caller: Caller) -> None:
    """One that nobody performs, or that somebody without its token tries to."""
    made = _made(caller)
    if made is None:
        return
    wrong = Client(caller, caller.canaries.token(made["authToken"] + caller.text("wrong token"), "session token"))
    assert wrong.post("session/start", json={}).status_code == 401 or caller.away
    right = Client(caller, made["authToken"])
    right.post("session/start", json={"deviceCorrelationId": caller.text("body")})
    right.post("session/guide", files=[("frame", ("frame.jpg", caller.picture(), "image/jpeg"))])
    right.send(caller.text("nonce"), [caller.picture()])
    path = f"{SESSIONS}/{made['sessionId']}"
    caller.call("GET", path)
    if caller.chance.random() < 0.5:
        caller.call("DELETE", path)


def verify(caller: Caller) -> None:
    """With a picture to compare with."""
    form = {"livenessOperationMode": "Passive", "deviceCorrelationId": caller.text("device")}
    files = [("verifyImage", (f"{caller.text('file name')}.jpg", caller.picture(), "image/jpeg"))]
    answer = caller.call("POST", VERIFYING, data=form, files=files)
    if answer.status_code == 200:
        caller.canaries.token(answer.json()["authToken"], "session token")
        caller.call("GET", f"{VERIFYING}/{answer.json()['sessionId']}")


def perform(caller: Caller, frames: list[bytes]) -> None:
    """To a verdict, with a picture kept of it, which is looked at again."""
    made = _made(caller, enableSessionImage=True)
    if made is None:
        return
    client = Client(caller, made["authToken"], headers={"User-Agent": caller.text("user agent")})
    begun = client.start()
    caller.clock.advance(len(frames) * STEP / 1000)
    assert client.send(begun["nonce"], frames).status_code == 200
    (attempt,) = caller.call("GET", f"{SESSIONS}/{made['sessionId']}").json()["results"]["attempts"]
    assert attempt["attemptStatus"] == "Succeeded"
    image = attempt["result"]["sessionImageId"]
    assert caller.call("GET", f"sessionImages/{image}").content in frames
    caller.call("POST", "detect?returnFaceId=false", json={"sessionImageId": image})
    if caller.chance.random() < 0.5:
        caller.call("DELETE", f"{SESSIONS}/{made['sessionId']}")


def check(caller: Caller, frames: list[bytes]) -> None:
    """Without a session."""
    files = [("frame", ("frame.jpg", frame, "image/jpeg")) for frame in frames]
    caller.call("POST", "detectLiveness/singleModal", files=files)


def _made(caller: Caller, **more: Any) -> Any:
    body = {"livenessOperationMode": "Passive", "deviceCorrelationId": caller.text("device"), **more}
    subject = {"x-ownface-subject": caller.text("subject")}
    answer = caller.call("POST", SESSIONS, json=body, headers=subject)
    if answer.status_code != 200:
        return None
    caller.canaries.token(answer.json()["authToken"], "session token")
    return answer.json()


SESSIONS_ASKED = {begin: 3, verify: 2}
