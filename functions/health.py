"""Whether the service is alive, whether it can serve, what it offers, and an answer for paths that are not there."""

from typing import Any, NoReturn

import azure.functions as func

from shared.access.actions import PUBLIC
from shared.errors import ResourceNotFound
from shared.wire import openapi
from shared.wire.call import Call
from shared.wire.objects import WireObject
from shared.wire.operation import UNVERSIONED, operation, respond

blueprint = func.Blueprint()


class Health(WireObject):
    status: str


@operation(blueprint, "Healthz", "GET", "healthz", action=PUBLIC, versions=UNVERSIONED)
def healthz(call: Call[None, None]) -> Health:
    """The process answers."""
    del call
    return Health(status="ok")


@operation(blueprint, "Readyz", "GET", "readyz", action=PUBLIC, versions=UNVERSIONED)
def readyz(call: Call[None, None]) -> Health:
    """Storage answers and every model is loaded; the first call loads them. 503 until then."""
    call.services.readiness.check()
    return Health(status="ready")


@operation(blueprint, "OpenApi", "GET", "openapi.json", action=PUBLIC, versions=UNVERSIONED)
def openapi_document(call: Call[None, None]) -> dict[str, Any]:
    """This document, made from the table of operations."""
    del call
    return openapi.document()


# The host tries functions in alphabetical order of their names: this one must come last.
@blueprint.function_name("ZUnknownPath")
@blueprint.route(
    route="face/{*path}",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
def unknown_path(req: func.HttpRequest) -> func.HttpResponse:
    """The host's own answer would be an empty 404, which tells a client's developer nothing."""

    def refuse(_: str) -> NoReturn:
        path = req.route_params.get("path", "")
        raise ResourceNotFound(f"Resource not found. There is no {req.method} /face/{path}")

    return respond("ZUnknownPath", req, refuse)
