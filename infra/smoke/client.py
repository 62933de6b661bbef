"""One call at a time to a service that is being tried, over HTTP or HTTPS. Standard library only."""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 60.0  # a first call may wait for an instance to start and to load its models
CHUNK = 64 * 1024
PICTURE = "application/octet-stream"


class Unreachable(Exception):
    """The service did not answer. The text says how, and holds no key."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """None where the body is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def code(self) -> str:
        """The contract's error code; empty where there is none."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return str(error.get("code", "")) if isinstance(error, dict) else ""

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


@dataclass(frozen=True, slots=True)
class Client:
    """`headers`: what authorises every call. Raises Unreachable where the service does not answer."""

    endpoint: str
    headers: Mapping[str, str] = field(repr=False)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        chunked: bool = False,
    ) -> Answer:
        """Bytes go as a picture, a mapping as JSON. `headers` replaces those that authorise."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        kind = {} if data is None else {"Content-Type": PICTURE if isinstance(body, bytes) else "application/json"}
        authorised = self.headers if headers is None else headers
        url = urlsplit(f"{self.endpoint}/{path}" + (f"?{urlencode(query)}" if query else ""))
        connection = _connection(url.scheme, url.netloc)
        try:
            target = url.path + (f"?{url.query}" if url.query else "")
            sent = _chunks(data) if chunked and data else data
            connection.request(method, target, sent, {**authorised, **kind}, encode_chunked=chunked)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()


def _connection(scheme: str, place: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(place, timeout=SECONDS, context=ssl.create_default_context())
    return http.client.HTTPConnection(place, timeout=SECONDS)


def _chunks(data: bytes) -> Iterator[bytes]:
    """An iterable has no length, so http.client sends Transfer-Encoding: chunked."""
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]
