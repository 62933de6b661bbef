"""All triggers, gathered from their modules."""

from tests.contract.conformance.errors import (
    collections,
    detection,
    directory,
    general,
    identification,
    liveness,
    quotas,
    similarity,
    verification,
)
from tests.contract.conformance.errors.rows import Row, rows
from tests.contract.conformance.errors.triggers import TRIGGERS, Key
from tests.contract.conformance.errors.unraised import OTHER_STATUS, UNRAISED

MODULES = (collections, detection, directory, general, identification, liveness, quotas, similarity, verification)

__all__ = ["MODULES", "TRIGGERS", "UNRAISED", "codes_raised", "key", "raised_rows", "reason"]


def key(row: Row) -> Key:
    return row.group, row.status, row.message


def reason(row: Row) -> str | None:
    """Why nothing raises it; None where something does."""
    return UNRAISED.get(key(row))


def raised_rows() -> list[Row]:
    return [row for row in rows() if reason(row) is None]


def codes_raised(row: Row) -> list[str]:
    """The row's codes but for those that the service gives another status."""
    return [code for code in row.codes if (row.group, row.status, code) not in OTHER_STATUS]
