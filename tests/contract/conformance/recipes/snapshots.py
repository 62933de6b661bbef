"""Snapshots: Azure withdrew them and answers 403 (operations.md sections 1 and 5.9); so does this service."""

from uuid import uuid4

from tests.contract.conformance.recipes.registry import Call, recipe
from tests.contract.conformance.specification import Declared
from tests.contract.conformance.world import World

BODIES = {
    "Snapshot_Take": {"type": "FaceList", "objectId": "some-list", "applyScope": [str(uuid4())]},
    "Snapshot_Apply": {"objectId": "some-list"},
    "Snapshot_Update": {"userData": "anything"},
}


def is_withdrawn(declared: Declared) -> bool:
    """All of them, but for the status of operations in 1.0-preview, whose Person Directory starts some."""
    about_snapshots = declared.version == "v1.0" or "/snapshots" in declared.path
    return declared.name.startswith("Snapshot_") and about_snapshots


@recipe("Snapshot_Take", "Snapshot_List", "Snapshot_Get", "Snapshot_Update", "Snapshot_Delete", "Snapshot_Apply")
def withdrawn(call: Call, world: World) -> None:
    del world
    snapshot = {"snapshotId": str(uuid4())} if "{snapshotId}" in call.declared.path else {}
    call.refused(403, "UnsupportedFeature", snapshot, BODIES.get(call.declared.name))
