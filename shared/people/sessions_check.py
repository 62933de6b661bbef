"""Whether liveness sessions are what the audit trail tells of: which was deleted and is there, and of which an attempt
has ended and is open or unknown again. An entry is written after what it tells of was stored, and is read before
storage is."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.clock import from_text, to_text
from shared.people.audit_trail import DELETE, MATCH
from shared.store.sessions import Session, Sessions

ENDED = "EndLivenessAttempt"
SESSION, ATTEMPT = "sessionId", "attemptId"


class SessionsCheck:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._ended: dict[str, set[str]] = {}
        self._gone: dict[str, datetime] = {}

    def take(self, entry: Mapping[str, Any]) -> None:
        """One entry of the trail, in whatever order; the same may come twice."""
        for session in entry["ids"].get(SESSION, ()):
            if entry["kind"] == DELETE:
                self._gone[session] = from_text(entry["at"])
            elif entry["kind"] == MATCH and entry["operation"] == ENDED:
                self._ended.setdefault(session, set()).update(entry["ids"].get(ATTEMPT, ()))

    def problems(self) -> Iterator[str]:
        """In words. Raises StoreUnavailable."""
        for key, session in self._sessions.all():
            if key in self._gone:
                yield f"session {key} was deleted at {to_text(self._gone[key])}, and is there"
            if session is None:
                yield f"session {key} does not open"
            else:
                for attempt in sorted(self._ended.get(key, set()) - _ended_of(session)):
                    yield f"attempt {attempt} of session {key} has ended, and the session does not know of it"


def _ended_of(session: Session) -> set[str]:
    return {str(attempt.number) for attempt in session.attempts if attempt.ending}
