"""One Azurite for many runs of the tests, emptied between them: what a mutant leaves must not trouble the next."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

import infra.local.azurite as module
from infra.local.azurite import Azurite


class Shared:
    """Stands where tests start an Azurite: it is there already. Two at once are two."""

    free: Azurite | None = None

    def __init__(self, location: Path) -> None:
        free, Shared.free = Shared.free, None
        self._azurite, self._is_own = (free, False) if free else (Azurite(location), True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._azurite, name)

    def __enter__(self) -> Self:
        if self._is_own:
            self._azurite.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if self._is_own:
            self._azurite.stop()
        else:
            Shared.free = self._azurite


def share(folder: Path) -> str:
    """Start it; it ends with this process. Its connection string."""
    Shared.free = Azurite(folder).__enter__()
    module.Azurite = Shared  # type: ignore[assignment,misc]
    return Shared.free.connection_string


def empty(connection: str) -> None:
    with TableServiceClient.from_connection_string(connection) as tables:
        for table in list(tables.list_tables()):
            tables.delete_table(table.name)
    with BlobServiceClient.from_connection_string(connection) as blobs:
        for container in list(blobs.list_containers()):
            blobs.delete_container(container.name)
    with QueueServiceClient.from_connection_string(connection) as queues:
        for queue in list(queues.list_queues()):
            queues.delete_queue(queue.name)
