"""Queue triggers, against a real Azurite."""

import base64
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import azure.functions as func
import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from infra.local.azurite import Azurite
from infra.local.bindings import BindingError
from infra.local.host import LocalHost
from infra.local.host_settings import HostSettings
from tests.infra.apps import anonymous_app

Handler = Callable[[func.QueueMessage], None]
SETTINGS = HostSettings.load()


def _never(message: func.QueueMessage) -> bool:
    del message
    return False


class Work:
    """A queue of its own, an app whose function takes its messages, and what that function saw."""

    def __init__(self, connection_string: str) -> None:
        self.name = f"work-{uuid.uuid4().hex[:12]}"
        self.environment = {"AzureWebJobsStorage": connection_string}
        self.queue = QueueClient.from_connection_string(connection_string, self.name)
        self.poison = QueueClient.from_connection_string(connection_string, f"{self.name}-poison")
        self.seen: list[func.QueueMessage] = []
        self.changed = threading.Condition()
        self.fails: Callable[[func.QueueMessage], bool] = _never

    @property
    def bodies(self) -> list[bytes]:
        return [message.get_body() for message in self.seen]

    def app(self, connection: str = "") -> func.FunctionApp:
        app = anonymous_app()

        @app.function_name("Work")
        @app.queue_trigger("msg", self.name, connection)
        def work(msg: func.QueueMessage) -> None:
            with self.changed:
                self.seen.append(msg)
                self.changed.notify_all()
            if self.fails(msg):
                raise RuntimeError("as told")

        return app

    def host(self, settings: HostSettings = SETTINGS, *, triggers: bool = True) -> LocalHost:
        return LocalHost(self.app(), 0, settings=settings, environment=self.environment, triggers=triggers)

    def send(self, *bodies: bytes) -> None:
        self.queue.create_queue()
        for body in bodies:
            self.queue.send_message(base64.b64encode(body).decode())

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.seen) >= count, 60)


def eventually(holds: Callable[[], bool]) -> None:
    """For what happens in another process: asked again until it holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def length(queue: QueueClient) -> int:
    return queue.get_queue_properties().approximate_message_count or 0


def exists(queue: QueueClient) -> bool:
    try:
        queue.get_queue_properties()
    except ResourceNotFoundError:
        return False
    return True


@pytest.fixture
def work(azurite: Azurite) -> Work:
    return Work(azurite.connection_string)


def test_a_message_reaches_the_function_decoded_and_is_then_deleted(work: Work) -> None:
    body = b'{"gallery": "\xc3\xbc"}'
    work.send(body)
    with work.host():
        work.wait_for(1)
        eventually(lambda: length(work.queue) == 0)
    message = work.seen[0]
    assert message.get_body() == body
    assert message.get_json() == {"gallery": "ü"}
    assert message.dequeue_count == 1
    assert message.id is not None
    assert message.pop_receipt is not None
    assert message.insertion_time is not None
    assert message.expiration_time is not None
    assert message.expiration_time > message.insertion_time
    assert length(work.poison) == 0


def test_queues_are_made_when_they_are_missing_and_later_messages_are_found(work: Work) -> None:
    with work.host():
        eventually(lambda: exists(work.queue) and exists(work.poison))
        work.queue.send_message(base64.b64encode(b"late").decode())
        work.wait_for(1)
    assert work.bodies == [b"late"]


def test_more_messages_than_one_batch_are_each_worked_on_once(work: Work) -> None:
    bodies = [str(number).encode() for number in range(20)]
    work.send(*bodies)
    with work.host(replace(SETTINGS, queues=replace(SETTINGS.queues, batch_size=8))):
        work.wait_for(20)
        eventually(lambda: length(work.queue) == 0)
    assert sorted(work.bodies) == sorted(bodies)


def test_a_failed_message_is_tried_again_and_gone_once_it_succeeds(work: Work) -> None:
    work.fails = lambda message: (message.dequeue_count or 0) < 3
    work.send(b"third time lucky")
    with work.host():
        work.wait_for(3)
        eventually(lambda: length(work.queue) == 0)
    assert [message.dequeue_count for message in work.seen] == [1, 2, 3]
    assert length(work.poison) == 0


def test_a_message_that_fails_five_times_goes_to_the_poison_queue_and_stops_nothing(work: Work) -> None:
    work.fails = lambda message: message.get_body() == b"bad"
    work.send(b"bad", b"good")
    with work.host():
        eventually(lambda: exists(work.poison) and length(work.poison) == 1)
        eventually(lambda: length(work.queue) == 0)
    assert sorted(work.bodies) == [b"bad"] * 5 + [b"good"]
    poison = work.poison.receive_message()
    assert poison is not None
    assert base64.b64decode(poison.content) == b"bad"


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_without_a_run(work: Work) -> None:
    work.send(b"good")
    work.queue.send_message("not base64!")
    with work.host():
        eventually(lambda: exists(work.poison) and length(work.poison) == 1)
        work.wait_for(1)
    assert work.bodies == [b"good"]


def test_admin_runs_a_queue_function_on_a_message_of_its_own(work: Work) -> None:
    with work.host(triggers=False) as host:
        assert httpx.post(f"{host.url}/admin/functions/Work", json={"input": "by hand"}).status_code == 202
    assert work.bodies == [b"by hand"]


def test_storage_that_does_not_answer_is_asked_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    late = Azurite(tmp_path_factory.mktemp("late"))
    work = Work(late.connection_string)
    with work.host(), late:
        eventually(lambda: exists(work.queue))
        work.queue.send_message(base64.b64encode(b"patience").decode())
        work.wait_for(1)
    assert work.bodies == [b"patience"]


def test_a_connection_setting_is_found_with_and_without_the_hosts_prefix(work: Work, azurite: Azurite) -> None:
    for name in ("Jobs", "AzureWebJobsJobs"):
        environment = {name: azurite.connection_string}
        LocalHost(work.app("Jobs"), 0, environment=environment, triggers=False).stop()
    with pytest.raises(BindingError, match="function Work needs the connection string Jobs"):
        LocalHost(work.app("Jobs"), 0, environment={})
