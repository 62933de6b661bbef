"""Azure's Key Vault as it is asked: one request for one secret, in bounded time and of bounded size.

Its REST interface, without its SDK, which would cost a cold start more than the call takes."""

import ssl
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

VERSION = "7.4"
SCOPE = "https://vault.azure.net/.default"
MOST_BYTES = 64 * 1024  # of an answer; a secret's value has 25 KB at most
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def ask(method: str, secret: str, token: str, seconds: float, body: str | None = None) -> tuple[int, bytes]:
    """Status and document. `secret`: its URL. `seconds`: for connecting, and again for each wait on what is sent; its
    name is looked up in the system's own time. A redirect is an answer like any other, and not followed.

    Raises OSError, HTTPException where there is no answer, ValueError where the token would go over plain HTTP."""
    where = urlsplit(secret)
    connection = _connection(where.scheme, where.hostname or "", where.port, seconds)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request(method, f"{where.path}?api-version={VERSION}", body, headers)
        answer = connection.getresponse()
        document = answer.read(MOST_BYTES + 1)
    finally:
        connection.close()
    if len(document) > MOST_BYTES:
        raise HTTPException("the answer is too large")
    return answer.status, document


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=seconds, context=_trust())
    if host not in LOOPBACK:
        raise ValueError("a token goes over https only")
    return HTTPConnection(host, port, timeout=seconds)


@cache
def _trust() -> ssl.SSLContext:
    """The system's certificates, which take 100 ms to read."""
    return ssl.create_default_context()
