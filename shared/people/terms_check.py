"""Whether the rows that say who of a gallery ends when, and who is restricted, say what the records' own rows do."""

from collections.abc import Iterable, Iterator, Mapping

from shared.store.gallery_rows import GalleryRows, Row
from shared.store.ids import GalleryId
from shared.store.tables import ETAG
from shared.store.terms import ENDS, RESTRICTED, RESTRICTS, end_row, read, record_that_ends

TRIES = 8


def marks_of(row: Row) -> set[str]:
    """The keys of the rows that a record's own row asks for. Raises ValueError where that does not say when it ends."""
    gallery, record = GalleryId(row["PartitionKey"]), str(row["RowKey"])
    ends = read(row).retain_until
    asked = {end_row(gallery, record, ends)["RowKey"]} if ends else set()
    return asked | ({RESTRICTS + record} if row.get(RESTRICTED) else set())


def record_of(mark: str) -> str:
    """Raises IndexError where it is none."""
    return mark.removeprefix(RESTRICTS) if mark.startswith(RESTRICTS) else record_that_ends(mark)


class TermsCheck:
    """Every method raises StoreUnavailable."""

    def __init__(self, rows: GalleryRows) -> None:
        self._rows = rows

    def problems(self, gallery: GalleryId, suspects: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, bool]]:
        """What is wrong, in words, and whether that is sure; else the record changed at every try. `suspects`: record
        -> keys of rows about it that were seen or missed."""
        for record, marks in suspects.items():
            yield from self._of_record(gallery, record, set(marks))

    def _of_record(self, gallery: GalleryId, record: str, marks: set[str]) -> Iterator[tuple[str, bool]]:
        """Whoever changes terms changes the record's row in the same transaction: where that has not moved, what was
        read in between belongs to it. A record that is gone stays so, and its rows went with it."""
        for _ in range(TRIES):
            row = self._rows.row(gallery, record)
            try:
                asked = marks_of(row) if row else set()
            except ValueError:
                yield f"when record {record} ends cannot be read", True
                return
            there = {mark for mark in asked | marks if self._rows.row(gallery, mark)}
            after = self._rows.row(gallery, record)
            if (row and row[ETAG]) == (after and after[ETAG]):
                yield from ((_told(record, mark, is_there=mark in there), True) for mark in sorted(asked ^ there))
                return
        yield f"record {record} changed at every try", False


def _told(record: str, mark: str, *, is_there: bool) -> str:
    what = "an end" if mark.startswith(ENDS) else "a restriction"
    return f"{mark} names {what} that its record does not have" if is_there else f"{what} of record {record} has no row"
