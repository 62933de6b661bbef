"""HTTP requests and responses as they look on a function's side of the Functions host and its Python worker."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

import azure.functions as func
from azure.functions.http import HttpRequest, HttpResponseConverter
from starlette.requests import Request
from starlette.responses import Response

MAX_BODY_BYTES = 104_857_600  # the Functions host's maxRequestBodySize
SET_BY_THE_SERVER = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


class BodyTooLarge(Exception):
    """The request body is over MAX_BODY_BYTES."""


async def read_body(request: Request) -> bytes:
    """The whole body, sent with a length or chunked. Raises BodyTooLarge, and ClientDisconnect."""
    if int(request.headers.get("content-length", 0)) > MAX_BODY_BYTES:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise BodyTooLarge
        parts.append(part)
    return b"".join(parts)


def to_request(request: Request, route_params: dict[str, str], body: bytes) -> func.HttpRequest:
    """What the worker builds from the host's message: one value per header and per query key."""
    return HttpRequest(
        method=request.method,
        url=_url(request),
        headers=_headers(request),
        params=query_params(request.url.query),
        route_params=route_params,
        body_type="bytes",
        body=body,
    )


def query_params(query: str) -> dict[str, str]:
    """Keys that differ only in case are one, under its first spelling; its values are joined with commas, empty ones
    left out; a key with nothing but empty values is dropped."""
    spellings: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        spelling = spellings.setdefault(key.lower(), key)
        if value:
            values.setdefault(spelling, []).append(value)
    return {key: ",".join(parts) for key, parts in values.items()}


def to_response(result: object) -> Response:
    """Raises TypeError where a function returned neither an HttpResponse nor a str: the invocation fails."""
    if not isinstance(result, str | func.HttpResponse):
        raise TypeError(f"an HTTP function must return an HttpResponse or a str, not {type(result).__name__}")
    datum = HttpResponseConverter.encode(result, expected_type=None)
    if datum.type == "string":
        return Response(datum.value, media_type="text/plain")
    status = int(datum.value["status_code"].value)
    allows_body = status >= 200 and status not in (204, 304)
    response = Response(datum.value["body"].value if allows_body else b"", status)
    for name, value in datum.value["headers"].items():
        if name.lower() not in SET_BY_THE_SERVER:
            response.headers[name] = value.value  # of several values the last one stays
    _set_cookies(response, datum.value["cookies"])
    return response


def _set_cookies(response: Response, cookies: list[SimpleCookie] | None) -> None:
    """The one header that may repeat: the worker sends cookies beside the headers."""
    for cookie in cookies or ():
        for morsel in cookie.values():
            response.headers.append("set-cookie", morsel.OutputString())


def _headers(request: Request) -> dict[str, str]:
    merged: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        merged.setdefault(name.lower(), []).append(value)
    if request.client:  # Azure's front end writes down whom it spoke with, after what the client says of itself
        merged.setdefault("x-forwarded-for", []).append(request.client.host)
    return {name: ",".join(values) for name, values in merged.items()}


def _url(request: Request) -> str:
    scope: dict[str, Any] = dict(request.scope)
    path = scope.get("raw_path", b"").decode("ascii") or request.url.path
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.scheme}://{request.url.netloc}{path}{query}"
