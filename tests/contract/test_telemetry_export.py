"""The platform's own integration from end to end: Azure Monitor's exporter, set up as the Functions worker does, and a
collector on this machine that stands where Application Insights' ingestion would."""

import gzip
import http.server
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.telemetry import METRICS, SWITCH
from tests.contract.process import KEY, ROOT
from tests.faces import ROOT as FACES
from tests.servers import http_server

pytestmark = pytest.mark.slow
DAD = FACES / "azure/images/Family1-Dad1.jpg"


@contextmanager
def collector() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its address, and what has arrived."""
    arrived: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            text = body.decode()
            items = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
            arrived.extend(items)
            answer = json.dumps({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    with http_server(Handler) as port:
        yield f"http://127.0.0.1:{port}", arrived


def deployed() -> dict[str, str]:
    """The settings for telemetry that a deployment gets."""
    text = (ROOT / "infra/bicep/modules/app.bicep").read_text()
    return dict(re.findall(r"^    ((?:PYTHON|OTEL|AZURE_TRACING)\w+): '(.*)'$", text, re.MULTILINE))


def test_what_reaches_the_collector_is_ours_alone_and_nothing_that_a_caller_sent(
    storage: str, key_ring_file: Path, tmp_path: Path
) -> None:
    words = f"canary{secrets.token_hex(8)}"
    with collector() as (address, arrived):
        places = f"IngestionEndpoint={address}/;LiveEndpoint={address}/"
        environment = {
            **os.environ,
            **deployed(),
            "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={UUID(int=0)};{places}",
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "AzureWebJobsStorage": storage,
            "FACE_APPROVED_FEATURES": "identification,verification,liveness",
            "FACE_KEY1": KEY,
            "FACE_KEY_RING_FILE": str(key_ring_file),
            "TMPDIR": str(tmp_path),
        }
        assert environment[SWITCH] == "true"
        command = [sys.executable, "-m", "tests.contract.serve_as_worker"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) as served:  # type: ignore[call-overload]
            url = served.stdout.readline().strip()
            with httpx.Client(base_url=url, headers={"Ocp-Apim-Subscription-Key": KEY}, timeout=60) as client:
                calls(client, words)
            served.stdin.close()
            assert served.wait(60) == 0
    items = [item for item in arrived if "data" in item]  # not those of live metrics
    kinds = {item["data"]["baseType"] for item in items}
    assert kinds >= {"MetricData", "RemoteDependencyData"}
    measured = {one["name"] for item in items for one in item["data"]["baseData"].get("metrics", [])}
    assert {name for name in measured if name.startswith("ownface.")} <= METRICS.keys()
    assert "ownface.request.duration" in measured
    text = json.dumps(arrived)
    assert words not in text
    assert KEY not in text
    assert "devstoreaccount1" not in text, "a client of Azure was traced by itself"


def calls(client: httpx.Client, words: str) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    path = f"/face/v1.2/largepersongroups/{words}"
    client.put(path, json={"name": words, "userData": words, "recognitionModel": "recognition_04"})
    person = client.post(f"{path}/persons", json={"name": words, "userData": words}).json()["personId"]
    client.post(
        f"{path}/persons/{person}/persistedfaces", params={"userData": words}, content=DAD.read_bytes(), headers=headers
    )
    assert client.post("/face/v1.2/detect", content=DAD.read_bytes(), headers=headers).status_code == 200
    client.delete(path)
