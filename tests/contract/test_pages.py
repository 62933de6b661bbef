"""The web pages and the web component as files: who gets them, what they may do in a browser, what they consist of."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from functions import studio
from shared import services
from shared.services import Services
from tests.contract.conftest import Service

ROOT = Path(__file__).parents[2]
PAGES = (
    "/liveness",
    *(f"/liveness/page/{name}" for name in studio.PAGE_FILES),
    "/retention",
    *(f"/retention/page/{name}" for name in studio.RETENTION_FILES),
)


@pytest.fixture
def with_pages(service: Service) -> Iterator[Service]:
    before = services.current()
    services.use(Services.build(replace(before.settings, pages=True, public_url="https://face.example.com/api")))
    yield service
    services.use(before)


def get(service: Service, path: str, **headers: str) -> httpx.Response:
    """Without a key."""
    return httpx.get(f"{service.url}{path}", headers=headers)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_off_unless_a_setting_turns_them_on(path: str, service: Service) -> None:
    refused = get(service, path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "404")
    assert "FACE_PAGES" in refused.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/liveness", "/retention"])
def test_page_may_load_and_call_nothing_but_this_service(path: str, with_pages: Service) -> None:
    page = get(with_pages, path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    rules = dict(rule.strip().split(" ", 1) for rule in page.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"\s(style|on\w+)=|<style|<script(?! type=\"module\" src)", page.text)


def test_page_behind_a_gateway_refers_to_where_callers_see_the_service(with_pages: Service) -> None:
    links = re.findall(r"(?:href|src)=\"(/[^\"]*)\"", get(with_pages, "/liveness").text)
    assert links == ["/api/liveness/page/liveness.css", "/api/liveness/page/liveness.js"]
    links = re.findall(r"(?:href|src)=\"(/[^\"]*)\"", get(with_pages, "/retention").text)
    assert links == ["/api/liveness/page/liveness.css", "/api/retention/page/retention.js"]


def test_component_is_served_to_pages_of_any_origin_whatever_the_setting(service: Service) -> None:
    for name in studio.COMPONENT_FILES:
        file = get(service, f"/liveness/ui/{name}", Origin="https://shop.example")
        assert (file.status_code, file.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert file.headers["access-control-allow-origin"] == "*"
        assert file.headers["cross-origin-resource-policy"] == "cross-origin"
        assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "ui/studio.py",
        "ui/..%2fstudio.py",
        "ui/..%2f..%2fhealth.py",
        "ui/%2e%2e",
        "ui/liveness.js",
        "ui/Camera.js",
        "page/x",
    ],
)
def test_no_other_file_is_served(path: str, with_pages: Service) -> None:
    assert get(with_pages, f"/liveness/{path}").status_code == 404


def test_file_that_the_browser_has_is_not_sent_again(service: Service) -> None:
    first = get(service, "/liveness/ui/run.js")
    again = get(service, "/liveness/ui/run.js", **{"If-None-Match": f'W/"other", {first.headers["etag"]}'})
    other = get(service, "/liveness/ui/run.js", **{"If-None-Match": '"other"'})
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["access-control-allow-origin"] == "*"
    assert (other.status_code, other.content) == (200, first.content)


def test_every_file_is_listed_imports_only_listed_ones_and_is_deployed() -> None:
    pages = {studio.PAGE, *studio.PAGE_FILES, studio.RETENTION_PAGE, *studio.RETENTION_FILES}
    listed = {f"face-ui/{name}" for name in studio.COMPONENT_FILES} | pages
    assert listed == {str(path.relative_to(studio.WEB)) for path in studio.WEB.rglob("*") if path.is_file()}
    for name in studio.COMPONENT_FILES:
        imported = re.findall(r"(?:from|import)[ (]\"([^\"]+)\"", (studio.WEB / "face-ui" / name).read_text())
        assert {f"face-ui/{one.removeprefix('./')}" for one in imported} <= listed
    left_out = (ROOT / ".funcignore").read_text().split()
    assert not {"functions", "web", "*.js", "*.html", "*.css"} & set(left_out)


def test_pages_and_component_name_no_other_host() -> None:
    for path in studio.WEB.rglob("*.*"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z0-9-]+\.[a-z]", text), path.name
        assert "innerHTML" not in text
        assert text.count("\n") <= 400, path.name
