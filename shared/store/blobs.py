"""Blob storage as the stores use it: whole blobs under names, in one container that is made when first written to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from shared.store import account
from shared.store.tables import PAUSES, translated

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BlobName:
    name: str
    modified: datetime


class Blobs:
    """Cheap to make: nothing is sent before the first call. Every method raises StoreUnavailable."""

    def __init__(self, connection_string: str, container: str, credential: TokenCredential | None = None) -> None:
        """Raises ValueError where the connection string is malformed."""
        service = account.blob_service(
            connection_string, credential, retry_total=3, connection_timeout=3, read_timeout=20, **PAUSES
        )
        self._container = service.get_container_client(container)

    def put(self, name: str, data: bytes) -> None:
        """Replaces a blob of that name."""
        with translated():
            try:
                self._container.upload_blob(name, data, overwrite=True)
                return
            except ResourceNotFoundError:
                self._create()
            self._container.upload_blob(name, data, overwrite=True)

    def get(self, name: str, length: int | None = None) -> bytes | None:
        """The whole blob, or its first `length` bytes; None where there is none."""
        first = None if length is None else 0
        return self._found(
            lambda: self._container.download_blob(name, offset=first, length=length, max_concurrency=1).readall()
        )

    def delete(self, name: str) -> None:
        """A blob that is not there is no error."""
        self._found(lambda: self._container.delete_blob(name))

    def list(self, prefix: str) -> Iterator[BlobName]:
        with translated():
            try:
                for blob in self._container.list_blobs(name_starts_with=prefix):
                    yield BlobName(blob.name, blob.last_modified)
            except ResourceNotFoundError:
                return

    def _found(self, send: Callable[[], T]) -> T | None:
        with translated():
            try:
                return send()
            except ResourceNotFoundError:
                return None

    def _create(self) -> None:
        try:
            self._container.create_container()
        except ResourceExistsError:
            return  # another process was quicker
