"""Alerts and charts ask for what the app tells, and nothing else."""

import json
import re

import pytest

from shared.store.work_queue import POISON
from shared.telemetry import ATTRIBUTES, METRICS
from tests.infra.cloud.bicep import ROOT

ALERTS = json.loads((ROOT / "infra/alerts.json").read_text())
CHARTS = [
    item["content"] for item in json.loads((ROOT / "infra/workbook.json").read_text())["items"] if item["type"] == 3
]


def test_operator_has_six_charts_of_everything_that_is_measured() -> None:
    assert len(CHARTS) == 6
    told = set(METRICS) - {"ownface.sweep.settled", "ownface.work.given_up"}
    assert {name for chart in CHARTS for name in re.findall(r"'(ownface\.[\w.]+)'", chart["query"])} == told


@pytest.mark.parametrize("query", [one["query"] for one in (*ALERTS, *CHARTS)])
def test_queries_name_metrics_and_attributes_that_there_are(query: str) -> None:
    named = set(re.findall(r"'(ownface\.[\w.]+)'", query))
    assert named
    assert named <= METRICS.keys()
    assert set(re.findall(r"(?:Properties|customDimensions)\.(\w+)", query)) <= set(ATTRIBUTES)


def test_four_things_are_alerted() -> None:
    assert [one["name"] for one in ALERTS] == ["sweep-overdue", "work-given-up", "server-errors", "refused-for-load"]
    assert f"'{POISON}'" in ALERTS[1]["query"]


def test_host_tells_opentelemetry_too() -> None:
    assert json.loads((ROOT / "host.json").read_text())["telemetryMode"] == "OpenTelemetry"
