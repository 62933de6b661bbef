"""The function app: every blueprint, nothing else."""

import os

import azure.functions as func

from functions import (
    background,
    capture,
    collection,
    detection,
    dynamic_person_groups,
    face_lists,
    group_persons,
    health,
    liveness,
    liveness_settings,
    operations,
    persisted_faces,
    person_directory,
    privacy,
    recognition,
    retention,
    snapshots,
    studio,
)
from shared import telemetry

if telemetry.wanted(os.environ):
    telemetry.start()

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

MODULES = (
    detection,
    recognition,
    collection,
    face_lists,
    group_persons,
    persisted_faces,
    person_directory,
    dynamic_person_groups,
    operations,
    liveness,
    capture,
    liveness_settings,
    snapshots,
    privacy,
    background,
    retention,
    studio,
    health,
)
for module in MODULES:
    app.register_functions(module.blueprint)
