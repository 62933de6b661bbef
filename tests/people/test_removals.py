"""What a removal leaves to do is announced to the sweep, for the galleries and the times that it names."""

from datetime import timedelta
from uuid import uuid4

from shared.people.removals import COMPACTION, LEFTOVERS_AFTER, Removals
from shared.store.expiries import PROMPT, Expiries, Expiry
from shared.store.ids import GalleryId
from tests.clock import FakeClock


def announced(expiries: Expiries, clock: FakeClock, gallery: GalleryId) -> list[Expiry]:
    return [one for one in expiries.due(clock()) if one.key == gallery]


def test_compaction_is_due_within_two_minutes(expiries: Expiries, clock: FakeClock) -> None:
    gallery = GalleryId(str(uuid4()))
    Removals(expiries, clock).announce(gallery)
    clock.advance(120)
    (due,) = announced(expiries, clock, gallery)
    assert (due.kind, due.detail) == ("compactions", "")
    assert COMPACTION == "compactions"


def test_leftovers_are_looked_for_when_no_manifest_can_name_them_any_more(expiries: Expiries, clock: FakeClock) -> None:
    gallery = GalleryId(str(uuid4()))
    assert timedelta(minutes=15) == LEFTOVERS_AFTER
    Removals(expiries, clock).announce_leftovers(gallery)
    clock.advance((2 * LEFTOVERS_AFTER + PROMPT).total_seconds() - 1)
    assert announced(expiries, clock, gallery) == []
    clock.advance(1)
    assert [one.kind for one in announced(expiries, clock, gallery)] == ["compactions"]
