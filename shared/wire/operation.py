"""The declaration of an operation, and the way that every request to one goes.

`@operation` registers an Azure Function and one line of the table of operations. The types of the handler are the rest
of the declaration: the arguments of its `Call` give the query and the bodies it takes (bytes: octet-stream, an object:
JSON or, where its class says so, a form), its return type the answer (answers.py). Parsing, the OpenAPI document and
the tests are made from that table.
"""

import logging
import re
import time
import traceback
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import azure.functions as func
import msgspec

from shared import services, telemetry
from shared.access.actions import PUBLIC, SESSION
from shared.access.features import needed
from shared.engine import ModelError, PictureError, PictureTooLarge
from shared.errors import FaceError, InternalError, InvalidImage, InvalidImageSize, ResourceNotFound, ServiceUnavailable
from shared.people.audit_trail import DELETE
from shared.settings import SettingsError
from shared.store.key_ring import KeyRingAway, KeyRingError
from shared.store.tables import StoreUnavailable
from shared.wire.answers import Success, response, successes, unchanged
from shared.wire.auditing import event, intent, kind_of
from shared.wire.authentication import Caller, admitted
from shared.wire.call import Call, Sender
from shared.wire.cors import opened, preflight
from shared.wire.objects import IMAGE, JSON, ErrorDetail, ErrorResponse
from shared.wire.parsing import parse_body, parse_query

log = logging.getLogger("ownface.request")

VERSIONS = ("v1.0", "v1.0-preview", "v1.1-preview.1", "v1.2-preview.1", "v1.2", "v1.3-preview.1")
"""Every API version, oldest first."""

DIRECTORY_VERSIONS = ("v1.0-preview", "v1.1-preview.1", "v1.2-preview.1")
"""Those that have the Person Directory."""

UNVERSIONED = ("",)
"""The version of operations outside /face/{version}."""

NOT_READY: dict[type[Exception], str] = {
    StoreUnavailable: "Storage does not answer.",
    ModelError: "The models are not in place.",
    SettingsError: "The service is not configured.",
    KeyRingAway: "The key ring does not answer.",
    KeyRingError: "The service is not configured.",
}
"""What the service may lack, each with what a client is told of it; the nearer kind before the wider one."""

