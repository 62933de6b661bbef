"""The part of the Functions host's /admin that a developer and a test need, for callers on this machine only.

The Functions host answers 202 before it runs the function. This one runs it first, so that a caller may rely on it, and
answers 500 where it failed."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.invoker import Outcome

Run = Callable[[str], Awaitable[Outcome]]


class Admin:
    """`runs`: what runs a timer or queue function now, by the function's name in lower case."""

    def __init__(self, runs: Mapping[str, Run]) -> None:
        self._runs = runs

    async def run_function(self, request: Request) -> Response:
        """Takes {"input": "..."}, where "input" is the message for a queue function; a timer ignores it."""
        run = self._runs.get(request.path_params["name"].lower())
        if not _is_local(request):
            return Response(status_code=403)
        if run is None:
            return Response(status_code=404)
        text = _input(await request.body())
        if text is None:
            return Response(status_code=400)
        outcome = await run(text)
        return Response(status_code=500 if outcome.failed else 202)

    async def status(self, request: Request) -> Response:
        return JSONResponse({"state": "Running"}) if _is_local(request) else Response(status_code=403)


def _input(body: bytes) -> str | None:
    """None where the body is no such document."""
    if not body.strip():
        return ""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    text = document.get("input", "") if isinstance(document, dict) else None
    return text if isinstance(text, str) else None


def _is_local(request: Request) -> bool:
    address = ipaddress.ip_address(request.client.host) if request.client else None
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (mapped or address).is_loopback
