"""Table storage as the stores use it: idempotent puts, conditional changes, reads that may find nothing, range queries.

Every failure becomes StoreUnavailable, and a condition that is not met RowChanged; no azure exception leaves this
package.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline import PipelineResponse
from azure.data.tables import TableEntity, TableServiceClient, TableTransactionError, UpdateMode

from shared.store import account

Row = Mapping[str, Any]
T = TypeVar("T")

CALL_SECONDS = 12  # after this no further try of a call begins
RETRY_AFTER_SECONDS = 2  # the longest pause between two tries, whatever storage asks for
# Blob and queue clients know other names, and without them wait for 15 s before their second try: this is 0 to 2 s.
PAUSES: dict[str, Any] = {"initial_backoff": 0, "increment_base": 1, "random_jitter_range": 1}
TRANSACTION_ROWS = 100  # the service's limit
DELETERS = 4
KEYS = ("PartitionKey", "RowKey")
ETAG = "etag"  # in rows that were read: their version
WRITTEN = "written_at"  # in rows that were read: when they were last written, by storage's clock
TOKEN = "token"  # noqa: S105 in rows that `commit` inserts first: drawn anew for each attempt
# Every write here may be sent again: it replaces, or it is conditional. The client by itself sends no POST or PATCH
# again whose answer did not come.
AGAIN: dict[str, Any] = {"retry_on_methods": frozenset({"GET", "PUT", "DELETE", "POST", "PATCH"})}
NOT_MET = frozenset({404, 409, 412})  # gone, there already, changed


class StoreUnavailable(Exception):
    """Storage cannot be reached or does not do what it was asked. The text names the failure, no row, no secret."""


class RowChanged(Exception):
    """A row is not as the change expects it: changed, gone, or there already. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Insert:
    """The row must not be there."""

    row: Row


@dataclass(frozen=True, slots=True)
class Merge:
    """The columns given replace those of a row that must be there, in the version `etag` unless that is empty."""

    row: Row
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """The row must be there, in the version `etag` unless that is empty."""

    partition: str
    key: str
    etag: str = ""


Step = Insert | Merge | Delete


