"""What callers say of somebody whom they enrol, in headers of our own: Microsoft's clients do not send them, and take
others along where their user asks for it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from shared.errors import BadArgument
from shared.store.terms import UNSAID, Terms

SUBJECT_HEADER = "x-ownface-subject"
CONSENT_HEADER = "x-ownface-consent"
RETAIN_HEADER = "x-ownface-retain-until"

SUBJECT = re.compile(r"[A-Za-z0-9._~-]{1,64}")
CONSENT = re.compile(r"[A-Za-z0-9._~:/-]{1,128}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?")
LAST = datetime(2200, 1, 1, tzinfo=UTC)

TAKES_TERMS = {
    **dict.fromkeys(
        (
            "CreatePerson",
            "CreatePersonGroupPerson",
            "CreateLargePersonGroupPerson",
            "AddFaceListFace",
            "AddLargeFaceListFace",
        ),
        (SUBJECT_HEADER, CONSENT_HEADER, RETAIN_HEADER),
    ),
    **dict.fromkeys(
        (
            "CreateSingleModalLivenessSession",
            "CreateSingleModalLivenessWithVerifySession",
            "CreateLivenessSession",
            "CreateLivenessWithVerifySession",
        ),
        (SUBJECT_HEADER,),
    ),
}
"""The headers that operations take. Elsewhere they have no meaning: a person's faces are under the person's terms, and
a session ends after 48 hours anyway."""


def terms(headers: Mapping[str, str], now: datetime) -> Terms:
    """Raises BadArgument."""
    if not any(name in headers for name in (SUBJECT_HEADER, CONSENT_HEADER, RETAIN_HEADER)):
        return UNSAID
    until = headers.get(RETAIN_HEADER)
    return Terms(
        subject=subject(headers),
        consent=_reference(headers.get(CONSENT_HEADER), CONSENT, CONSENT_HEADER),
        retain_until=None if until is None else moment(until, RETAIN_HEADER, now),
    )


def subject(headers: Mapping[str, str]) -> str | None:
    """Raises BadArgument."""
    return _reference(headers.get(SUBJECT_HEADER), SUBJECT, SUBJECT_HEADER)


def moment(text: str, name: str, now: datetime) -> datetime:
    """A day (its beginning in UTC) or a moment with its offset, in whole seconds, to come. Raises BadArgument."""
    try:
        found = datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:  # a thirteenth month
        found = None
    if found is None:
        raise BadArgument(f"'{name}' is invalid. It takes a date such as 2027-01-31, or 2027-01-31T12:00:00Z.")
    found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    if not now < found < LAST:
        raise BadArgument(f"'{name}' is invalid. It has to be in the future, and before the year 2200.")
    return found


def _reference(text: str | None, pattern: re.Pattern[str], name: str) -> str | None:
    if text is not None and not pattern.fullmatch(text):
        raise BadArgument(f"'{name}' is invalid. It takes {pattern.pattern}")
    return text


def changed_terms(
    new_subject: str | None, consent: str | None, until: str | None, now: datetime
) -> tuple[Terms, frozenset[str]]:
    """Of a body: what is said anew, and the names of what an empty text takes back. Raises BadArgument."""
    given = {"subject": new_subject, "consent": consent, "retain_until": until}
    clear = frozenset(name for name, text in given.items() if text == "")
    change = Terms(
        subject=_reference(new_subject or None, SUBJECT, "newSubject"),
        consent=_reference(consent or None, CONSENT, "consent"),
        retain_until=moment(until, "retainUntil", now) if until else None,
    )
    if not clear and change == UNSAID:
        raise BadArgument("Request body is invalid. It has none of newSubject, consent and retainUntil.")
    return change, clear
