"""What calls ask of storage: requests and bytes of answers, counted where the Azure clients hand over to HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from azure.core.pipeline.transport import RequestsTransport

from infra.local.azurite import Azurite


@dataclass(slots=True)
class Traffic:
    """`transactions` are among the `table` requests; bytes are those of what was read."""

    table: int = 0
    transactions: int = 0
    table_bytes: int = 0
    blob: int = 0
    blob_bytes: int = 0
    queue: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def requests(self) -> int:
        return self.table + self.blob + self.queue

    def add(self, service: str, path: str, size: int) -> None:
        with self._lock:
            if service == "table":
                self.table += 1
                self.transactions += path.endswith("$batch")
                self.table_bytes += size
            elif service == "blob":
                self.blob += 1
                self.blob_bytes += size
            else:
                self.queue += 1


@contextmanager
def counted(azurite: Azurite) -> Iterator[Traffic]:
    """Everything that this process sends to it meanwhile, repetitions too."""
    traffic = Traffic()
    services = dict(zip(azurite.ports, ("blob", "queue", "table"), strict=True))
    send = RequestsTransport.send

    def count(transport: RequestsTransport, request: Any, **options: Any) -> Any:
        response = send(transport, request, **options)
        address = urlsplit(request.url)
        traffic.add(services[address.port or 0], address.path, _size(response, options))
        return response

    with mock.patch.object(RequestsTransport, "send", count):
        yield traffic


def _size(response: Any, options: dict[str, Any]) -> int:
    """Of the answer; 0 of what is streamed and does not say, which are the answers to transactions."""
    if length := response.headers.get("Content-Length"):
        return int(length)
    return 0 if options.get("stream") else len(response.content)
