"""Anybody can do it: with a keyboard, by ear, with large text, little contrast vision, or motion turned off."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import films
from tests.browser.conftest import CAMERA_FLAGS, PHONE, Served
from tests.browser.owner import Check, Site

Contexts = Callable[..., BrowserContext]
CONTRAST = (Path(__file__).parent / "site" / "contrast.js").read_text(encoding="utf-8").partition("\n\n")[2]
REFUSED = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")


def contrasts(page: Page) -> dict[str, float]:
    """By the text that shows."""
    found = {text: float(ratio) for text, ratio in page.evaluate(CONTRAST)}
    assert found
    return found


def readable(page: Page) -> None:
    """In a light and in a dark surrounding."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert {text: ratio for text, ratio in contrasts(page).items() if ratio < 4.5} == {}, scheme


def focused(page: Page) -> str:
    """What the focus is on, by its name."""
    return str(
        page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              return at.labels?.[0]?.textContent.trim() ?? at.textContent.trim();
            }"""
        )
    )


def tabbed(page: Page, count: int) -> list[str]:
    names = []
    for _ in range(count):
        page.keyboard.press("Tab")
        names.append(focused(page))
    return names


@pytest.mark.slow
def test_every_text_of_a_check_can_be_read(real: BrowserContext, owner_site: Site, served: Served) -> None:
    session = served.session()
    check = owner_site.open(real)
    check.start(session["authToken"])
    readable(check.page)
    check.press("Continue")
    for state in ("placing", "capturing", "done"):
        check.wait_for(state)
        readable(check.page)


@pytest.mark.slow
def test_every_text_of_a_failure_and_of_the_page_can_be_read(
    context: Contexts, owner_site: Site, served: Served
) -> None:
    refused = context(*REFUSED)
    check = owner_site.open(refused)
    check.start(served.session()["authToken"], skipInstructions=True)
    check.wait_for("failed")
    readable(check.page)
    page = refused.new_page()
    page.goto(f"{served.url}/liveness")
    page.get_by_label("Key").fill("not-the-key-of-this-service")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    readable(page)


def test_contrast_of_a_page_that_cannot_be_read_is_noticed(context: Contexts) -> None:
    page = context(*CAMERA_FLAGS).new_page()
    page.set_content(
        "<p style='color: #888; background: #fff'>grey</p><p style='color: #000; background: #fff'>black</p>"
    )
    assert contrasts(page) == {"grey": pytest.approx(3.54, abs=0.01), "black": pytest.approx(21)}


def test_keyboard_alone_begins_a_check_and_cancels_it(real: BrowserContext, served: Served) -> None:
    page = real.new_page()
    page.goto(f"{served.url}/liveness")
    page.get_by_label("Key").focus()
    page.keyboard.type(served.key)
    assert tabbed(page, 3) == ["Passive: look into the camera", "Picture to compare with (optional)", "Start"]
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue").wait_for()
    assert focused(page) == "Face check"
    assert tabbed(page, 2) == ["Continue", "Cancel"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Hold still.").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="No verdict").wait_for()
    assert focused(page) == "No verdict"
    assert tabbed(page, 2) == ["What the service answers its owner", "Another check"]


def test_focus_is_seen_on_every_control(context: Contexts, owner_site: Site, served: Served) -> None:
    check = owner_site.open(context(*CAMERA_FLAGS))
    check.start(served.session()["authToken"])
    for name in ("Continue", "Cancel"):
        check.page.keyboard.press("Tab")
        button = check.page.get_by_role("button", name=name)
        expect(button).to_be_focused()
        assert button.evaluate("(one) => getComputedStyle(one).outlineWidth") == "3px"


def test_screen_reader_hears_what_to_do_and_meets_no_picture(
    real: BrowserContext, owner_site: Site, served: Served
) -> None:
    check = owner_site.open(real)
    check.start(served.session()["authToken"], skipInstructions=True)
    check.wait_for("capturing")
    status = check.page.get_by_role("status")
    expect(status).to_have_text("Hold still.")
    tree = check.page.get_by_role("group", name="Face check").aria_snapshot()
    assert [line.strip().removeprefix("- ") for line in tree.splitlines()][1:] == [
        'heading "Face check" [level=2]',
        "status: Hold still.",
        'button "Cancel"',
    ]


def test_failure_is_read_out_from_its_title_on(context: Contexts, owner_site: Site, served: Served) -> None:
    check = owner_site.open(context(*REFUSED))
    check.start(served.session()["authToken"], skipInstructions=True)
    title = check.page.get_by_role("heading", name="The camera may not be used")
    expect(title).to_be_focused()
    assert tabbed(check.page, 2) == ["Try again", "Close"]


@pytest.mark.parametrize("state", ["introduction", "failed"])
def test_text_twice_as_large_stays_on_a_phones_screen(
    state: str, context: Contexts, owner_site: Site, served: Served
) -> None:
    check = owner_site.open(context(*REFUSED, **PHONE), lang="de")
    check.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    check.start(served.session()["authToken"], skipInstructions=state == "failed")
    check.wait_for(state)
    wide = check.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]


def test_controls_are_large_enough_for_a_finger(context: Contexts, owner_site: Site, served: Served) -> None:
    check = owner_site.open(context(*CAMERA_FLAGS, **PHONE))
    check.start(served.session()["authToken"])
    for button in check.page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def test_nothing_moves_where_motion_is_not_wanted(context: Contexts, owner_site: Site, served: Served) -> None:
    check = owner_site.open(context(*CAMERA_FLAGS, reduced_motion="reduce"))
    check.start(served.session()["authToken"])
    still = check.page.evaluate(
        """() => {
          const root = document.querySelector("azure-ai-vision-face-ui").shadowRoot;
          const style = (selector) => getComputedStyle(root.querySelector(selector));
          return [style(".arrow").animationName, style(".frame").transitionDuration];
        }"""
    )
    assert still == ["none", "0s"]


@pytest.mark.slow
def test_hint_is_not_said_again_while_it_stays_the_same(
    watched: Contexts, film: Callable[..., Path], owner_site: Site, served: Served
) -> None:
    """A screen reader says what is written anew."""
    check: Check = owner_site.open(watched(film(films.nobody)))
    check.start(served.session()["authToken"], skipInstructions=True)
    check.wait_for("placing", "ShowFace")
    written = check.page.get_by_role("status").evaluate(
        """(status) => new Promise((done) => {
          let times = 0;
          const seen = { childList: true, characterData: true, subtree: true };
          new MutationObserver(() => { times += 1; }).observe(status, seen);
          setTimeout(() => done(times), 1500);
        })"""
    )
    assert written == 0
