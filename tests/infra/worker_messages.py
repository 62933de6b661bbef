"""The messages between the Functions host and its Python worker, with the fields that azure-functions-runtime touches.

The protocol's generated classes are not published as a package; the runtime takes any namespace with their names."""

from types import SimpleNamespace
from typing import Any


class BindingInfo(SimpleNamespace):
    undefined = 0
    out = 1
    inout = 2


class StatusResult(SimpleNamespace):
    Failure = 0
    Success = 1


class Message(SimpleNamespace):
    """Any message that is only carried."""


class OneOf(SimpleNamespace):
    """A message of which exactly one field is set."""

    def WhichOneof(self, _: str) -> str | None:  # noqa: N802 - the protocol library's name
        return next(iter(vars(self)), None)


def names() -> SimpleNamespace:
    """The namespace that the runtime asks for."""
    carried = (
        "FunctionMetadataResponse",
        "InvocationResponse",
        "ParameterBinding",
        "RpcException",
        "RpcFunctionMetadata",
        "RpcHttp",
        "WorkerInitResponse",
        "WorkerMetadata",
    )
    return SimpleNamespace(
        BindingInfo=BindingInfo, StatusResult=StatusResult, TypedData=OneOf, **dict.fromkeys(carried, Message)
    )


def init_request(directory: str) -> Any:
    request = Message(capabilities={}, function_app_directory=directory)
    return _wrapped("worker_init_request", request, {"host": "127.0.0.1", "protos": names()})


def metadata_request() -> Any:
    return _wrapped("functions_metadata_request", Message(), {})


def invocation(function_id: str, parameter: str, http: Any) -> Any:
    """An invocation of an HTTP function with what `http` tells of the request."""
    return _wrapped(
        "invocation_request",
        Message(
            invocation_id="1",
            function_id=function_id,
            input_data=[OneOf(data=OneOf(http=http), name=parameter)],
            trigger_metadata={},
            trace_context=Message(trace_parent="", trace_state="", attributes={}),
            retry_context=Message(retry_count=0, max_retry_count=0, exception=None),
        ),
        {},
    )


def http(
    method: str, url: str, route: dict[str, str], query: dict[str, str], headers: dict[str, str], body: bytes
) -> Any:
    """What the host tells of a request; `route`: the values of its route's parameters."""
    return Message(method=method, url=url, headers=headers, params=route, query=query, body=OneOf(bytes=body))


def _wrapped(kind: str, message: Message, properties: dict[str, Any]) -> Any:
    return Message(request=Message(**{kind: message}), properties=properties)