Handler = Callable[[Call[Any, Any]], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """`covers`: the contract's operationIds that share this URL, without the prefix "...Operations_" that the newer
    versions give each. `action`: the data action that authorises it. `bodies`: type by media type. `successes`: how it
    answers where nothing is wrong."""

    name: str
    method: str
    route: str
    versions: tuple[str, ...]
    action: str
    covers: tuple[str, ...]
    query: Any
    bodies: Mapping[str, Any]
    successes: tuple[Success, ...]
    summary: str

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Names in the route, the version among them, in its order."""
        return tuple(re.findall(r"{(\w+)}", self.route))


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
    answer: Any = None,
) -> Callable[[Handler], Handler]:
    """Declare `handler` as the Azure Function `name`. A data action that is not known, or a name taken, is a defect.

    `answer` stands for the handler's return type where that is a value, as for handlers that are made in a loop."""

    def declare(handler: Handler) -> Handler:
        if name in TABLE:
            raise ValueError(f"operation {name} needs a name of its own")
        if action != PUBLIC:
            needed(action)
        query, bodies, answers = _types(handler)
        summary = (handler.__doc__ or "").strip().split("\n")[0]
        ways = successes(answer or answers)
        TABLE[name] = Operation(name, method, route, versions, action, covers, query, bodies, ways, summary)

        def serve(req: func.HttpRequest) -> func.HttpResponse:
            return respond(name, req, partial(_handled, TABLE[name], handler, req))

        def serve_pages(req: func.HttpRequest) -> func.HttpResponse:
            return preflight() if req.method == "OPTIONS" else opened(serve(req))

        function, methods = (serve_pages, [method, "OPTIONS"]) if action == SESSION else (serve, [method])
        route_it = blueprint.route(route=route, methods=methods, auth_level=func.AuthLevel.ANONYMOUS)
        blueprint.function_name(name)(route_it(function))
        return handler

    return declare


def _types(handler: Handler) -> tuple[Any, Mapping[str, Any], Any]:
    """Query type, body type per media type, and answer type, from the handler's annotations."""
    hints = typing.get_type_hints(handler)
    query, body = typing.get_args(hints["call"])
    kinds = typing.get_args(body) if isinstance(body, types.UnionType) else (body,)
    bodies = {IMAGE if kind is bytes else kind.media: kind for kind in kinds if kind is not type(None)}
    return query, bodies, hints["return"]


def respond(name: str, req: func.HttpRequest, produce: Callable[[str], Any]) -> func.HttpResponse:
    """Request id, error shape, headers and log line around whatever produces the answer, which is told the id."""
    started, request_id = time.perf_counter(), str(uuid.uuid4())
    with telemetry.timed("ownface.request.duration", name, operation=name) as told:
        try:
            answered = response(produce(request_id), lambda: _root(req))
        except Exception as error:  # noqa: BLE001 the one place where any failure becomes an answer
            answered = _error(_as_face_error(error, request_id))
        answered = unchanged(answered, req.headers.get("if-none-match", ""))
        told["status"] = answered.status_code
        told["code"] = answered.headers.get("x-ms-error-code", "")
    answered.headers["apim-request-id"] = request_id
    answered.headers["x-content-type-options"] = "nosniff"
    if client_id := _printable(req.headers.get("x-ms-client-request-id", "")):
        answered.headers["x-ms-client-request-id"] = client_id
    milliseconds = (time.perf_counter() - started) * 1000
    code = answered.headers.get("x-ms-error-code", "")
    log.info("%s %d%s %.0f ms %s", name, answered.status_code, f" {code}" if code else "", milliseconds, request_id)
    return answered


def _handled(declared: Operation, handler: Handler, req: func.HttpRequest, request_id: str) -> Any:
    """What the handler answers, once the audit trail has it; what it deletes the trail has before."""
    call = _call(declared, req, request_id)
    kind = kind_of(declared.name, declared.method, declared.action)
    if kind == DELETE and (begun := intent(declared.name, call)):
        call.services.audit.note(begun)
    answer = handler(call)
    if kind and call.services.audit.notes(kind):
        call.services.audit.note(event(kind, declared.name, call, answer))
    return answer


def _call(declared: Operation, req: func.HttpRequest, request_id: str) -> Call[Any, Any]:
    """Version, then who calls and may, then parsing."""
    version = req.route_params.get("version", "").lower()
    if version not in declared.versions:
        raise ResourceNotFound(f"Resource not found. Its API versions are {', '.join(declared.versions)}.")
    caller, body = Caller(), None
    if declared.action != PUBLIC:
        ours = services.current()
        caller = admitted(declared.action, req.headers, ours.access, ours.session_tokens)
    if declared.bodies:
        kind, chunked = req.headers.get("content-type", ""), "transfer-encoding" in req.headers
        max_image_bytes = services.current().settings.max_image_bytes
        body = parse_body(kind, chunked, req.get_body(), declared.bodies, max_image_bytes)
    return Call(
        version=version,
        path={parameter: req.route_params.get(parameter, "") for parameter in declared.path_parameters},
        query=parse_query(req.params, declared.query),
        body=body,
        address=_address(req),
        token=caller.session,
        principal=caller.principal,
        sender=Sender(request_id, req.method, urlsplit(req.url).path, len(req.get_body()), req.headers),
    )


def _root(req: func.HttpRequest) -> str:
    """Absolute URL of the version that was asked: below the public URL, or else below the host that the client
    named."""
    base = services.current().settings.public_url or _address(req)
    return f"{base}/face/{req.route_params.get('version', '').lower()}"


def _address(req: func.HttpRequest) -> str:
    """Behind a front end that ends TLS the request itself looks like plain HTTP."""
    url = urlsplit(req.url)
    behind_tls = req.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower() == "https"
    return f"{'https' if behind_tls else url.scheme}://{url.netloc}"


def _error(error: FaceError) -> func.HttpResponse:
    body = ErrorResponse(error=ErrorDetail(code=error.code, message=error.message))
    answered = func.HttpResponse(msgspec.json.encode(body), status_code=error.status, mimetype=JSON)
    answered.headers["x-ms-error-code"] = error.code
    if error.retry_after_seconds is not None:
        answered.headers["Retry-After"] = str(error.retry_after_seconds)
    return answered


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