class Tables:
    """One storage account's tables. Cheap to make: nothing is sent before the first call."""

    def __init__(self, connection_string: str) -> None:
        """Raises ValueError where the connection string is malformed."""
        self._service = account.table_service(
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
        with translated():
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
            self._write(lambda: self._client.submit_transaction(steps, **AGAIN))

    def commit(self, steps: Sequence[Step]) -> None:
        """Change rows of one partition, all or none, at most TRANSACTION_ROWS. Raises RowChanged.

        By the TOKEN of a row that the first step inserts, an attempt whose answer was lost, and whose retry then finds
        its own rows, is told from one that lost against another writer."""
        try:
            self._conditional(lambda: self._client.submit_transaction([_operation(step) for step in steps], **AGAIN))
        except RowChanged:
            first = steps[0]
            if not isinstance(first, Insert) or TOKEN not in first.row:
                raise
            found = self.get(first.row["PartitionKey"], first.row["RowKey"], (TOKEN,))
            if not found or found[TOKEN] != first.row[TOKEN]:
                raise

    def merge(self, row: Row, etag: str = "") -> str:
        """Replace the columns given of a row that must be there, in that version if one is given; answers its new one.
        Raises RowChanged; with an etag also where this very merge was written and its answer lost."""
        conditions = _if_match(etag)
        send = partial(self._client.update_entity, row, mode=UpdateMode.MERGE, **conditions, **AGAIN)
        return str(self._conditional(send)["etag"])

    def get(self, partition: str, key: str, select: Sequence[str] = ()) -> dict[str, Any] | None:
        with translated():
            try:
                return _plain(self._client.get_entity(partition, key, select=list(select) or None))
            except ResourceNotFoundError:
                return None

    def delete(self, partition: str, keys: Sequence[str]) -> None:
        """Remove rows of one partition; keys that are not there are no error. At most TRANSACTION_ROWS keys."""
        with translated():
            if len(keys) > 1 and self._delete_together(partition, keys):
                return
            for key in keys:
                self._client.delete_entity(partition, key)

    def delete_many(self, partition: str, keys: Sequence[str]) -> None:
        """Remove any number of rows of one partition, in transactions side by side; missing keys are no error."""
        parts = [keys[start : start + TRANSACTION_ROWS] for start in range(0, len(keys), TRANSACTION_ROWS)]
        if len(parts) == 1:
            self.delete(partition, parts[0])
        elif parts:
            with ThreadPoolExecutor(DELETERS) as deleters:
                list(deleters.map(lambda part: self.delete(partition, part), parts))

    def query(
        self, condition: str, select: Sequence[str] = (), limit: int | None = None, **parameters: str
    ) -> Iterator[dict[str, Any]]:
        """Rows for an OData condition with @named parameters, ascending by partition and row key."""
        page = None if limit is None else min(max(limit, 1), 1000)
        with translated():
            try:
                rows = self._client.query_entities(
                    condition, parameters=parameters, select=list(select) or None, results_per_page=page
                )
                yield from map(_plain, islice(rows, limit))
            except ResourceNotFoundError:
                return

    def between(
        self, partition: str, first: str, last: str, select: Sequence[str] = (), limit: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Rows of one partition from one key to another, both included, ascending."""
        condition = "PartitionKey eq @partition and RowKey ge @first and RowKey le @last"
        return self.query(condition, select, limit, partition=partition, first=first, last=last)

    def _delete_together(self, partition: str, keys: Sequence[str]) -> bool:
        """One transaction for all keys; False where one of them is gone, which undoes the whole transaction."""
        try:
            steps = [("delete", {"PartitionKey": partition, "RowKey": key}) for key in keys]
            self._client.submit_transaction(steps, **AGAIN)
        except TableTransactionError as error:
            if error.status_code != 404:
                raise
            return False
        return True

    def _conditional(self, send: Callable[[], T]) -> T:
        with translated():
            try:
                try:
                    return send()
                except HttpResponseError as error:
                    if error.status_code != 404 or not self._create():
                        raise
                    return send()
            except HttpResponseError as error:
                if error.status_code not in NOT_MET:
                    raise
                raise RowChanged from None

    def _write(self, send: Callable[[], T]) -> T:
        with translated():
            try:
                return send()
            except HttpResponseError as error:
                if error.status_code != 404:  # an upsert finds nothing only where there is no table
                    raise
            self._create()
            return send()

    def _create(self) -> bool:
        """False where the table was there."""
        try:
            self._service.create_table(self._name)
        except ResourceExistsError:
            return False
        return True


def _plain(entity: TableEntity) -> dict[str, Any]:
    return {**entity, ETAG: entity.metadata["etag"], WRITTEN: entity.metadata.get("timestamp")}


def _operation(step: Step) -> tuple[Any, ...]:
    if isinstance(step, Insert):
        return "create", step.row
    if isinstance(step, Merge):
        return "update", step.row, {"mode": UpdateMode.MERGE, **_if_match(step.etag)}
    return "delete", {"PartitionKey": step.partition, "RowKey": step.key}, _if_match(step.etag)


def _if_match(etag: str) -> dict[str, Any]:
    """An empty etag: whatever version, but the row must be there (the client then sends If-Match: *)."""
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified} if etag else {}


def _cap_retry_after(response: PipelineResponse[Any, Any]) -> None:
    """The client sleeps for as long as storage says, past any time limit; writers must know how late they can be."""
    headers = response.http_response.headers
    if "Retry-After" in headers:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)


@contextmanager
def translated() -> Iterator[None]:
    """Azure's exceptions as StoreUnavailable."""
    try:
        yield
    except AzureError as error:
        status = getattr(error, "status_code", None)
        raise StoreUnavailable(f"{type(error).__name__} {status or ''}".strip()) from None
