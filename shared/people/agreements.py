"""What callers say of somebody whom they enrol: whose the record is, on which consent, until when.

What is said is stored with the record, in one transaction. That it will end, and where the subject's records are, is
written down before: so nothing is stored that the sweep or an erasure would not find."""

from collections.abc import Callable

from shared.store.expiries import Expiries
from shared.store.ids import GalleryId
from shared.store.subjects import Subjects
from shared.store.terms import NOTHING, UNSAID, Agreed, Terms

RETENTION = "retention"
"""The kind of expiry that announces a record which ends then, unless its terms have changed since."""


class Agreements:
    def __init__(self, subjects: Subjects, expiries: Expiries) -> None:
        self._subjects = subjects
        self._expiries = expiries

    def agreed(self, terms: Terms, gallery: GalleryId, of: str) -> Agreed:
        """For a record that is about to be made in the collection `of` ("persongroups|id")."""
        return NOTHING if terms == UNSAID else Agreed(terms, self.announcing(terms, gallery, of))

    def announcing(self, terms: Terms, gallery: GalleryId, of: str) -> Callable[[str], None]:
        """Told a record, writes down what has to be there before its terms are."""

        def announce(record: str) -> None:
            if terms.retain_until:
                self._expiries.announce(RETENTION, f"{gallery}|{record}", terms.retain_until, of)
            if terms.subject:
                self._subjects.enter(terms.subject, gallery, record, of)

        return announce
