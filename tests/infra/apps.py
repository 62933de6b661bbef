"""Small function apps that show what the local host hands to a function."""

import json
import threading

import azure.functions as func


def anonymous_app() -> func.FunctionApp:
    return func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def echo_app() -> func.FunctionApp:
    """`POST /echo/{*path}` tells, as JSON, everything that the function saw."""
    app = anonymous_app()

    @app.function_name("Echo")
    @app.route(route="echo/{*path}", methods=["GET", "POST"])
    def echo(req: func.HttpRequest) -> func.HttpResponse:
        seen = {
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "params": dict(req.params),
            "route_params": dict(req.route_params),
            "bytes": len(req.get_body()),
            "body": req.get_body()[:100].decode("latin-1"),
            "thread": threading.current_thread().name,
        }
        return func.HttpResponse(json.dumps(seen), mimetype="application/json")

    @app.function_name("EchoAsync")
    @app.route(route="async", methods=["GET"])
    async def echo_async(req: func.HttpRequest) -> func.HttpResponse:
        del req
        return func.HttpResponse(threading.current_thread().name)

    return app


def named_app(*functions: tuple[str, str, tuple[str, ...]]) -> func.FunctionApp:
    """HTTP functions (name, route, methods) that answer with their own name and their route parameters."""
    app = anonymous_app()
    for name, route, methods in functions:
        _add(app, name, route, methods)
    return app


def _add(app: func.FunctionApp, name: str, route: str, methods: tuple[str, ...]) -> None:
    @app.function_name(name)
    @app.route(route=route, methods=methods or None)
    def answer(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(json.dumps({"name": name, **req.route_params}))


def response_app() -> func.FunctionApp:
    """One function for each shape of answer."""
    app = anonymous_app()
    for call, method in (
        (empty, "GET"),
        (nothing, "GET"),
        (text, "GET"),
        (fails, "GET"),
        (fails_later, "GET"),
        (no_content, "DELETE"),
        (repeated, "GET"),
        (head, "HEAD"),
    ):
        app.route(route=call.__name__, methods=[method])(call)
    return app


def empty(req: func.HttpRequest) -> func.HttpResponse:
    del req
    return func.HttpResponse()


def nothing(req: func.HttpRequest) -> func.HttpResponse | None:
    del req
    return None


def text(req: func.HttpRequest) -> str:
    del req
    return "grüß dich"


def fails(req: func.HttpRequest) -> func.HttpResponse:
    del req
    raise RuntimeError("the-inside-of-the-app")


async def fails_later(req: func.HttpRequest) -> func.HttpResponse:
    del req
    raise RuntimeError("the-inside-of-the-app")


def no_content(req: func.HttpRequest) -> func.HttpResponse:
    del req
    return func.HttpResponse("dropped", status_code=204)


def repeated(req: func.HttpRequest) -> func.HttpResponse:
    del req
    response = func.HttpResponse("x", headers={"X-Repeated": "first"}, mimetype="text/csv")
    response.headers.add("X-Repeated", "second")
    response.headers.add("Set-Cookie", "a=1")
    response.headers.add("Set-Cookie", "b=2")
    return response


def head(req: func.HttpRequest) -> func.HttpResponse:
    del req
    return func.HttpResponse("four")
