"""Rebuild: a gallery's segments made anew from the rows of its persons and faces, which are the truth.

For when an event is missing or a segment is lost or altered: until then a search answers that it cannot, because it
would have to leave somebody out. It costs what is stored, goes on beside writers, and is taken up where it stopped:

The heads are read first. Every change up to them is in the rows that are read after them, whether it added or removed;
so the new manifest says that the segments hold the events up to those heads. Later changes have later events, which
stay: what one of them removed they hide, and what one of them added is taken out of the new segments again, lest it be
there twice. Where one of the later events is missing in its turn, which face that was cannot be told, and the rebuild
begins anew from the heads as they are then. A compaction folds nothing while a rebuild is under way; one that had begun
before finds the manifest changed, since what notes a rebuild's progress touches that too.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from itertools import islice

from shared.gallery.segment import Entry, Segment
from shared.people.removals import Removals
from shared.people.segment_swap import SEGMENT_FACES, Overtaken, SegmentSwap
from shared.store.galleries import Galleries
from shared.store.gallery_log import BROKEN, FACE_ADDED, GalleryLog, State
from shared.store.heads import Heads
from shared.store.ids import GalleryId, PersonId, packed
from shared.store.manifests import SegmentRef
from shared.store.rebuilds import FaceRow, Progress, Rebuilds
from shared.store.segments import SegmentBroken

STRETCH_FACES = 8 * SEGMENT_FACES  # read between two notes of how far it has come


class Rebuild:
    """Every method raises StoreUnavailable."""

    def __init__(
        self,
        rebuilds: Rebuilds,
        heads: Heads,
        gallery_log: GalleryLog,
        galleries: Galleries,
        swap: SegmentSwap,
        removals: Removals,
    ) -> None:
        self._rebuilds = rebuilds
        self._heads = heads
        self._log = gallery_log
        self._galleries = galleries
        self._swap = swap
        self._removals = removals

    def is_under_way(self, gallery: GalleryId) -> bool:
        """One that somebody began, whether anybody works on it or not. Until it is done nothing may be folded."""
        return self._rebuilds.find(gallery) is not None

    def begin(self, gallery: GalleryId, state: State, *, put_back: bool = False) -> bool:
        """False where one is under way, the manifest that `state` shows was replaced since, or the gallery is gone.
        Heads first, a rebuild begins from what they say; `put_back`: heads that open are doubted too."""
        if self._still(gallery, state) is None:
            return False
        self._heads.mend(gallery, state.folded, doubted=put_back)
        now = self._still(gallery, state)
        return now is not None and self._rebuilds.save(gallery, Progress(_reached(now)), now.etag)

    def _still(self, gallery: GalleryId, state: State) -> State | None:
        """The gallery's state now, where its manifest says the same."""
        now = self._log.state(gallery)
        is_same = now is not None and (now.segments, now.folded) == (state.segments, state.folded)
        return now if is_same else None

    def run(self, gallery: GalleryId) -> None:
        """Do what is left to do of the one that is under way. Others may do the same: whoever is first to note a
        stretch has done it. Raises Overtaken."""
        while progress := self._rebuilds.find(gallery):
            self._removals.announce_leftovers(gallery)
            rows = list(islice(self._rebuilds.faces(gallery, progress.after), STRETCH_FACES))
            written = self._swap.write(gallery, Segment.of(self._entries(gallery, rows)))
            if len(rows) < STRETCH_FACES:
                self._finish(gallery, progress, written)
                return
            further = replace(progress, after=rows[-1].key, segments=(*progress.segments, *written))
            if not self._rebuilds.save(gallery, further):
                self._delete(gallery, written)

    def _entries(self, gallery: GalleryId, rows: list[FaceRow]) -> Iterator[Entry]:
        """Those that are as they were written, and stand with persons who are too. Whose person is not there was
        removed: the rows are what is left to do, and are removed too."""
        persons = self._rebuilds.persons(gallery, rows[0].owner) if rows else iter(())
        present, faces, gone = PersonId(""), frozenset[str](), set()
        for row in rows:
            while present < row.owner:
                present, faces = next(persons, (PersonId("~"), frozenset[str]()))
            if present != row.owner:
                gone.add(row.owner)
            elif row.template is not None and (not row.owner or row.face in faces):
                yield Entry(packed(row.face), packed(row.owner), row.space, row.template)
        for person in gone:
            if self._galleries.person(gallery, person) is None:  # else made while this ran: then an event has the faces
                self._galleries.remove_faces_of(gallery, person)

    def _finish(self, gallery: GalleryId, progress: Progress, written: Sequence[SegmentRef]) -> None:
        """The manifest: nobody has folded anything since the rebuild began."""
        state, made = self._log.state(gallery), (*progress.segments, *written)
        if state is None:
            self._delete(gallery, made)
            raise Overtaken
        try:
            segments = self._without_later(gallery, state, progress, made)
        except (SegmentBroken, Overtaken):  # what was written is damaged in its turn, or what came since
            anew = self._rebuilds.save(gallery, Progress({**progress.folded, **_reached(state)}, etag=progress.etag))
            self._delete(gallery, made if anew else written)
            raise Overtaken from None
        done = self._rebuilds.finish(gallery, progress, state, segments)
        after = self._log.state(gallery)
        named = {ref.key for ref in after.segments} if after else frozenset()
        if done:
            self._delete(gallery, {*state.segments, *made}, named)
        else:
            self._delete(gallery, {*written, *segments} - {*progress.segments}, named)
            raise Overtaken

    def _without_later(
        self, gallery: GalleryId, state: State, progress: Progress, made: Sequence[SegmentRef]
    ) -> tuple[SegmentRef, ...]:
        """The segments without what came after the rebuild began: its events are in the log. Raises Overtaken where a
        segment or one of these events is lost, SegmentBroken."""
        if not self._swap.are_stored(gallery, made):
            raise Overtaken
        later = self._added_later(gallery, state, progress)
        kept: list[SegmentRef] = []
        for ref in made:
            if self._swap.is_touched(gallery, ref, later, frozenset()):
                kept += self._swap.write(gallery, self._swap.read(gallery, ref).without(later, frozenset()))
            else:
                kept.append(ref)
        return tuple(kept)

    def _added_later(self, gallery: GalleryId, state: State, progress: Progress) -> set[bytes]:
        """Raises Overtaken."""
        later = set()
        for shard, last in _reached(state).items():
            first = progress.folded.get(shard, 0)
            events = self._log.events(gallery, shard, first, last) if first < last else []
            # A process that read one before it was lost still shows its face.
            if len(events) < last - first or any(event.kind == BROKEN for event in events):
                raise Overtaken
            later |= {event.face for event in events if event.kind == FACE_ADDED}
        return later

    def _delete(self, gallery: GalleryId, refs: Iterable[SegmentRef], named: Set[str] = frozenset()) -> None:
        self._swap.delete(gallery, {ref.key for ref in refs} - named)


def _reached(state: State) -> dict[str, int]:
    """The sequences of the heads."""
    return {shard: head.sequence for shard, head in state.heads.items()}
