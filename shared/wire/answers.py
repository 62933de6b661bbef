"""How a handler answers. Its return type declares it, for the edge and for the OpenAPI document alike:

T                 200 with T as JSON
None              200 with an empty body
NoContent         204
Octets            200 with bytes
TextFile          200 with a file as it is, or 304 where the caller has it already
Polled[T]         200 with T as JSON, to be asked for again until it says that the work is done
Accepted[T]       202 with T as JSON (None: an empty body), and where to follow the work that has begun
NoReturn          no success: the operation is only there to be refused
A | B             either
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import quote

import azure.functions as func
import msgspec

from shared.wire.objects import IMAGE, JSON

B = TypeVar("B")

OPERATION = "operation-Location"
LOCATION = "Location"
RETRY = "Retry-After"
TEXT = "text/*"
ASK_AGAIN = "no-cache"
"""Files may be kept, but are asked for each time: those of two versions would not fit together."""

POLL_SECONDS = 1
"""Clients that are not told wait 30 seconds between two polls."""


@dataclass(frozen=True, slots=True)
class Polled(Generic[B]):
    """The state of work that may go on."""

    body: B


@dataclass(frozen=True, slots=True)
class NoContent:
    """Done, and there is nothing to say. Some operations say so with a 204, others with an empty 200."""


@dataclass(frozen=True, slots=True)
class Octets:
    """A picture as it is."""

    data: bytes


@dataclass(frozen=True, slots=True)
class TextFile:
    """UTF-8 text. `kind`: its media type. `mark`: differs where the text does. `headers`: beyond those of every
    answer."""

    data: bytes
    kind: str
    mark: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Accepted(Generic[B]):
    """Work has begun. `operation`: what tells its state, `location`: what it makes; paths below /face/{version}/."""

    body: B
    operation: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Success:
    """One way to succeed. `shape`: the type of the body, None where it is empty. `headers`: beyond those of every
    answer. `media`: the body's."""

    status: int
    shape: Any
    headers: tuple[str, ...] = ()
    media: str = JSON


def successes(declared: Any) -> tuple[Success, ...]:
    """What a handler's return type declares."""
    if declared is NoReturn:
        return ()
    if declared is TextFile:
        return (Success(200, bytes, media=TEXT), Success(304, None))
    either = typing.get_origin(declared) in {types.UnionType, typing.Union}
    return tuple(map(_success, typing.get_args(declared) if either else (declared,)))


def _success(declared: Any) -> Success:
    if declared is NoContent:
        return Success(204, None)
    if declared is Octets:
        return Success(200, bytes, media=IMAGE)
    kind = typing.get_origin(declared)
    (inner,) = typing.get_args(declared) if kind in {Polled, Accepted} else (declared,)
    shape = None if inner is type(None) else inner
    if kind is Accepted:
        return Success(202, shape, (OPERATION, RETRY) if shape is None else (OPERATION, LOCATION, RETRY))
    return Success(200, shape, (RETRY,) if kind is Polled else ())


def response(answer: Any, root: Callable[[], str]) -> func.HttpResponse:
    """`root` gives the absolute URL of the version that was asked, without a slash at its end."""
    if isinstance(answer, Accepted):
        places = {OPERATION: answer.operation} | ({LOCATION: answer.location} if answer.location else {})
        headers = {name: f"{root()}/{quote(path)}" for name, path in places.items()}
        return _response(202, answer.body, headers | {RETRY: str(POLL_SECONDS)})
    if isinstance(answer, Polled):
        return _response(200, answer.body, {RETRY: str(POLL_SECONDS)})
    if isinstance(answer, NoContent):
        return _response(204, None, {})
    if isinstance(answer, Octets):
        return func.HttpResponse(answer.data, status_code=200, mimetype=IMAGE)
    if isinstance(answer, TextFile):
        headers = {**answer.headers, "ETag": f'"{answer.mark}"', "Cache-Control": ASK_AGAIN}
        return func.HttpResponse(answer.data, headers=headers, mimetype=answer.kind)
    return _response(200, answer, {})


def unchanged(answered: func.HttpResponse, known: str) -> func.HttpResponse:
    """A 304 in place of an answer that the caller has: `known` is what it says in If-None-Match."""
    marks = {mark.strip().removeprefix("W/") for mark in known.split(",")}
    if answered.headers.get("ETag") not in marks:
        return answered
    return func.HttpResponse(status_code=304, headers=dict(answered.headers), mimetype=answered.mimetype)


def _response(status: int, body: Any, headers: dict[str, str]) -> func.HttpResponse:
    """An empty body says JSON too. The worker always names a type, and text/plain, its own choice, would make some
    clients read an empty text where the contract has nothing."""
    data = b"" if body is None else msgspec.json.encode(body)
    return func.HttpResponse(data, status_code=status, headers=headers, mimetype=JSON)
