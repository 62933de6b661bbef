"""What goes wrong around a session: each has a text that says what to do, and the promise tells the page."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from shared.people.session_tokens import SessionTokens
from shared.store.live_ring import LiveRing
from tests.browser import films
from tests.browser.conftest import CAMERA_FLAGS, Served
from tests.browser.owner import Check, Site

Contexts = Callable[..., BrowserContext]


def rejected(check: Check) -> str:
    """Why, as the promise says."""
    outcome = check.outcome()
    assert outcome.get("error", {}).get("recognitionError") == "None", outcome
    return str(outcome["error"]["livenessError"])


def shown(check: Check, *texts: str) -> None:
    for text in texts:
        expect(check.page.get_by_text(text, exact=True)).to_be_visible()


def test_what_is_no_token_is_told_at_once(context: Contexts, owner_site: Site) -> None:
    check = owner_site.open(context(*CAMERA_FLAGS))
    for token in ("", "nonsense", "a.b.c", "e30.e30.e30"):
        check.start(token)
        assert rejected(check) == "InvalidToken"
        shown(check, "This check has expired", "Go back and begin a new one.")


@pytest.mark.slow
def test_expired_token(real: BrowserContext, owner_site: Site, served: Served, key_ring_file: Path) -> None:
    """One of the service's own, by its key ring, but of yesterday."""
    session, now = served.session(), datetime.now(UTC)
    tokens = SessionTokens(LiveRing.of_file(key_ring_file), "", lambda: now)
    born, expires = now - timedelta(days=1), now - timedelta(hours=23)
    check = owner_site.open(real)
    check.start(tokens.issue("detectLiveness", session["sessionId"], served.url, born, expires), skipInstructions=True)
    assert rejected(check) == "InvalidToken"
    shown(check, "This check has expired")


def test_token_of_a_deleted_session(real: BrowserContext, owner_site: Site, served: Served) -> None:
    session = served.session()
    assert served.http.delete(f"/face/v1.2/detectLiveness-sessions/{session['sessionId']}").status_code == 204
    check = owner_site.open(real)
    check.start(session["authToken"], skipInstructions=True)
    assert rejected(check) == "InvalidToken"


def test_refused_camera_says_where_to_allow_it_and_can_be_tried_again(
    context: Contexts, owner_site: Site, served: Served
) -> None:
    check = owner_site.open(context("--use-fake-device-for-media-stream", "--deny-permission-prompts"))
    check.start(served.session()["authToken"], skipInstructions=True)
    shown(check, "The camera may not be used", "Allow it in the settings of your browser, then try again.")
    check.press("Try again")
    check.wait_for("failed", "CameraPermissionDenied")
    check.press("Close")
    assert rejected(check) == "CameraPermissionDenied"
    shown(check, "The camera may not be used")
    expect(check.page.get_by_role("button")).to_have_count(0)  # one that does nothing would only puzzle


def test_no_camera(context: Contexts, owner_site: Site, served: Served) -> None:
    check = owner_site.open(context("--use-fake-device-for-media-stream=device-count=0", CAMERA_FLAGS[1]))
    check.start(served.session()["authToken"], skipInstructions=True)
    shown(check, "No camera was found", "Connect a camera, or use another device.")
    check.press("Close")
    assert rejected(check) == "CameraStartupFailure"


