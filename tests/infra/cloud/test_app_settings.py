"""Three lists are one: the settings that the code reads, those that Bicep sets, and those that Terraform sets."""

import inspect
import json
import re

from shared import settings
from shared.settings import Limits, Settings
from tests.infra.cloud.bicep import ROOT, parameters
from tests.test_settings import MINIMAL

SHARED = json.loads((ROOT / "infra" / "settings.json").read_text())
LOCAL = {
    "AzureWebJobsStorage": "a connection string: an account without keys is named by its endpoints",
    "FACE_KEY_RING_FILE": "a file: in Azure the ring is a secret of the vault",
    "FACE_MODELS_DIR": "a folder of its own: a package carries its models where they are found without it",
    "FACE_OWN_MODELS_DIR": "set by whoever adds models of his own to the package, with the parameter `settings`",
    "FACE_CACHE_DIR": "the system's temporary folder is the instance's own disk",
}
"""What no deployment sets, and why."""

PLATFORM = {
    "AzureWebJobsStorage__credential",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY",
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
    "AZURE_TRACING_ENABLED",
    "PYTHON_THREADPOOL_THREAD_COUNT",
}
"""What the Functions host, its worker and the clients of Azure read."""


def read_by_the_code() -> set[str]:
    named = set(re.findall(r'"((?:FACE_|AzureWebJobs)\w*[A-Za-z0-9])"', inspect.getsource(settings)))
    return named | {f"FACE_MAX_{name.upper()}" for name in Limits.__slots__}


def set_by(text: str, assignment: str) -> set[str]:
    """Names of settings in a file, and those of infra/settings.json, which it takes whole."""
    assert "settings.json" in text
    return {*re.findall(rf"^ +(\w+){assignment}", text, re.MULTILINE), *SHARED}


def bicep() -> set[str]:
    text = (ROOT / "infra/bicep/modules/app.bicep").read_text()
    start = text.index("properties: union(loadJsonContent(")
    return set_by(text[start : text.index("\n  })", start)], ": ")


def terraform() -> set[str]:
    text = (ROOT / "infra/terraform/app.tf").read_text()
    start = text.index("app_settings = merge(")
    return set_by(text[start : text.index("\n  })", start)], " += ")


def test_both_set_the_same() -> None:
    assert bicep() == terraform()


def test_every_setting_that_the_code_reads_is_set_and_nothing_else_is() -> None:
    wanted = read_by_the_code() - LOCAL.keys()
    assert bicep() - PLATFORM == wanted
    assert not LOCAL.keys() & bicep()


def test_defaults_of_a_deployment_are_those_of_the_code() -> None:
    own = {"FACE_GALLERY_DISK_MB"}  # an instance's disk is small
    shared = {name: value for name, value in SHARED.items() if name not in own}
    assert Settings.from_environment({**MINIMAL, **shared}) == Settings.from_environment(MINIMAL)
    assert Settings.from_environment({**MINIMAL, **SHARED}).gallery_disk_megabytes == 512


def test_approved_features_and_the_acknowledgement_have_no_default() -> None:
    for name in ("approvedFeatures", "disclosureAcknowledged"):
        assert parameters()[name].default is None
    assert parameters()["disclosureAcknowledged"].allowed == ("true",)


def test_calls_that_wait_for_their_turn_leave_threads_for_all_else() -> None:
    """For the instances that there are, of 1 and 2 cores."""
    read = Settings.from_environment({**MINIMAL, **SHARED})
    most_cores, at_once = 2, read.inferences_at_once
    assert at_once == 0  # one more than there are cores
    assert int(SHARED["PYTHON_THREADPOOL_THREAD_COUNT"]) >= read.inferences_waiting + most_cores + 1 + 16
