"""The web pages, and the component that performs liveness sessions in a browser.

Pages are for a deployment's owner, who pastes a key into them: FACE_PAGES turns them on. The component is always there:
it holds no secret, works with session tokens alone, and owners' own pages load it from here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import azure.functions as func

from shared.access.actions import PUBLIC
from shared.errors import ResourceNotFound
from shared.wire.answers import TextFile
from shared.wire.call import Call
from shared.wire.operation import UNVERSIONED, operation

blueprint = func.Blueprint()

WEB = Path(__file__).parent / "web"
KINDS = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}

PAGE = "liveness.html"
PAGE_FILES = ("liveness.css", "liveness.js")
RETENTION_PAGE = "retention.html"
RETENTION_FILES = ("retention.js",)
COMPONENT_FILES = (
    "FaceLivenessDetector.js",
    "camera.js",
    "capture.js",
    "outcome.js",
    "protocol.js",
    "run.js",
    "styles.js",
    "texts-de.js",
    "texts-en.js",
    "texts-es.js",
    "texts-fr.js",
    "texts-pt.js",
    "texts.js",
    "view.js",
)

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
}
COMPONENT_HEADERS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Pages of any origin may load it."""


@dataclass(frozen=True, slots=True)
class Source:
    text: str
    kind: str


@cache
def source(name: str) -> Source:
    """A file below WEB. `name` is one of ours, never a caller's text."""
    path = WEB / name
    return Source(path.read_text(encoding="utf-8"), KINDS[path.suffix])


def served(name: str, headers: Mapping[str, str], base: str = "") -> TextFile:
    """`base`: the path at which callers see the service's root, for what refers to it."""
    found = source(name)
    is_page = found.kind == KINDS[".html"]
    data = found.text.replace("{base}", escape(base)).encode() if is_page else found.text.encode()
    return TextFile(data, found.kind, hashlib.sha256(data).hexdigest()[:32], headers)


def check_that_pages_are_on(call: Call[None, None]) -> None:
    if not call.services.settings.pages:
        raise ResourceNotFound("Resource not found. The web pages are off: the setting FACE_PAGES turns them on.")


def one_of(names: tuple[str, ...], asked: str) -> str:
    if asked not in names:
        raise ResourceNotFound
    return asked


@operation(blueprint, "LivenessPage", "GET", "liveness", action=PUBLIC, versions=UNVERSIONED)
def liveness_page(call: Call[None, None]) -> TextFile:
    """A page that makes a liveness session with a key, performs it and shows the result."""
    check_that_pages_are_on(call)
    return served(PAGE, PAGE_HEADERS, urlsplit(call.service_url).path)


@operation(blueprint, "LivenessPageFile", "GET", "liveness/page/{file}", action=PUBLIC, versions=UNVERSIONED)
def liveness_page_file(call: Call[None, None]) -> TextFile:
    """What that page consists of."""
    check_that_pages_are_on(call)
    return served(one_of(PAGE_FILES, call.path["file"]), {})


@operation(blueprint, "RetentionPage", "GET", "retention", action=PUBLIC, versions=UNVERSIONED)
def retention_page(call: Call[None, None]) -> TextFile:
    """A page that shows with a key what is kept, how much of it, and whether anything is overdue."""
    check_that_pages_are_on(call)
    return served(RETENTION_PAGE, PAGE_HEADERS, urlsplit(call.service_url).path)


@operation(blueprint, "RetentionPageFile", "GET", "retention/page/{file}", action=PUBLIC, versions=UNVERSIONED)
def retention_page_file(call: Call[None, None]) -> TextFile:
    """What that page consists of."""
    check_that_pages_are_on(call)
    return served(one_of(RETENTION_FILES, call.path["file"]), {})


@operation(blueprint, "LivenessComponentFile", "GET", "liveness/ui/{file}", action=PUBLIC, versions=UNVERSIONED)
def liveness_component_file(call: Call[None, None]) -> TextFile:
    """The web component azure-ai-vision-face-ui: FaceLivenessDetector.js, and the modules that it imports."""
    return served(f"face-ui/{one_of(COMPONENT_FILES, call.path['file'])}", COMPONENT_HEADERS)
