"""The timers: what has expired is physically removed, the audit trail anchored, re-sealing begun."""

import logging

import azure.functions as func

from shared import services, telemetry

blueprint = func.Blueprint()
log = logging.getLogger("ownface.retention")


@blueprint.function_name("SweepExpired")
@blueprint.timer_trigger(schedule="0 * * * * *", arg_name="timer", use_monitor=True)
def sweep_expired(timer: func.TimerRequest) -> None:
    """Every minute. A run that was missed or cut short costs nothing: the next one takes up what is due."""
    current = services.current()
    swept = current.retention.sweep()
    if telemetry.is_on():
        telemetry.record("ownface.sweep.lag", current.retention.lag(swept))
        telemetry.record("ownface.sweep.settled", swept.settled)
        for queue, depth in current.queue_depths().items():
            telemetry.record("ownface.queue.depth", depth, queue=queue)
    log.log(
        logging.INFO if swept.settled or swept.failed else logging.DEBUG,
        "swept %d, failed %d, %s%s",
        swept.settled,
        swept.failed,
        "finished" if swept.finished else "more is due",
        ", started late" if timer.past_due else "",
    )


@blueprint.function_name("BeginResealing")
@blueprint.timer_trigger(schedule="20 */5 * * * *", arg_name="timer", use_monitor=True)
def begin_resealing(timer: func.TimerRequest) -> None:
    """Every five minutes: where another key has become the active one, what lasts is sealed anew under it."""
    del timer
    services.current().resealing.begin()


@blueprint.function_name("AnchorAudit")
@blueprint.timer_trigger(schedule="0 7 * * * *", arg_name="timer", use_monitor=True)
def anchor_audit(timer: func.TimerRequest) -> None:
    """Every hour: notes in the audit trail, and in the log, how far every chain of it is."""
    del timer
    services.current().audit.anchor()
