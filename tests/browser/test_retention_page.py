"""The page that shows what is kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import PHONE, Served
from tests.browser.test_accessibility import readable


@pytest.mark.slow
def test_owner_sees_what_is_kept_and_why_not(context: Callable[..., BrowserContext], served: Served) -> None:
    page = context(**PHONE).new_page()
    page.goto(f"{served.url}/retention")
    page.get_by_label("Key").fill("a-key-that-is-none-0123")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("Access denied")
    page.get_by_label("Key").fill(served.key)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("overdue", ignore_case=True)
    expect(page.get_by_role("row", name="livenessSessions 48 hours")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    readable(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
