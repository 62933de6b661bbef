"""Rows that no call to a self-hosted service can raise, or not yet, each with the reason."""

from tests.contract.conformance.errors.rows import ANY
from tests.contract.conformance.errors.triggers import Key

ELSEWHERE = "no code and no message are listed; tests/contract/test_health.py raises it"
SAID_BETTER = "the rows after it say which of the two it is, and the service answers with those"
NAMED_FACE = "the row after it names the face, and the service answers with that"
UNLIMITED = "section 5 of the same page: dynamic person groups are not limited"
NO_REFERENCE = "no operation is about one reference"
DRAFT = "a draft example; the row after it is what a session that is not there gets"

GROUPS = "PersonGroup, LargePersonGroup"
DIRECTORY = "Person Directory"
SESSIONS = "Liveness sessions"
NO_SESSION = "Unable to find Session ID. The session has expired or the administrator has deleted the session."

UNRAISED: dict[Key, str] = {
    (ANY, 503, ""): ELSEWHERE,
    ("Find similar", 400, "LargeFaceListId, faceListId and faceIds, not exactly one of them is valid."): SAID_BETTER,
    (GROUPS, 404, "Persisted face is not found."): NAMED_FACE,
    (DIRECTORY, 403, "Dynamic person group number reached limit."): UNLIMITED,
    (DIRECTORY, 404, "Persisted face is not found."): NAMED_FACE,
    (SESSIONS, 400, NO_SESSION): DRAFT,
    (DIRECTORY, 404, "DynamicPersonGroupPersonReference `<groupId>` is not found."): NO_REFERENCE,
}

OTHER_STATUS = {("Verify", 400, "PersonNotFound"): "listed with 400 and with 404; the service answers 404"}
"""The same for one code of a line with several."""
