"""Traces and metrics by OpenTelemetry: how much, how long, how full. Never a picture, a template, a name or userData.

The platform exports them: with PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY=true the Functions worker sets up Azure
Monitor's exporter before it loads the app. Without it nothing is imported and each call here costs a comparison.

What is recorded is a closed list, METRICS and ATTRIBUTES; docs/telemetry.md tells them.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

SWITCH = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"
"""The Functions worker's own setting."""

SCOPE = "ownface"

METRICS = {
    "ownface.request.duration": ("s", "Calls, by operation and status: from the worker's first look to the answer."),
    "ownface.faces": ("{face}", "Faces that were found in pictures."),
    "ownface.inference.duration": ("s", "Work of models, by step."),
    "ownface.storage.duration": ("s", "Calls to storage, by service, method and status."),
    "ownface.queue.depth": ("{message}", "Messages that wait, by queue, as the sweep saw them."),
    "ownface.sweep.lag": ("s", "How long the oldest thing that a sweep found had been due."),
    "ownface.sweep.settled": ("{thing}", "Expired things that sweeps made an end of."),
    "ownface.work.given_up": ("{message}", "Work that failed too often."),
    "ownface.gallery.members": ("{member}", "Persons or faces of the galleries that were searched."),
}
ATTRIBUTES = ("operation", "status", "code", "step", "service", "method", "queue")
"""All of them have few values, and none that comes from a caller."""


class Telemetry:
    """The instruments, made once."""

    def __init__(self, meters: "MeterProvider | None", tracers: "TracerProvider | None") -> None:
        from opentelemetry import metrics, trace

        meter = metrics.get_meter(SCOPE, meter_provider=meters)
        self.instruments = {
            name: meter.create_histogram(name, unit=unit, description=text) for name, (unit, text) in METRICS.items()
        }
        self.tracer = trace.get_tracer(SCOPE, tracer_provider=tracers)
        self.active_span = trace.get_current_span


_current: Telemetry | None = None


def wanted(environment: Mapping[str, str]) -> bool:
    return environment.get(SWITCH, "").strip().lower() == "true"


def start(meters: "MeterProvider | None" = None, tracers: "TracerProvider | None" = None) -> None:
    """Record from now on; with providers of one's own, or those that the worker has set up."""
    global _current
    _current = Telemetry(meters, tracers)


def stop() -> None:
    global _current
    _current = None


def is_on() -> bool:
    return _current is not None


def record(metric: str, value: float, **attributes: str | int) -> None:
    """One value of a metric of METRICS, with attributes of ATTRIBUTES."""
    if _current is not None:
        _current.instruments[metric].record(value, attributes)


@contextmanager
def timed(metric: str, span: str, **attributes: str | int) -> Iterator[dict[str, str | int]]:
    """Time the block as a metric and as a span. What is put into the mapping that it gets is recorded too.

    An exception is told to neither: its text may hold what telemetry must not."""
    found: dict[str, str | int] = dict(attributes)
    if _current is None:
        yield found
        return
    started = time.perf_counter()
    with _current.tracer.start_as_current_span(
        span, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as active:
        try:
            yield found
        finally:
            active.set_attributes(found)
            record(metric, time.perf_counter() - started, **found)


def past(metric: str, span: str, seconds: float, **attributes: str | int) -> None:
    """The like for what has just ended; a span only within another one, since threads of our own have none."""
    if _current is None:
        return
    record(metric, seconds, **attributes)
    if _current.active_span().is_recording():
        now = time.time_ns()
        began = now - int(seconds * 1e9)
        _current.tracer.start_span(span, attributes=attributes, start_time=began).end(now)
