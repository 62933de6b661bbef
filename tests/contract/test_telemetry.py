"""What is told of calls to OpenTelemetry: every metric that is promised, and nothing beside the closed list."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import telemetry
from shared.store.work_queue import POISON, QUEUE
from shared.telemetry import ATTRIBUTES, METRICS
from tests.contract.conformance.work import Work
from tests.contract.conftest import KEY, Service
from tests.faces import ROOT as FACES

DAD = FACES / "azure/images/Family1-Dad1.jpg"
GROUP = "telemetry-canary-group"


@dataclass(frozen=True)
class Told:
    """What has arrived at exporters in memory."""

    reader: InMemoryMetricReader
    spans: InMemorySpanExporter

    def points(self) -> dict[str, list[Any]]:
        data = self.reader.get_metrics_data()
        found = data.resource_metrics[0].scope_metrics[0].metrics if data else []
        return {metric.name: list(metric.data.data_points) for metric in found}

    def text(self) -> str:
        """All of it, as it would leave the process."""
        spans = "".join(span.to_json() for span in self.spans.get_finished_spans())
        data = self.reader.get_metrics_data()
        return spans + (data.to_json() if data else "")


@pytest.fixture
def told() -> Iterator[Told]:
    reader, spans = InMemoryMetricReader(), InMemorySpanExporter()
    meters, tracers = MeterProvider([reader], shutdown_on_exit=False), TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    telemetry.start(meters, tracers)
    yield Told(reader, spans)
    telemetry.stop()
    meters.shutdown()
    tracers.shutdown()


def a_day(service: Service, storage: str, words: str) -> None:
    """Calls of every kind, with `words` wherever a caller may put some."""
    http, path = service.http, f"/face/v1.2/largepersongroups/{GROUP}"
    http.put(path, json={"name": words, "userData": words, "recognitionModel": "recognition_04"})
    person = http.post(f"{path}/persons", json={"name": words, "userData": words}).json()["personId"]
    headers = {"Content-Type": "application/octet-stream"}
    faces = f"{path}/persons/{person}/persistedfaces"
    http.post(
        faces, params={"userData": words, "detectionModel": "detection_03"}, content=DAD.read_bytes(), headers=headers
    )
    http.post(f"{path}/train")
    Work(service, storage).run()
    face = service.face_id(
        DAD, recognitionModel="recognition_04", returnFaceAttributes="headPose", detectionModel="detection_03"
    )
    http.post("/face/v1.2/identify", json={"faceIds": [face], "largePersonGroupId": GROUP})
    http.post("/face/v1.2/detect", json={"url": f"http://127.0.0.1:1/{words}"})
    http.post("/face/v1.2/detect", content=b"no picture " * 200, headers=headers)
    http.get(f"/face/v1.2/{words}")
    http.delete(path)
    http.post("/admin/functions/SweepExpired", json={"input": ""})
    http.post("/admin/functions/WorkGivenUp", json={"input": json.dumps({"do": "compact", "gallery": words})})


def test_every_metric_is_told_with_attributes_of_the_closed_list_only(
    service: Service, storage: str, told: Told
) -> None:
    a_day(service, storage, "words")
    points = told.points()
    assert points.keys() == METRICS.keys()
    attributes = {name for found in points.values() for point in found for name in point.attributes}
    assert attributes == set(ATTRIBUTES)


def test_numbers_are_those_of_what_was_done(service: Service, told: Told) -> None:
    service.detect(DAD)
    service.http.get("/face/v1.2/nothing")
    points = told.points()
    requests = points["ownface.request.duration"]
    counts = {(one.attributes["operation"], one.attributes["status"]): one.count for one in requests}
    assert counts == {("Detect", 200): 1, ("ZUnknownPath", 404): 1}
    assert [one.sum for one in points["ownface.faces"]] == [1]
    steps = {one.attributes["step"]: one for one in points["ownface.inference.duration"]}
    call = next(one for one in requests if one.attributes["operation"] == "Detect")
    assert 0 < steps["detect"].sum < call.sum


def test_steps_and_storage_stand_below_their_call_in_a_trace(service: Service, told: Told) -> None:
    service.detect(DAD, returnFaceId="true")
    spans = {span.name: span for span in told.spans.get_finished_spans()}
    call = spans["Detect"]
    for name in ("inference detect", "inference embed"):
        assert spans[name].parent is not None
        assert spans[name].context.trace_id == call.context.trace_id
    stored = [span for span in spans.values() if span.name.startswith("storage table")]
    assert all(span.context.trace_id == call.context.trace_id for span in stored)


def test_nothing_that_a_caller_sent_is_told(service: Service, storage: str, told: Told) -> None:
    words = f"canary{secrets.token_hex(8)}"
    a_day(service, storage, words)
    text = told.text()
    assert "Detect" in text
    assert words not in text
    assert GROUP not in text
    assert KEY not in text
    assert "exception" not in text.lower()


def test_sweep_tells_how_late_it_is_and_what_waits(service: Service, told: Told) -> None:
    service.http.post("/admin/functions/SweepExpired", json={"input": ""})
    service.face_id(DAD, faceIdTimeToLive="60")
    service.clock.advance(3600)
    service.http.post("/admin/functions/SweepExpired", json={"input": ""})
    points = told.points()
    assert 3300 < max(one.max for one in points["ownface.sweep.lag"]) < 3600
    assert {one.attributes["queue"] for one in points["ownface.queue.depth"]} == {QUEUE, POISON}


@pytest.mark.slow
def test_without_the_platforms_switch_nothing_of_opentelemetry_is_imported() -> None:
    question = "import sys, function_app; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    command = [sys.executable, "-c", question]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": ""})
    assert ended.stdout.strip() == "[]"
    assert telemetry.wanted({telemetry.SWITCH: "True"})
    assert not telemetry.wanted({})
