"""The work that outlives a call, taken from its queue."""

import azure.functions as func

from shared import services, telemetry
from shared.store.work_queue import QUEUE

blueprint = func.Blueprint()


@blueprint.function_name("Work")
@blueprint.queue_trigger(arg_name="message", queue_name=QUEUE, connection="AzureWebJobsStorage")
def work(message: func.QueueMessage) -> None:
    """Trains, compacts, erases, settles memberships. One that fails comes again, five times in all (host.json)."""
    services.current().background.run(message.get_json())


@blueprint.function_name("WorkGivenUp")
@blueprint.queue_trigger(arg_name="message", queue_name=f"{QUEUE}-poison", connection="AzureWebJobsStorage")
def work_given_up(message: func.QueueMessage) -> None:
    """Tells those who wait for it. The sweep goes on trying what must not be left undone."""
    telemetry.record("ownface.work.given_up", 1)
    services.current().background.give_up(message.get_json())
