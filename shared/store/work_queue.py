"""Work that outlives a call: messages in one Storage queue, taken by the function in functions/background.py."""

import json
from collections.abc import Mapping

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from shared.store import account
from shared.store.tables import PAUSES, translated

QUEUE = "work"


POISON = f"{QUEUE}-poison"
"""Where the Functions host puts what failed too often."""


class WorkQueue:
    """Messages are JSON objects of strings: what to do, and with which ids. At least once, in no order."""

    def __init__(self, connection_string: str) -> None:
        """Raises ValueError where the connection string is malformed."""
        self._client, self._poison = (
            account.queue(
                connection_string,
                name,
                message_encode_policy=TextBase64EncodePolicy(),  # what host.json says
                retry_total=3,
                connection_timeout=3,
                read_timeout=5,
                **PAUSES,
            )
            for name in (QUEUE, POISON)
        )

    def send(self, message: Mapping[str, str]) -> None:
        """When it returns, the work will be done. Raises StoreUnavailable."""
        text = json.dumps(message)
        with translated():
            try:
                self._client.send_message(text)
                return
            except ResourceNotFoundError:
                self._create()
            self._client.send_message(text)

    def depths(self) -> dict[str, int]:
        """How many messages wait in the queue and in its poison queue, roughly. Raises StoreUnavailable."""
        return {QUEUE: _depth(self._client), POISON: _depth(self._poison)}

    def _create(self) -> None:
        try:
            self._client.create_queue()
        except ResourceExistsError:
            return  # another process was quicker


def _depth(client: QueueClient) -> int:
    with translated():
        try:
            return client.get_queue_properties().approximate_message_count or 0
        except ResourceNotFoundError:
            return 0
