"""The limit on the members of all collections of a kind together.

Each collection is granted room ahead, in its row of the catalogue and with the kind's sum in one transaction, and adds
members within what it was granted. So most additions ask nobody, writers of different collections do not wait for each
other, and a deleted collection gives all of its room back at once. A process that dies loses nothing: what is granted
stays the collection's to use. A total is passed only by persons who are being added while persons are deleted from the
same collection; the next grant counts them.
"""

import logging
import operator
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from shared.errors import QuotaExceeded
from shared.people.collections import Collection
from shared.settings import Limits
from shared.store.catalogue import Catalogue, EntryGone
from shared.store.galleries import Galleries, GalleryGone
from shared.store.members import parts
from shared.store.retries import TRIES, LimitReached, WriteConflict
from shared.store.tables import StoreUnavailable

log = logging.getLogger("ownface.people")

T = TypeVar("T")

FULL = "Person number reached subscription level limit."
LEAST, OF_MEMBERS = 4, 8  # room is granted by so many, or by this part of what a collection has
OF_LIMIT = 25_000  # and never by more than this part of the total, so that little of it can be missed


class Totals:
    def __init__(self, catalogue: Catalogue, galleries: Galleries, limits: Limits) -> None:
        self._catalogue = catalogue
        self._galleries = galleries
        self._limits = limits

    def add(self, collection: Collection, limit: int, add: Callable[[Sequence[int]], T]) -> T:
        """What `add` answers, told how many members each shard of the collection may have: together `limit`, or less
        where all of the kind have a limit together. Raises QuotaExceeded, GalleryGone, and what `add` raises."""
        own, granted = parts(limit, collection.gallery.shards), collection.granted
        if collection.kind.all_members is None:
            return add(own)
        for _ in range(TRIES):
            with suppress(LimitReached):
                return add(tuple(map(min, own, granted)))
            granted = self._grant(collection, own, collection.kind.all_members(self._limits))
        raise WriteConflict  # others keep taking the room that was granted

    def removed(self, collection: Collection) -> None:
        """Give back what members who were removed have left, unless the next of the collection will soon need it.
        Where that fails the room stays the collection's."""
        kind, key, gallery = collection.kind, collection.id, collection.gallery
        if kind.all_members is None:
            return
        try:
            members = self._galleries.members(gallery.key)
            ahead = _ahead(sum(members), kind.all_members(self._limits))
            if members and sum(collection.granted) - sum(members) >= 2 * ahead - 1:
                spare = parts(ahead - 1, gallery.shards)
                self._catalogue.take_back(kind.path, key, gallery.key, tuple(map(operator.add, members, spare)))
        except (StoreUnavailable, WriteConflict, EntryGone) as error:
            log.info("%s keeps its room: %s", gallery.key, type(error).__name__)

    def _grant(self, collection: Collection, own: Sequence[int], limit: int) -> tuple[int, ...]:
        """`own`: how many members the collection's own limit allows each shard. Raises LimitReached at that."""
        kind, key, gallery = collection.kind, collection.id, collection.gallery
        members = self._galleries.members(gallery.key)
        if not members:
            raise GalleryGone
        free = [max(may - has, 0) for may, has in zip(own, members, strict=True)]
        if not any(free):
            raise LimitReached
        more = _dealt(_ahead(sum(members), limit), free)
        try:
            return self._catalogue.grant(kind.path, key, gallery.key, members, more, limit)
        except LimitReached:
            raise QuotaExceeded(FULL) from None
        except EntryGone:
            raise GalleryGone from None


def _ahead(members: int, limit: int) -> int:
    """How much room is granted at once."""
    return max(1, min(max(LEAST, members // OF_MEMBERS), limit // OF_LIMIT))


def _dealt(ahead: int, free: Sequence[int]) -> list[int]:
    """So much room over shards that have so much left, beginning anywhere: evenly, as far as it goes."""
    first = random.randrange(len(free))  # noqa: S311 spreads writers, hides nothing
    order = [shard for shard in (*range(first, len(free)), *range(first)) if free[shard]]
    dealt = [0] * len(free)
    for number, shard in enumerate(order):
        dealt[shard] = min(free[shard], parts(ahead, len(order))[number])
    return dealt
