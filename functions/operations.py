"""The state of work that goes on after its call was answered."""

import azure.functions as func

from shared.clock import to_text
from shared.errors import UnsupportedFeature
from shared.wire.answers import Polled
from shared.wire.call import Call
from shared.wire.fields import Guid, Timestamp
from shared.wire.objects import WireObject
from shared.wire.operation import DIRECTORY_VERSIONS, operation

blueprint = func.Blueprint()


class OperationResult(WireObject):
    """`message`: why it failed."""

    status: str
    created_time: Timestamp
    operation_id: Guid | None = None
    last_action_time: Timestamp | None = None
    finished_time: Timestamp | None = None
    message: str | None = None


@operation(
    blueprint,
    "GetOperationResult",
    "GET",
    "face/{version}/operations/{operationId}",
    action="operations/read",
    versions=("v1.0", *DIRECTORY_VERSIONS),
    covers=("GetOperationResult", "Snapshot_GetOperationStatus"),
)
def get_operation(call: Call[None, None]) -> Polled[OperationResult]:
    """The state of a Person Directory operation. In v1.0 the only operations were those of snapshots."""
    if call.version == "v1.0":
        raise UnsupportedFeature
    found = call.services.operations.get(call.path["operationId"])
    return Polled(
        OperationResult(
            status=found.status,
            created_time=to_text(found.created),
            operation_id=None if call.version == "v1.0-preview" else found.operation_id,
            last_action_time=to_text(found.last_action),
            finished_time=to_text(found.finished) if found.finished else None,
            message=found.message,
        )
    )
