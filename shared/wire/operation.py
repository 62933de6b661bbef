"""The declaration of an operation, and the way that every request to one goes.

`@operation` registers an Azure Function and one line of the table of operations. The types of the handler are the rest
of the declaration: the arguments of its `Call` give the query and the bodies it takes (bytes: octet-stream, an object:
JSON), its return type the answer. Parsing, the OpenAPI document and the tests are made from that table.
"""

import logging
import time
import traceback
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import azure.functions as func
import msgspec

from shared import services
from shared.engine import ModelError, PictureError, PictureTooLarge
from shared.errors import FaceError, InternalError, InvalidImage, InvalidImageSize, ResourceNotFound, ServiceUnavailable
from shared.settings import SettingsError
from shared.store.key_ring import KeyRingError
from shared.store.tables import StoreUnavailable
from shared.wire.authentication import PUBLIC, authenticate
from shared.wire.call import Call
from shared.wire.objects import ErrorDetail, ErrorResponse
from shared.wire.parsing import IMAGE, JSON, parse_body, parse_query

log = logging.getLogger("ownface.request")

VERSIONS = ("v1.0", "v1.0-preview", "v1.1-preview.1", "v1.2-preview.1", "v1.2", "v1.3-preview.1")
"""Every API version, oldest first."""

UNVERSIONED = ("",)
"""The version of operations outside /face/{version}."""

NOT_READY: dict[type[Exception], str] = {
    StoreUnavailable: "Storage does not answer.",
    ModelError: "The models are not in place.",
    SettingsError: "The service is not configured.",
    KeyRingError: "The service is not configured.",
}
"""What the service may lack, each with what a client is told of it."""

Handler = Callable[[Call[Any, Any]], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """`covers`: the contract's operationIds that share this URL. `action`: the data action that authorises it."""

    name: str
    method: str
    route: str
    versions: tuple[str, ...]
    action: str
    covers: tuple[str, ...]
    query: Any
    bodies: Mapping[str, Any]
    answer: Any
    summary: str


TABLE: dict[str, Operation] = {}
"""Every operation by name, filled as the modules of `functions` are imported."""


def operation(
    blueprint: func.Blueprint,
    name: str,
    method: str,
    route: str,
    *,
    action: str,
    versions: tuple[str, ...] = VERSIONS,
    covers: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:
    """Declare `handler` as the Azure Function `name`. An operation without an action, or a name taken, is a defect."""

    def declare(handler: Handler) -> Handler:
        if not action or name in TABLE:
            raise ValueError(f"operation {name} needs an action and a name of its own")
        types_of = _types(handler)
        summary = (handler.__doc__ or "").strip().split("\n")[0]
        TABLE[name] = Operation(name, method, route, versions, action, covers, *types_of, summary)

        def serve(req: func.HttpRequest) -> func.HttpResponse:
            return respond(name, req, lambda: handler(_call(TABLE[name], req)))

        route_it = blueprint.route(route=route, methods=[method], auth_level=func.AuthLevel.ANONYMOUS)
        blueprint.function_name(name)(route_it(serve))
        return handler

    return declare


def _types(handler: Handler) -> tuple[Any, Mapping[str, Any], Any]:
    """Query type, body type per media type, and answer type, from the handler's annotations."""
    hints = typing.get_type_hints(handler)
    query, body = typing.get_args(hints["call"])
    kinds = typing.get_args(body) if isinstance(body, types.UnionType) else (body,)
    bodies = {IMAGE if kind is bytes else JSON: kind for kind in kinds if kind is not type(None)}
    return query, bodies, hints["return"]


def respond(name: str, req: func.HttpRequest, produce: Callable[[], Any]) -> func.HttpResponse:
    """Request id, error shape, headers and log line around whatever produces the answer."""
    started, request_id = time.perf_counter(), str(uuid.uuid4())
    try:
        response = _answer(produce())
    except Exception as error:  # noqa: BLE001 the one place where any failure becomes an answer
        response = _error(_as_face_error(error, request_id))
    response.headers["apim-request-id"] = request_id
    response.headers["x-content-type-options"] = "nosniff"
    if client_id := _printable(req.headers.get("x-ms-client-request-id", "")):
        response.headers["x-ms-client-request-id"] = client_id
    milliseconds = (time.perf_counter() - started) * 1000
    log.info("%s %d %.0f ms %s", name, response.status_code, milliseconds, request_id)
    return response


def _call(declared: Operation, req: func.HttpRequest) -> Call[Any, Any]:
    """Version, authentication, parsing. A key is granted every data action; an operation without one is public."""
    version = req.route_params.get("version", "").lower()
    if version not in declared.versions:
        raise ResourceNotFound(f"Resource not found. Its API versions are {', '.join(declared.versions)}.")
    if declared.action != PUBLIC:
        authenticate(req.headers, services.current().settings.keys)
    chunked = "transfer-encoding" in req.headers
    return Call(
        version=version,
        query=parse_query(req.params, declared.query),
        body=parse_body(req.headers.get("content-type", ""), chunked, req.get_body(), declared.bodies),
    )


def _answer(answer: Any) -> func.HttpResponse:
    """An object or a list of objects as JSON with 200."""
    return func.HttpResponse(msgspec.json.encode(answer), status_code=200, mimetype=JSON)


def _error(error: FaceError) -> func.HttpResponse:
    body = ErrorResponse(error=ErrorDetail(code=error.code, message=error.message))
    response = func.HttpResponse(msgspec.json.encode(body), status_code=error.status, mimetype=JSON)
    response.headers["x-ms-error-code"] = error.code
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _as_face_error(error: Exception, request_id: str) -> FaceError:
    """What is not ours to blame is 503; what is left is a defect, told to the log by place and type only:
    the text of an exception may hold what a log must not."""
    if isinstance(error, FaceError):
        return error
    if isinstance(error, PictureError):  # at intake, or later where a small face needs the picture at a larger scale
        return InvalidImageSize() if isinstance(error, PictureTooLarge) else InvalidImage()
    for kind, hint in NOT_READY.items():
        if isinstance(error, kind):
            log.error("%s cannot be served: %s", request_id, error)
            return ServiceUnavailable(f"{ServiceUnavailable.message} {hint}")
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed with %s\n%s", request_id, type(error).__name__, where)
    return InternalError()


def _printable(text: str) -> str:
    """A client's own id, if it is one that may stand in a header; anything else is dropped."""
    return text if len(text) <= 128 and text.isascii() and text.isprintable() else ""
