"""The queue of long work, run by hand: tests wait for nothing."""

import base64

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from tests.contract.conftest import Service

QUEUE = "work"
FUNCTION = "Work"


class Work:
    """`run` hands what waits in the queue to its function through the host's /admin, as a trigger would."""

    def __init__(self, service: Service, storage: str) -> None:
        self._service = service
        self._queue = QueueClient.from_connection_string(storage, QUEUE)

    def run(self) -> int:
        """Until the queue is empty; how many messages there were. A message that fails is a failed test."""
        ran = 0
        try:
            while batch := list(self._queue.receive_messages(max_messages=32)):
                for message in batch:
                    body = {"input": base64.b64decode(message.content).decode()}
                    answer = self._service.http.post(f"/admin/functions/{FUNCTION}", json=body)
                    assert answer.status_code == 202, f"{body}: {answer.status_code}"
                    self._queue.delete_message(message)
                    ran += 1
        except ResourceNotFoundError:
            return ran  # nothing was ever sent
        return ran
