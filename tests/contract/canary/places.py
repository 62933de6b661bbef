"""Everywhere that something could stay: storage by its own clients, the emulator's files, files, unlinked ones too."""

import base64
from collections.abc import Iterator
from pathlib import Path

import psutil
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

Place = tuple[str, bytes]
"""A name, and all that is there."""


def stored(storage: str) -> Iterator[Place]:
    yield from _rows(TableServiceClient.from_connection_string(storage))
    yield from _blobs(BlobServiceClient.from_connection_string(storage))
    yield from _messages(QueueServiceClient.from_connection_string(storage))


def _rows(service: TableServiceClient) -> Iterator[Place]:
    """Each column is a place of its own: what is declared is declared by column."""
    with service:
        for table in service.list_tables():
            for row in service.get_table_client(table.name).list_entities():
                for column, value in row.items():
                    name = f"table {table.name}.{column} {row['PartitionKey']}|{row['RowKey']}"
                    yield name, value if isinstance(value, bytes) else str(value).encode()


def _blobs(service: BlobServiceClient) -> Iterator[Place]:
    with service:
        for container in service.list_containers():
            client = service.get_container_client(container.name)
            for blob in client.list_blobs(include=["metadata"]):
                name = f"blob {container.name}/{blob.name}"
                yield name, client.download_blob(blob.name).readall() + f"{name} {blob.metadata}".encode()


def _messages(service: QueueServiceClient) -> Iterator[Place]:
    with service:
        for queue in service.list_queues():
            for message in service.get_queue_client(queue.name).peek_messages(max_messages=32):
                text = str(message.content).encode()
                yield f"queue {queue.name}", text + b"\n" + base64.b64decode(text + b"===")


def files(folder: Path, called: str) -> Iterator[Place]:
    """With their names, which tell something too."""
    for path in sorted(folder.rglob("*")):
        inside = str(path.relative_to(folder))
        yield f"{called} {inside}", inside.encode() + (b"\n" + path.read_bytes() if path.is_file() else b"")


def unlinked(process: psutil.Process) -> Iterator[Place]:
    """Files that a process has open and that no folder names any more."""
    for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
            if target.startswith("/") and target.endswith(" (deleted)") and not target.startswith("/dev/"):
                yield f"open {target}", descriptor.read_bytes()
        except FileNotFoundError:
            continue  # closed meanwhile
