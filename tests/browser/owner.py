"""The site of somebody who uses the service: of another origin, under a policy as strict as it can be."""

import http.server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.servers import http_server

FOLDER = Path(__file__).parent / "site"
KINDS = {".html": "text/html", ".js": "text/javascript"}
PAGES = {"/": "strict.html", "/page.js": "page.js", "/microsoft": "microsoft.html"}


@dataclass(frozen=True)
class Site:
    """`url`: by a name that browsers trust with the camera; the service is at another origin."""

    url: str

    def open(self, context: BrowserContext, lang: str = "en") -> "Check":
        page = context.new_page()
        blocked: list[str] = []
        page.on("console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(f"{self.url}/?{lang}")
        page.wait_for_function("() => window.check")
        return Check(page, blocked)


@dataclass(frozen=True)
class Check:
    """The component in an owner's page. `blocked`: what the page's policy has refused."""

    page: Page
    blocked: list[str]

    def start(self, token: str, **properties: Any) -> None:
        """What start() promises is in `outcome`; properties are set before."""
        self.page.evaluate("([token, given]) => window.check.start(token, given)", [token, properties])

    def outcome(self) -> dict[str, Any]:
        """{"success": ...} or {"error": ...}, as soon as there is one."""
        found: dict[str, Any] = self.page.evaluate("() => window.check.outcome")
        return found

    def states(self) -> list[tuple[str, str | None]]:
        """Every state so far, with its code."""
        return [(state, code) for state, code in self.page.evaluate("() => window.check.states")]

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def wait_for(self, state: str, code: str | None = None) -> None:
        self.page.wait_for_function(
            "([state, code]) => window.check.states.some(([a, b]) => a === state && (code === null || b === code))",
            arg=[state, code],
        )


@contextmanager
def site(service: str) -> Iterator[Site]:
    policies = {
        "strict.html": f"default-src 'none'; script-src 'self' {service}; connect-src {service}; "
        "require-trusted-types-for 'script'",
        "microsoft.html": f"default-src 'none'; script-src 'unsafe-inline' {service}; connect-src {service}",
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, lang = self.path.partition("?")
            name = PAGES.get(path, "")
            text = (FOLDER / name).read_text(encoding="utf-8") if name else ""
            self.send_response(200 if name else 404)
            self.send_header("Content-Type", f"{KINDS.get(Path(name).suffix, 'text/plain')}; charset=utf-8")
            self.send_header("Content-Security-Policy", policies.get(name, "default-src 'none'"))
            self.end_headers()
            self.wfile.write(text.replace("{service}", service).replace("{lang}", lang or "en").encode())

        def log_message(self, *_: Any) -> None:
            return

    with http_server(Handler) as port:
        yield Site(f"http://localhost:{port}")
