"""Liveness of frames that one call brings, without a session. Keeps nothing at all."""

from shared.people.captures import Sent, taken
from shared.people.liveness_judge import LivenessJudge
from shared.people.liveness_references import References, VerifyImage
from shared.store.attempts import Judgement


class LivenessChecks:
    def __init__(self, references: References, judge: LivenessJudge) -> None:
        self._references = references
        self._judge = judge

    def check(self, sent: Sent, image: VerifyImage | None = None) -> Judgement:
        """Raises what `taken` does, and InvalidImage for a picture without its one face."""
        expected = self._references.expected(image) if image else None
        return self._judge.judge(taken(self._judge.engine, sent), expected=expected).judgement
