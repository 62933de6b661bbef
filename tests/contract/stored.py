"""What a storage account holds, to the last row and blob."""

from collections.abc import Iterator

from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

IMAGES = "session-images"


class Account:
    def __init__(self, storage: str) -> None:
        self._tables = TableServiceClient.from_connection_string(storage)
        self._blobs = BlobServiceClient.from_connection_string(storage)

    def contents(self) -> dict[str, bytes]:
        """Every row and every blob under a name of its own, with all that it holds."""
        return dict((*self._rows(), *self._every_blob()))

    def blobs(self, prefix: str, container: str = IMAGES) -> dict[str, bytes]:
        return {
            name.partition("/")[2]: data
            for name, data in self._every_blob()
            if name.startswith(f"{container}/{prefix}")
        }

    def _rows(self) -> Iterator[tuple[str, bytes]]:
        for table in self._tables.list_tables():
            for row in self._tables.get_table_client(table.name).list_entities():
                values = (
                    value if isinstance(value, bytes) else str(value).encode() for _, value in sorted(row.items())
                )
                yield f"{table.name}|{row['PartitionKey']}|{row['RowKey']}", b"\n".join(values)

    def _every_blob(self) -> Iterator[tuple[str, bytes]]:
        for container in self._blobs.list_containers():
            client = self._blobs.get_container_client(container.name)
            for blob in client.list_blobs():
                yield f"{container.name}/{blob.name}", client.download_blob(blob.name).readall()
