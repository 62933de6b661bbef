"""What the component says, in which language."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import CAMERA_FLAGS, Served
from tests.browser.owner import Site

ROOT = Path(__file__).parents[2]
UI = ROOT / "functions" / "web" / "face-ui"
LOCALES = ("de", "en", "es", "fr", "pt")
PROTOCOL = (ROOT / "docs" / "liveness-protocol.md").read_text(encoding="utf-8")


def table(locale: str) -> dict[str, str]:
    return dict(
        re.findall(r"^  (\w+): \"(.*)\",$", (UI / f"texts-{locale}.js").read_text(encoding="utf-8"), re.MULTILINE)
    )


def codes(section: str) -> list[str]:
    """First column of the table that follows a line which begins so."""
    rows = PROTOCOL.partition(section)[2].partition("\n\n|")[2].partition("\n\n")[0]
    found = re.findall(r"^\|? ?`(\w+)` \|", rows, re.MULTILINE)
    assert found
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_says_all_of_it(locale: str) -> None:
    english, own = table("en"), table(locale)
    assert list(own) == list(english)
    holes = {key: re.findall(r"{\w+}", text) for key, text in own.items()}
    assert holes == {key: re.findall(r"{\w+}", text) for key, text in english.items()}


def test_every_hint_movement_and_reason_of_the_protocol_has_its_text() -> None:
    reasons = codes("## Reasons")
    assert len(reasons) == 22
    known = set(table("en"))
    assert {*codes("important first:"), *codes("with the attempt.")} <= known
    assert {*reasons, *(f"{reason}Advice" for reason in reasons)} <= known
    listed = (UI / "outcome.js").read_text(encoding="utf-8").partition("LivenessError = names(")[2].partition("\n\n")[0]
    assert re.findall(r"\"(\w+)\"", listed) == reasons


@pytest.mark.parametrize(
    ("page", "locale", "button", "lang"),
    [
        ("de", "", "Weiter", "de"),
        ("de-AT", "fr-CA", "Continuer", "fr"),
        ("xx", "", "Continue", "en"),
        ("de", "tlh", "Continue", "en"),
    ],
)
def test_language_is_the_one_asked_for_else_the_pages_else_english(
    page: str,
    locale: str,
    button: str,
    lang: str,
    context: Callable[..., BrowserContext],
    owner_site: Site,
    served: Served,
) -> None:
    check = owner_site.open(context(*CAMERA_FLAGS), lang=page)
    check.start(served.session()["authToken"], locale=locale)
    expect(check.page.get_by_role("button", name=button, exact=True)).to_be_visible()
    assert check.page.get_by_role("group").get_attribute("lang") == lang


@pytest.mark.parametrize("form", [dict, json.dumps], ids=["object", "JSON"])
def test_page_may_bring_texts_under_our_names_or_microsofts(
    form: Callable[[Any], Any], context: Callable[..., BrowserContext], owner_site: Site, served: Served
) -> None:
    texts = {"Title": "بررسی چهره", "Continue": "ادامه", "Tip2": "<img src=x onerror=alert(1)>"}
    check = owner_site.open(context(*CAMERA_FLAGS))
    check.start(served.session()["authToken"], locale="fa", languageDictionary=form(texts))
    card = check.page.get_by_role("group", name="بررسی چهره")
    expect(card.get_by_role("button", name="ادامه")).to_be_visible()
    expect(card.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()  # a text, never markup
    assert (card.get_attribute("lang"), card.get_attribute("dir")) == ("fa", "rtl")


def test_page_may_set_how_it_looks(context: Callable[..., BrowserContext], owner_site: Site, served: Served) -> None:
    """By the properties of Microsoft's client, under a policy that allows no inline style."""
    check = owner_site.open(context(*CAMERA_FLAGS))
    looks = {"fontSize": "30px", "fontFamily": "serif", "buttonStyles": "background: rgb(1, 2, 3); border-radius: 0"}
    check.start(served.session()["authToken"], **looks)
    style = check.page.get_by_role("button", name="Continue").evaluate(
        "(one) => { const {backgroundColor, fontSize, fontFamily} = getComputedStyle(one); "
        "return [backgroundColor, fontSize, fontFamily]; }"
    )
    assert style == ["rgb(1, 2, 3)", "30px", "serif"]
    assert check.blocked == []
