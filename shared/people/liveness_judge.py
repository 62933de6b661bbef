"""Frames to a judgement: whether a live person was there, and whether it was the one expected. Keeps nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.engine import Engine
from shared.engine.liveness import Action, Look, Mark, Reason, Verdict, is_replay, judge, mark
from shared.people.captures import Capture
from shared.people.liveness_references import RECOGNITION_MODEL, Expected, require_liveness
from shared.people.scores import Scores, identical
from shared.store.attempts import Comparison, Judgement, Target
from shared.store.sessions import Reference

ONE_PERSON_FROM = 0.3
"""The confidence from which two frames pass for one person's: one in a thousand pairs of strangers has more."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`marks`: of every frame. `best`: the number of the frame that shows the face best, None without a face."""

    judgement: Judgement
    marks: tuple[str, ...]
    best: int | None


class LivenessJudge:
    def __init__(self, engine: Engine, scores: Scores) -> None:
        self.engine = engine
        self._scores = scores

    def knows(self, reference: Reference) -> bool:
        """Whether its template can be compared: not where another recogniser stands behind the model's name since."""
        return reference.recogniser == self.engine.recogniser(RECOGNITION_MODEL)

    def judge(
        self,
        capture: Capture,
        asked: Sequence[str] = (),
        expected: Expected | None = None,
        threshold: float | None = None,
        earlier: Sequence[str] = (),
    ) -> Judged:
        """`asked`: the challenge. `threshold`: the confidence from which two faces are one person's. `earlier`: marks
        of frames that may not come again. Raises UnsupportedFeature."""
        require_liveness(self.engine)
        looks = self.engine.looks(capture.pictures, RECOGNITION_MODEL)
        seen = [mark(frame, look) for frame, look in zip(capture.frames, looks, strict=True)]
        alike_from = self._scores.cosine_at(self.engine.recogniser(RECOGNITION_MODEL), ONE_PERSON_FROM)
        verdict = judge(looks, alike_from, [Action(action) for action in asked])
        reason = Reason.REPLAYED if is_replay(seen, [Mark.of(text) for text in earlier]) else verdict.reason
        judgement = Judgement(
            decision=None if reason else verdict.decision,
            reason=reason.value if reason else None,
            target=_target(capture, looks, verdict.best),
            comparison=None if reason or expected is None else self._comparison(verdict, expected, threshold),
        )
        return Judged(judgement, tuple(one.text() for one in seen), verdict.best)

    def unjudged(self, capture: Capture, reason: Reason) -> Judged:
        """Frames that something is wrong with are looked at so far that they are known again."""
        marks = []
        for frame, picture in zip(capture.frames, capture.pictures, strict=True):
            marks.append(mark(frame, self.engine.glimpse(picture)).text())
            picture.forget()
        return Judged(Judgement(None, reason.value, None), tuple(marks), None)

    def _comparison(self, verdict: Verdict, expected: Expected, threshold: float | None) -> Comparison | None:
        if verdict.template is None:
            return None
        told = self._scores.confidence(expected.reference.recogniser, float(verdict.template @ expected.template))
        return Comparison(
            rectangle=expected.reference.rectangle,
            quality=expected.reference.quality,
            confidence=told,
            is_identical=identical(told) if threshold is None else told >= threshold,
            image_hash=expected.reference.image_hash,
        )


def _target(capture: Capture, looks: Sequence[Look], best: int | None) -> Target | None:
    face = None if best is None else looks[best].face
    if best is None or face is None:
        return None
    picture = capture.pictures[best]
    rectangle = face.box.pixels(picture.width, picture.height)
    return Target(rectangle, capture.file_of(best), capture.times[best])
