"""Whole sessions: who or what is in front of the camera, what the page is promised and what the owner is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import films
from tests.browser.conftest import PHONE, Served
from tests.browser.owner import Check, Site
from tests.faces import ROOT as PICTURES

Contexts = Callable[..., BrowserContext]
Films = Callable[..., Path]


def attempts(served: Served, session: dict[str, Any]) -> list[dict[str, Any]]:
    """As the owner is told, the newest first."""
    found: list[dict[str, Any]] = served.result(session)["results"]["attempts"]
    return found


def performed(site: Site, context: BrowserContext, session: dict[str, Any]) -> Check:
    check = site.open(context)
    check.start(session["authToken"])
    check.press("Continue")
    return check


def test_real_face_on_a_phone(watched: Contexts, film: Films, owner_site: Site, served: Served) -> None:
    """The verdict is the owner's; page and service agree by the digest on what was sent."""
    session = served.session()
    check = performed(owner_site, watched(film(films.somebody, films.PERSON), **PHONE), session)
    success = check.outcome()["success"]
    (attempt,) = attempts(served, session)
    assert attempt["result"]["livenessDecision"] == "realface"
    assert success == {
        "livenessStatus": "ResultQueryableFromService",
        "recognitionResult": {"status": "ResultQueryableFromService"},
        "resultId": session["sessionId"],
        "digest": attempt["result"]["digest"],
    }
    states = [state for state, _ in check.states()]
    assert list(dict.fromkeys(states)) == ["introduction", "starting", "placing", "capturing", "checking", "done"]
    expect(check.page.get_by_role("heading", name="Done")).to_be_focused()
    assert check.blocked == []


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param((films.printed,), id="print"),
        pytest.param((films.somebody, films.SCREEN), id="screen", marks=pytest.mark.slow),
    ],
)
def test_attack_is_told_to_the_owner_alone(
    attack: tuple[Any, ...], watched: Contexts, film: Films, owner_site: Site, served: Served
) -> None:
    session = served.session()
    check = performed(owner_site, watched(film(*attack)), session)
    assert check.outcome()["success"]["livenessStatus"] == "ResultQueryableFromService"
    assert attempts(served, session)[0]["result"]["livenessDecision"] == "spoofface"


@pytest.mark.parametrize(
    ("scene", "code", "text"),
    [
        (films.two_people, "MultipleFaceFound", "Make sure that nobody else is in the picture."),
        (films.nobody, "NoFaceDetected", "Bring your face into the oval and keep it there."),
        (films.swap, "FaceTrackingFailed", "Stay in the picture and move slowly."),
    ],
    ids=["two faces", "nobody", "another face from the middle on"],
)
def test_what_cannot_be_judged_is_told_to_the_person_with_what_to_do(
    scene: Any, code: str, text: str, watched: Contexts, film: Films, owner_site: Site, served: Served
) -> None:
    session = served.session()
    check = owner_site.open(watched(film(scene)))
    check.page.clock.install()
    check.start(session["authToken"], skipInstructions=True)
    if scene is not films.swap:  # the guide does not let it begin by itself
        check.wait_for("placing")
        check.page.clock.fast_forward(13_000)
        check.press("Start anyway")
    expect(check.page.get_by_text(text)).to_be_visible()
    expect(check.page.get_by_text("Attempts left: 2")).to_be_visible()
    check.press("Close")
    assert check.outcome()["error"]["livenessError"] == code
    (attempt,) = attempts(served, session)
    assert (attempt["attemptStatus"], attempt["error"]["code"]) == ("Failed", code)


def test_demonstration_page_compares_with_a_picture_and_leaves_no_session(real: BrowserContext, served: Served) -> None:
    page = real.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{served.url}/liveness")
    page.get_by_label("Key").fill(served.key)
    page.get_by_label("Picture to compare with").set_input_files(PICTURES / films.SAME_PERSON)
    page.get_by_role("button", name="Start").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        page.get_by_role("button", name="Continue").click()
    assert deleted.value.status == 204
    expect(page.get_by_role("heading", name="A real face")).to_be_focused()
    facts = page.locator("dl").inner_text()
    assert "Same person\nyes" in facts
    assert "the page's and the service's agree" in facts
    assert said == []


def test_demonstration_page_shows_what_a_wrong_key_is_answered(real: BrowserContext, served: Served) -> None:
    page = real.new_page()
    page.goto(f"{served.url}/liveness")
    page.get_by_label("Key").fill("not-the-key-of-this-service")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("Access denied")


def of_microsofts_client(site: Site, context: BrowserContext, session: dict[str, Any], button: str) -> Any:
    """What a page is told that imports @azure/ai-vision-face-ui by its name, which an import map leads here, when the
    person presses that button."""
    page = context.new_page()
    page.goto(f"{site.url}/microsoft")
    page.wait_for_function("() => window.run")
    page.evaluate("(token) => { window.told = window.run(token); }", session["authToken"])
    page.get_by_role("button", name=button).click()
    return page.evaluate("() => window.told")


def test_page_written_for_microsofts_client_is_told_of_a_failure_as_by_that(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    told = of_microsofts_client(owner_site, real, served.session(), "Cancel")
    assert told == {"liveness": "UserCanceledSession", "recognition": "None"}


@pytest.mark.slow
def test_page_written_for_microsofts_client_works_with_another_address(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    session = served.session()
    told = of_microsofts_client(owner_site, real, session, "Continue")
    (attempt,) = attempts(served, session)
    assert told == {
        "isQueryable": True,
        "recognition": "ResultQueryableFromService",
        "digest": attempt["result"]["digest"],
        "resultId": session["sessionId"],
    }
