"""The service as the Functions worker loads it where the platform's switch is on: Azure Monitor is set up before the
app. Prints its URL, serves until its standard input ends, then sends what is left to tell."""

import sys
from typing import Any

from azure.monitor.opentelemetry import configure_azure_monitor

configure_azure_monitor()

from opentelemetry import metrics, trace  # noqa: E402

from function_app import app  # noqa: E402
from infra.local.host import LocalHost  # noqa: E402

if __name__ == "__main__":
    with LocalHost(app, port=0, triggers=False) as host:
        print(host.url, flush=True)
        sys.stdin.read()
    provider: Any
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider()):
        provider.force_flush()
