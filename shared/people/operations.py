"""What became of long-running work, for those who poll."""

from shared.errors import OperationNotFound
from shared.people.names import GUID
from shared.store.operations import Operation, Operations


class OperationResults:
    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def get(self, operation_id: str) -> Operation:
        """Raises OperationNotFound for one that never was or is older than 48 hours."""
        key = operation_id.lower()
        found = self._operations.find(key) if GUID.fullmatch(key) else None
        if found is None:
            raise OperationNotFound
        return found
