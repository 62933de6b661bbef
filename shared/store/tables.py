"""Table storage as the stores use it: idempotent puts, reads that may find nothing, range queries.

Every failure becomes StoreUnavailable; no azure exception leaves this package.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline import PipelineResponse
from azure.data.tables import TableServiceClient, TableTransactionError, UpdateMode

# At the INFO level that Azure Functions runs with, the client would log a dozen lines for every call.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)

Row = Mapping[str, Any]
T = TypeVar("T")

CALL_SECONDS = 12  # after this no further try of a call begins
RETRY_AFTER_SECONDS = 2  # the longest pause between two tries, whatever storage asks for
TRANSACTION_ROWS = 100  # the service's limit


class StoreUnavailable(Exception):
    """Storage cannot be reached or does not do what it was asked. The text names the failure, no row, no secret."""


class Tables:
    """One storage account's tables. Cheap to make: nothing is sent before the first call."""

    def __init__(self, connection_string: str) -> None:
        """Raises ValueError where the connection string is malformed."""
        self._service = TableServiceClient.from_connection_string(
            connection_string,
            retry_total=3,
            retry_backoff_factor=0.2,
            retry_backoff_max=RETRY_AFTER_SECONDS,
            connection_timeout=3,
            read_timeout=5,
            timeout=CALL_SECONDS,
            raw_response_hook=_cap_retry_after,
        )

    def table(self, name: str) -> "Table":
        return Table(self._service, name)

    def ping(self) -> None:
        """One small read, tried once and not for long. Raises StoreUnavailable."""
        options = {"retry_total": 0, "connection_timeout": 1, "read_timeout": 2}
        with _translated():
            next(iter(self._service.list_tables(results_per_page=1, **options)), None)


class Table:
    """One table, made when first written to. Rows are plain mappings with PartitionKey and RowKey."""

    def __init__(self, service: TableServiceClient, name: str) -> None:
        self._service = service
        self._name = name
        self._client = service.get_table_client(name)

    def put(self, rows: Sequence[Row]) -> None:
        """Write rows of one partition, all or none. Replaces rows of the same keys, so a retry is harmless."""
        if len(rows) == 1:
            self._write(lambda: self._client.upsert_entity(rows[0], mode=UpdateMode.REPLACE))
        else:
            steps = [("upsert", row, {"mode": UpdateMode.REPLACE}) for row in rows]
            self._write(lambda: self._client.submit_transaction(steps))

    def get(self, partition: str, key: str) -> dict[str, Any] | None:
        with _translated():
            try:
                return dict(self._client.get_entity(partition, key))
            except ResourceNotFoundError:
                return None

    def delete(self, partition: str, keys: Sequence[str]) -> None:
        """Remove rows of one partition; keys that are not there are no error. At most TRANSACTION_ROWS keys."""
        with _translated():
            if len(keys) > 1 and self._delete_together(partition, keys):
                return
            for key in keys:
                self._client.delete_entity(partition, key)

    def query(self, condition: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """Rows for an OData condition with @named parameters, ascending by partition and row key."""
        with _translated():
            try:
                yield from map(dict, self._client.query_entities(condition, parameters=parameters))
            except ResourceNotFoundError:
                return

    def _delete_together(self, partition: str, keys: Sequence[str]) -> bool:
        """One transaction for all keys; False where one of them is gone, which undoes the whole transaction."""
        try:
            self._client.submit_transaction([("delete", {"PartitionKey": partition, "RowKey": key}) for key in keys])
        except TableTransactionError as error:
            if error.status_code != 404:
                raise
            return False
        return True

    def _write(self, send: Callable[[], T]) -> T:
        with _translated():
            try:
                return send()
            except HttpResponseError as error:
                if error.status_code != 404:  # an upsert finds nothing only where there is no table
                    raise
            self._create()
            return send()

    def _create(self) -> None:
        try:
            self._service.create_table(self._name)
        except ResourceExistsError:
            return  # another process was quicker


def _cap_retry_after(response: PipelineResponse[Any, Any]) -> None:
    """The client sleeps for as long as storage says, past any time limit; writers must know how late they can be."""
    headers = response.http_response.headers
    if "Retry-After" in headers:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except AzureError as error:
        status = getattr(error, "status_code", None)
        raise StoreUnavailable(f"{type(error).__name__} {status or ''}".strip()) from None
