"""One published file over HTTP: resumed where it stopped, tried again, and taken only with the hash that is pinned."""

import hashlib
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from infra.models.errors import (
    CannotStore,
    FetchError,
    Interrupted,
    NotThere,
    TooSlow,
    Unavailable,
    Unreachable,
    WrongContent,
)
from infra.models.published import PublishedFile

BLOCK = 1 << 16
MOST_BYTES = 1 << 31
"""Of a file whose size nobody stated."""

OFFLINE = (
    "Behind a proxy, set HTTPS_PROXY. Without a network, fetch on another machine and copy its .local/models here, or "
    "name a server that has the files with --mirror"
)

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_PARTIAL, _BEYOND, _PROXY_LOGIN = 206, 416, 407
_AGENT = "ownface-models/1"

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds without a byte; tries at one address that bring nothing; bytes that must come in a window of seconds."""

    silence: float = 20
    tries: int = 4
    window: float = 30
    least: int = 30_000
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def fetch(file: PublishedFile, folder: Path, patience: Patience, told: Told) -> Path:
    """The whole file, verified, in that folder, which keeps what came of it meanwhile. `told` how many bytes are there.

    Raises CannotStore, Unavailable."""
    whole = folder / file.sha256
    if whole.is_file() and _hash(whole) == file.sha256:
        return whole
    part = folder / f"{file.sha256}.part"
    refusals: list[tuple[str, FetchError]] = []
    for address in file.addresses:
        try:
            _fetch_from(address, file, part, patience, told)
        except CannotStore:
            raise
        except FetchError as error:
            refusals.append((urlsplit(address).netloc, error))
        else:
            part.replace(whole)
            return whole
    raise Unavailable(_reasons(file, refusals))


def _reasons(file: PublishedFile, refusals: list[tuple[str, FetchError]]) -> str:
    said = "; ".join(f"{host}: {error}" for host, error in refusals)
    if all(isinstance(error, Unreachable) for _, error in refusals):
        said += f". {OFFLINE}"
    return f"{file.name} was not to be had: {said}"


def _fetch_from(address: str, file: PublishedFile, part: Path, patience: Patience, told: Told) -> None:
    """The part is the whole file when this returns. Raises FetchError."""
    tries = 0
    while True:
        before = _size(part)
        try:
            _go_on(address, file, part, patience, told)
            _verify(file, part)
        except (Interrupted, WrongContent) as error:
            if isinstance(error, WrongContent) and not before:
                raise  # it came from here alone, and from its start
            tries = 0 if _size(part) - before >= BLOCK else tries + 1
            if tries == patience.tries:
                raise
            patience.wait(2 ** max(tries - 1, 0))
        else:
            return


def _verify(file: PublishedFile, part: Path) -> None:
    found = _hash(part)
    if found != file.sha256:
        part.unlink()
        raise WrongContent(f"sha256 is {found}, not {file.sha256}")


def _go_on(address: str, file: PublishedFile, part: Path, patience: Patience, told: Told) -> None:
    """What is missing of the part, in one request. Raises FetchError."""
    have = _size(part)
    if file.bytes and have == file.bytes:
        return
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - the manifest has https, a mirror http(s)
        with urllib.request.build_opener().open(request, timeout=patience.silence) as response:
            start = _start(response, have)
            _check_length(response, start, file)
            with _opened(part, start) as out:
                _copy(response, out, start, file, patience, told)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error, part) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise _failed(error) from None


def _start(response: http.client.HTTPResponse, have: int) -> int:
    """From where the answer is: a server need not know how to go on."""
    if response.status != _PARTIAL:
        return 0
    if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise Interrupted("it goes on from elsewhere")
    return have


def _check_length(response: http.client.HTTPResponse, start: int, file: PublishedFile) -> None:
    """Before anything is taken: a page that asks for a login is not the file."""
    length = response.headers.get("Content-Length", "")
    if file.bytes and length.isdecimal() and start + int(length) != file.bytes:
        raise WrongContent(f"it is {start + int(length)} bytes, not {file.bytes}")


def _copy(
    response: http.client.HTTPResponse, out: IO[bytes], have: int, file: PublishedFile, patience: Patience, told: Told
) -> None:
    since, came = patience.clock(), 0
    while block := response.read1(BLOCK):
        have, came = have + len(block), came + len(block)
        if have > (file.bytes or MOST_BYTES):
            out.truncate(0)
            raise WrongContent(f"it is more than {file.bytes or MOST_BYTES} bytes")
        _write(out, block)
        told(have)
        if patience.clock() - since > patience.window:
            if came < patience.least:
                raise TooSlow(f"{came} bytes came in {patience.window:g} s")
            since, came = patience.clock(), 0
    if response.length or have < file.bytes:
        raise Interrupted(f"it ended after {have} of {file.bytes or have + (response.length or 0)} bytes")


def _opened(part: Path, start: int) -> IO[bytes]:
    """Unbuffered: what is there after a death counts."""
    try:
        return part.open("ab" if start else "wb", buffering=0)
    except OSError as error:
        raise CannotStore(f"{part}: {error.strerror}") from None


def _write(out: IO[bytes], block: bytes) -> None:
    try:
        while block:
            block = block[out.write(block) :]
    except OSError as error:
        raise CannotStore(f"{out.name}: {error.strerror}") from None


def _refused(error: urllib.error.HTTPError, part: Path) -> FetchError:
    if error.code == _BEYOND:
        part.unlink(missing_ok=True)  # longer than the file: it is none of it
        return Interrupted("it cannot go on from where it stopped")
    if error.code == _PROXY_LOGIN:
        return Unreachable("the proxy wants a login, as in HTTPS_PROXY=http://user:password@host:port")
    said = f"it answers {error.code} {error.reason}"
    return Interrupted(said) if error.code in PASSING else NotThere(said)


def _failed(error: Exception) -> FetchError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Unreachable("its certificate is not trusted; where a proxy has its own, name the file in SSL_CERT_FILE")
    if isinstance(reason, ConnectionRefusedError | socket.gaierror):
        return Unreachable(f"no connection: {reason.strerror}")
    if isinstance(reason, TimeoutError):
        return Interrupted("nothing came any more")
    if isinstance(reason, ConnectionError | http.client.HTTPException):
        return Interrupted(f"the connection ended: {type(reason).__name__}")
    return Unreachable(f"no connection: {reason}")


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
