"""Whether a gallery is what it says of itself: rows of faces and persons against what a search looks at, against the
heads, and against the rows that say who ends and who is restricted. What somebody put back or took away shows there,
unless all of it is as it was at one moment: for that there is the audit trail (trail_check.py).

A first reading, beside writers, finds suspects: a person or, in a list, a face of whom two rows say different things.
Then only these are read again, between two readings of the heads: where the head of their shard has not moved, nobody
has changed them in between, and what is different still is so for good. Terms do not move heads, but who changes them
changes the record's own row. So nothing is called a problem that may be somebody's work under way; what changes at
every try is left undecided.
"""

from collections.abc import Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from shared.people.gallery_look import TRIES, ChangesTooFast, GalleryLook, Look
from shared.people.gallery_suspects import Key, Prints, Record, Suspects, every_print, found_of, problems_of
from shared.people.stored_galleries import StoredGallery, is_named
from shared.people.terms_check import TermsCheck
from shared.store.catalogue import Catalogue
from shared.store.galleries import GalleryGone
from shared.store.gallery_log import GalleryRef, State
from shared.store.gallery_rows import GalleryRows, shards_of
from shared.store.ids import packed
from shared.store.terms import face_record, person_record

READERS = 8
AT_ONCE = 2000
Line = tuple[str, bool]
"""What is wrong or could not be told, in words; True: it is wrong."""


class GalleryCheck:
    """Reads everything of a gallery, and writes nothing. Every method raises StoreUnavailable."""

    def __init__(self, catalogue: Catalogue, rows: GalleryRows, look: GalleryLook) -> None:
        self._catalogue = catalogue
        self._rows = rows
        self._look = look
        self._terms = TermsCheck(rows)

    def check(self, stored: StoredGallery) -> list[Line]:
        """Empty: it is whole, or its collection was deleted meanwhile."""
        lines: dict[Line, None] = {}
        try:
            for line in self._check(stored):
                lines[line] = None
        except GalleryGone:
            lines["it has no manifest", True] = None
        except ChangesTooFast:
            lines["it changes faster than it can be read", False] = None
        except (ValueError, TypeError, KeyError, IndexError) as error:
            lines[f"a row of it cannot be read: {type(error).__name__}", True] = None
        return list(lines) if lines and is_named(self._catalogue, stored) else []

    def _check(self, stored: StoredGallery) -> Iterator[Line]:
        gallery = stored.gallery
        before = self._look.state(gallery)
        suspects = Suspects.of(gallery, self._rows, has_persons=stored.has_persons)
        look = self._look.look(gallery, every_print)
        yield from ((problem, True) for problem in look.problems)
        if look.is_being_rebuilt:
            yield "it is being rebuilt, so nobody can search it now", False
        suspects.compare(look.found)
        yield from self._settled(gallery, suspects)
        for shard in shards_of(gallery):
            head = look.state.heads.get(shard)
            if not _is_still(before, look.state, shard) or (head and head.members != suspects.members[shard]):
                yield from self._members(gallery, shard, suspects.prefixes)
        yield from self._terms.problems(gallery.key, suspects.records(self._rows.marks(gallery.key)))

    def _settled(self, gallery: GalleryRef, suspects: Suspects) -> Iterator[Line]:
        """What is wrong with suspects, looked at again until their shards stand still."""
        left = sorted(suspects.keys)
        for start in range(0, len(left), AT_ONCE):
            yield from self._settled_some(gallery, set(left[start : start + AT_ONCE]), suspects.models)

    def _settled_some(self, gallery: GalleryRef, left: set[Key], models: Set[str]) -> Iterator[Line]:
        for _ in range(TRIES):
            before = self._look.state(gallery)
            some = sorted(left)
            with ThreadPoolExecutor(READERS) as readers:
                read = list(readers.map(partial(self._record, gallery, models), some))
            look = self._look.look(gallery, found_of(left))
            for key, record in zip(some, read, strict=True):
                if _is_still(before, look.state, gallery.shard(key[0] or key[1])):
                    left.remove(key)
                    yield from ((problem, True) for problem in self._problems(gallery, key, record, look))
            if not left:
                return
        yield f"{len(left)} records changed at every try", False

    def _problems(self, gallery: GalleryRef, key: Key, record: Record, look: Look[Prints]) -> Iterator[str]:
        owner, _ = key
        yield from problems_of(key, record, look.found)
        # A compaction removes the faces' rows of who is gone before it drops the event that says so.
        is_left = owner and record.faces and record.person is None and packed(owner) not in look.removed
        if is_left and look.found is not None and any(self._rows.faces(gallery.key, owner)):
            yield f"there are rows of faces of person {owner}, who is not there"

    def _record(self, gallery: GalleryRef, models: Set[str], key: Key) -> Record:
        owner, face = key
        if owner:
            person = self._rows.row(gallery.key, person_record(owner))
            return Record.of(self._rows, person, self._rows.faces(gallery.key, owner))
        found = (self._rows.face(gallery.key, face_record(model, face)) for model in sorted(models))
        return Record.of(self._rows, None, (one for one in found if one))

    def _members(self, gallery: GalleryRef, shard: str, prefixes: Set[str]) -> Iterator[Line]:
        for _ in range(TRIES):
            before = self._look.state(gallery)
            counted = self._rows.members(gallery, shard, iter(prefixes))
            after = self._look.state(gallery)
            if _is_still(before, after, shard):
                head = after.heads.get(shard)
                if head and head.members != counted:
                    yield f"the head of shard {shard} counts {head.members} members, and there are {counted}", True
                return
        yield f"the members of shard {shard} changed at every try", False


def _is_still(before: State, after: State, shard: str) -> bool:
    """Whether nobody has changed anything of a shard between the two."""
    first, last = before.heads.get(shard), after.heads.get(shard)
    return (first and first.etag) == (last and last.etag)
