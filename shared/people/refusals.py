"""What the stores refuse, in the contract's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import ConcurrentOperationConflict, QuotaExceeded
from shared.people.kinds import Kind
from shared.store.galleries import GalleryGone
from shared.store.retries import LimitReached, WriteConflict


@contextmanager
def refusals(resource: str, full: str = "", gone: Kind | None = None) -> Iterator[None]:
    """`resource`: what clashing changes were about. `full`: the text of a limit. `gone`: the kind of collection that
    may be deleted meanwhile."""
    try:
        yield
    except WriteConflict:
        text = f"There is a conflict operation on resource {resource}, please try later."
        raise ConcurrentOperationConflict(text) from None
    except LimitReached:
        raise QuotaExceeded(full) from None
    except GalleryGone:
        if gone is None:
            raise
        raise gone.not_found from None
