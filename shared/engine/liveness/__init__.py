"""Whether a live person stands before a camera: what frames show, movements asked for, the verdict, and guidance.

Knows frames and nothing else: no sessions, no clock, no storage. Thresholds and what they were measured with:
docs/accuracy.md.
"""

from .challenge import Action, draw
from .guide import Hint, hints
from .likeness import Mark, is_replay, mark
from .look import MODELS, Eye, Glimpse, Look
from .reasons import GIVEN_UP, MESSAGES, Reason
from .verdict import LEAST_SIDE, Decision, Verdict, judge
from .video import VideoUnsupported, can_decode, stills

__all__ = [
    "GIVEN_UP",
    "LEAST_SIDE",
    "MESSAGES",
    "MODELS",
    "Action",
    "Decision",
    "Eye",
    "Glimpse",
    "Hint",
    "Look",
    "Mark",
    "Reason",
    "Verdict",
    "VideoUnsupported",
    "can_decode",
    "draw",
    "hints",
    "is_replay",
    "judge",
    "mark",
    "stills",
]
