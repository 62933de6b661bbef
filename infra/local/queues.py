"""Queue triggers: take messages in batches, delete what succeeded, retry what failed, and put what failed too often
into the queue's poison queue.

A message that is being worked on stays hidden for host.json's functionTimeout, the longest that a function may run on
Azure; the Functions host hides it for ten minutes and renews that."""

import asyncio
import base64
import binascii
import logging
from contextlib import suppress

import azure.functions as func
from azure.core.exceptions import AzureError, ResourceExistsError
from azure.functions.queue import QueueMessage
from azure.storage.queue import QueueClient
from azure.storage.queue import QueueMessage as StoredMessage

from infra.local.bindings import QueueFunction
from infra.local.host_settings import HostSettings
from infra.local.invoker import Invoker, Outcome, pause
from shared.store import account

log = logging.getLogger("ownface.local")
SHORTEST_PAUSE = 0.1  # seconds between polls right after a message; doubles while the queue stays empty
MOST_PER_CALL = 32  # the service's limit for one read
FOREVER = -1  # seconds a poison message lives


class QueueListener:
    """One queue function."""

    def __init__(self, function: QueueFunction, invoker: Invoker, settings: HostSettings) -> None:
        self._function = function
        self._invoker = invoker
        self._settings = settings.queues
        self._hidden_seconds = int(settings.function_timeout.total_seconds())
        self._queue = self._client(function.queue)
        self._poison = self._client(f"{function.queue}-poison")

    async def run_now(self, body: bytes) -> Outcome:
        """Run the function on a message that is in no queue."""
        message: func.QueueMessage = QueueMessage(id="", body=body, dequeue_count=1, pop_receipt="")
        return await self._invoker.invoke(self._function.target, message)

    async def serve(self, stopping: asyncio.Event) -> None:
        """Until the host stops. A storage that does not answer is asked again, ever more slowly."""
        wait = SHORTEST_PAUSE
        created = False
        while not stopping.is_set():
            try:
                created = created or await asyncio.to_thread(self._create)
                busy = await self._work()
            except AzureError as error:
                log.warning("queue %s: %s, asking again", self._function.queue, type(error).__name__)
                busy = False
            longest = self._settings.max_polling_interval.total_seconds()
            if busy:
                wait = SHORTEST_PAUSE
                continue
            await pause(stopping, wait)
            wait = min(wait * 2, longest)

    async def _work(self) -> bool:
        """Work through one batch. False where the queue was empty."""
        messages = await asyncio.to_thread(self._receive)
        await asyncio.gather(*(self._handle(message) for message in messages))
        return bool(messages)

    async def _handle(self, message: StoredMessage) -> None:
        body = self._decode(message.content)
        if body is None:
            log.error("queue %s: a message that is not base64 goes to the poison queue", self._function.queue)
            await asyncio.to_thread(self._bury, message)
            return
        outcome = await self._invoker.invoke(self._function.target, _for_function(message, body))
        if not outcome.failed:
            await asyncio.to_thread(self._queue.delete_message, message)
        elif (message.dequeue_count or 0) >= self._settings.max_dequeue_count:
            log.error("queue %s: message %s failed too often", self._function.queue, message.id)
            await asyncio.to_thread(self._bury, message)
        else:
            await asyncio.to_thread(self._release, message)

    def _create(self) -> bool:
        for queue in (self._queue, self._poison):
            with suppress(ResourceExistsError):
                queue.create_queue()
        return True

    def _receive(self) -> list[StoredMessage]:
        count = min(self._settings.batch_size, MOST_PER_CALL)
        return list(self._queue.receive_messages(max_messages=count, visibility_timeout=self._hidden_seconds))

    def _release(self, message: StoredMessage) -> None:
        seconds = int(self._settings.visibility_timeout.total_seconds())
        self._queue.update_message(message, visibility_timeout=seconds)

    def _bury(self, message: StoredMessage) -> None:
        """The poison message is written first: dying in between leaves it twice, never lost."""
        self._poison.send_message(message.content, time_to_live=FOREVER)
        self._queue.delete_message(message)

    def _decode(self, content: str) -> bytes | None:
        if not self._settings.base64:
            return content.encode()
        try:
            return base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            return None

    def _client(self, name: str) -> QueueClient:
        """It leaves message texts as they are: one that does not decode must not spoil its batch."""
        return account.queue(
            self._function.connection_string, name, retry_total=0, connection_timeout=5, read_timeout=30
        )


def _for_function(message: StoredMessage, body: bytes) -> func.QueueMessage:
    return QueueMessage(
        id=message.id,
        body=body,
        dequeue_count=message.dequeue_count,
        expiration_time=message.expires_on,
        insertion_time=message.inserted_on,
        time_next_visible=message.next_visible_on,
        pop_receipt=message.pop_receipt,
    )