def test_page_without_tls(context: Contexts, served: Served) -> None:
    port = served.url.rpartition(":")[2]
    page = context(*CAMERA_FLAGS).new_page()
    page.goto(f"http://face.test:{port}/liveness")
    told = page.evaluate(
        """async (token) => {
          const element = document.createElement("azure-ai-vision-face-ui");
          element.skipInstructions = true;
          document.body.append(element);
          return element.start(token).catch((error) => error.livenessError);
        }""",
        served.session()["authToken"],
    )
    assert told == "CameraStartupFailure"
    expect(page.get_by_text("Open the page at an address that begins with https.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()


def test_camera_that_is_taken_away(real: BrowserContext, owner_site: Site, served: Served) -> None:
    check = owner_site.open(real)
    check.start(served.session()["authToken"], skipInstructions=True)
    check.wait_for("placing")
    check.page.locator("video").evaluate("(video) => video.srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    shown(check, "The camera does not start")
    check.press("Close")
    assert rejected(check) == "CameraStartupFailure"


@pytest.mark.slow
def test_lost_network_is_told_and_the_check_goes_on_when_it_is_back(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    session = served.session()
    check = owner_site.open(real)
    check.start(session["authToken"])
    real.set_offline(True)
    check.press("Continue")
    shown(check, "No connection", "Check your connection to the internet, then try again.")
    real.set_offline(False)
    check.press("Try again")
    assert check.outcome()["success"]["livenessStatus"] == "ResultQueryableFromService"
    assert served.result(session)["results"]["attempts"][0]["attemptStatus"] == "Succeeded"


def test_network_that_stays_away_is_what_the_promise_says(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    check = owner_site.open(real)
    check.start(served.session()["authToken"])
    real.set_offline(True)
    check.press("Continue")
    check.press("Close")
    assert rejected(check) == "ServerRequestTimedOut"


def losing(context: BrowserContext, count: int) -> list[dict[str, Any]]:
    """What the service answers to frames, of which the page does not hear the first ones."""
    answered: list[dict[str, Any]] = []

    def lose(route: Route) -> None:
        answer = route.fetch()
        answered.append(answer.json())
        if len(answered) <= count:
            route.abort()
        else:
            route.fulfill(response=answer)

    context.route("**/session/attempt/end", lose)
    return answered


@pytest.mark.slow
def test_guidance_of_a_service_that_is_overloaded_is_asked_for_again_when_it_says(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    asked: list[float] = []

    def overloaded(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) > 2:
            route.continue_()
            return
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
        body = '{"error": {"code": "ServiceUnavailable", "message": "Try again later."}}'
        route.fulfill(status=503, headers={**headers, "Retry-After": "1"}, content_type="application/json", body=body)

    real.route("**/session/guide", overloaded)
    session, check = served.session(), owner_site.open(real)
    check.start(session["authToken"], skipInstructions=True)
    assert check.outcome()["success"]["livenessStatus"] == "ResultQueryableFromService"
    assert asked[2] - asked[0] >= 2


@pytest.mark.slow
def test_answer_that_is_lost_on_its_way_does_not_lose_the_verdict(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    """The service has judged, the page does not hear it and sends again."""
    session, answered = served.session(), losing(real, 1)
    check = owner_site.open(real)
    check.start(session["authToken"], skipInstructions=True)
    success = check.outcome()["success"]
    (attempt,) = served.result(session)["results"]["attempts"]
    assert answered[0] == answered[1]
    assert (success["digest"], attempt["result"]["livenessDecision"]) == (attempt["result"]["digest"], "realface")


@pytest.mark.slow
def test_reason_that_is_lost_on_its_way_is_told_when_the_person_tries_again_and_never_as_a_verdict(
    watched: Contexts, film: Callable[..., Path], owner_site: Site, served: Served
) -> None:
    """The last attempt: when its answer comes at last, the session has long been over."""
    session, context = served.session("v1.3-preview.1", numberOfClientAttemptsAllowed=1), watched(film(films.swap))
    answered = losing(context, 4)
    check = owner_site.open(context)
    check.start(session["authToken"], skipInstructions=True)
    shown(check, "No connection")
    check.press("Try again")
    assert rejected(check) == "FaceTrackingFailed"
    assert answered[0]["error"]["code"] == "FaceTrackingFailed"
    assert answered == [answered[0]] * 5


def test_person_may_cancel_before_the_camera_is_on(context: Contexts, owner_site: Site, served: Served) -> None:
    session = served.session()
    check = owner_site.open(context(*CAMERA_FLAGS))
    check.start(session["authToken"])
    check.press("Cancel")
    assert rejected(check) == "UserCanceledSession"
    assert "starting" not in [state for state, _ in check.states()]
    assert served.result(session)["status"] == "NotStarted"


def test_cancelled_attempt_is_cancelled_at_the_service_too(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    session = served.session()
    check = owner_site.open(real)
    check.start(session["authToken"], skipInstructions=True)
    check.wait_for("capturing")
    check.press("Cancel")
    assert rejected(check) == "UserCanceledSession"
    assert served.result(session)["results"]["attempts"][0]["attemptStatus"] == "Canceled"
    assert check.page.locator("video").evaluate("(video) => video.srcObject === null")


@pytest.mark.slow
def test_element_made_anew_goes_on_with_the_open_attempt(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    """As frameworks do that mount a component twice."""
    session = served.session()
    check = owner_site.open(real)
    check.start(session["authToken"], skipInstructions=True)
    check.wait_for("capturing")
    check.page.evaluate("() => document.querySelector('azure-ai-vision-face-ui').remove()")
    assert rejected(check) == "UserCanceledSession"
    check.start(session["authToken"], skipInstructions=True)
    assert "success" in check.outcome()
    assert [attempt["attemptId"] for attempt in served.result(session)["results"]["attempts"]] == [1]


@pytest.mark.slow
def test_session_that_leaves_the_device_id_to_the_client(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    made: dict[str, Any] = served.http.post(
        "/face/v1.1-preview.1/detectLiveness/singleModal/sessions",
        json={"livenessOperationMode": "Passive", "deviceCorrelationIdSetInClient": True, "sendResultsToClient": True},
    ).json()
    check = owner_site.open(real)
    check.start(made["authToken"], skipInstructions=True, deviceCorrelationId="a-device-of-the-page")
    assert check.outcome()["success"]["livenessStatus"] == "RealFace"
    told = served.http.get(f"/face/v1.1-preview.1/detectLiveness/singleModal/sessions/{made['sessionId']}").json()
    assert told["deviceCorrelationId"] == "a-device-of-the-page"
