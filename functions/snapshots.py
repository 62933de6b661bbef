"""Snapshot: withdrawn by the service, which refuses every call. Clients are told the same here."""

from typing import NoReturn

import azure.functions as func

from shared.errors import UnsupportedFeature
from shared.wire.call import Call
from shared.wire.operation import operation

blueprint = func.Blueprint()

SNAPSHOTS = "face/{version}/snapshots"
SNAPSHOT = f"{SNAPSHOTS}/{{snapshotId}}"
RETIRED = (
    ("Take", "POST", SNAPSHOTS, "snapshots/action"),
    ("List", "GET", SNAPSHOTS, "snapshots/read"),
    ("Get", "GET", SNAPSHOT, "snapshots/read"),
    ("Update", "PATCH", SNAPSHOT, "snapshots/write"),
    ("Delete", "DELETE", SNAPSHOT, "snapshots/delete"),
    ("Apply", "POST", f"{SNAPSHOT}/apply", "snapshots/apply/action"),
)


def declare(verb: str, method: str, route: str, action: str) -> None:
    @operation(
        blueprint,
        f"{verb}Snapshot",
        method,
        route,
        action=action,
        versions=("v1.0", "v1.0-preview"),
        covers=(f"Snapshot_{verb}",),
    )
    def snapshot(call: Call[None, None]) -> NoReturn:
        """Refused: snapshots were retired."""
        del call
        raise UnsupportedFeature


for retired in RETIRED:
    declare(*retired)
