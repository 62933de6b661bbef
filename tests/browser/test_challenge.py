"""PassiveActive: somebody moves as asked, or otherwise. The movements are drawn by the service, anew each time."""

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import films
from tests.browser.conftest import CAMERA_FLAGS, Served
from tests.browser.owner import Check, Site

PERSON = (Path(__file__).parent / "site" / "person.js").read_text(encoding="utf-8")
MOVES = {"TurnLeft", "TurnRight", "LookUp", "MoveCloser"}

Contexts = Callable[..., BrowserContext]


@cache
def poses() -> dict[str, list[str]]:
    """For the person of person.js."""
    return {
        move: [base64.b64encode(picture).decode() for picture in pictures] for move, pictures in films.moves().items()
    }


def begun(site: Site, context: BrowserContext, token: str, does: str = "(move) => move") -> Check:
    """The component in front of somebody who, told to make a move, makes the one that `does` says."""
    context.add_init_script(PERSON)
    check = site.open(context)
    check.page.evaluate("(poses) => window.person.load(poses)", poses())
    check.page.evaluate(f"() => {{ window.person.does = {does}; }}")
    check.start(token, skipInstructions=True)
    return check


def test_who_moves_as_asked_is_a_real_face(context: Contexts, owner_site: Site, served: Served) -> None:
    session = served.session(livenessOperationMode="PassiveActive")
    check = begun(owner_site, context(*CAMERA_FLAGS), session["authToken"])
    success = check.outcome()["success"]
    (attempt,) = served.result(session)["results"]["attempts"]
    assert attempt["result"]["livenessDecision"] == "realface"
    assert success["digest"] == attempt["result"]["digest"]
    asked = [code for state, code in check.states() if state == "challenge" and code in MOVES]
    assert len(set(asked)) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "does", ["() => ''", "(move) => move === 'LookUp' ? '' : 'LookUp'"], ids=["nothing", "something else"]
)
def test_who_moves_otherwise_is_told_to_follow_the_instructions(
    does: str, context: Contexts, owner_site: Site, served: Served
) -> None:
    session = served.session(livenessOperationMode="PassiveActive")
    check = begun(owner_site, context(*CAMERA_FLAGS), session["authToken"], does)
    expect(check.page.get_by_text("Follow the instructions one after the other.")).to_be_visible()
    check.press("Close")
    assert check.outcome()["error"]["livenessError"] == "ActionNotPerformed"
    assert served.result(session)["results"]["attempts"][0]["error"]["code"] == "ActionNotPerformed"
