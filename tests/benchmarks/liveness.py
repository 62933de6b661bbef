"""Liveness over labelled pictures, in the terms of ISO/IEC 30107-3, and the time from the last frame to the verdict.

Each picture becomes a capture of ten frames by a small camera motion, since single pictures are what there is: this
measures the attack detectors and the gates before them, not what people do.

Of one species of attack: APCER, those taken for real faces, of all that were decided. Of one source of real faces:
BPCER, those not taken for real, of all that were decided; an uncertain verdict counts against the person. Non-response:
those that were refused for a reason, of all.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image, ImageOps

from shared.engine import Engine, Face, ModelLibrary, Picture, PictureError
from shared.engine.liveness import attack
from shared.engine.liveness.verdict import REAL_FROM
from shared.people.captures import INTERVAL_MILLISECONDS, LEAST_FRAME_SIDE, Sent, taken
from shared.people.liveness_judge import LivenessJudge
from shared.people.scores import Scores
from shared.store.attempts import Judgement
from tests import captures, faces
from tests.benchmarks.presentations import Presentation, presentations
from tests.benchmarks.report import table

FRAMES = 10
STRANGERS = 300  # photographs of LFW, for the attack detectors alone
DECISIONS = ("realface", "spoofface", "uncertain")
SESSIONS = ("", "n", "decided", "error, per cent", "of these uncertain", "non-response, per cent", "most often for")
ALONE = ("", "room around the face", "n", "error, per cent")


def report(folder: Path | None, rounds: int) -> None:
    library = ModelLibrary.find()
    engine = Engine(library)
    judge = LivenessJudge(engine, Scores.load(library.manifest))
    shown = presentations(folder, engine)
    for is_attack, title in ((True, "Attacks, error: APCER, the worst first"), (False, "Real faces, error: BPCER")):
        table(title, SESSIONS, _sessions(judge, [one for one in shown if one.is_attack is is_attack]))
    if folder is None:
        shown += [Presentation(path, False, "photos of lfw") for path in faces.pictures("lfw")[:STRANGERS]]
    table("The attack detectors alone, single pictures", ALONE, _alone(library, engine, shown))
    took = verdict_time(judge, rounds)
    print(f"\nFrom the last of {FRAMES} frames to the verdict, median of {rounds}: {took:.0f} ms")


def verdict(judge: LivenessJudge, frames: tuple[bytes, ...]) -> Judgement:
    """As a session comes to it, beginning with the JPEGs in memory."""
    times = tuple(at * INTERVAL_MILLISECONDS for at in range(len(frames)))
    return judge.judge(taken(judge.engine, Sent("", "", frames, times))).judgement


def outcome(judge: LivenessJudge, path: Path) -> str:
    """The decision, or the reason why there is none."""
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    image.thumbnail((1280, 1280))
    if min(image.size) < LEAST_FRAME_SIDE:
        return "ImageTooSmall"
    subject = captures.Subject(image, np.array([[image.width / 2, image.height / 2, 0.0]]))
    motion = [replace(stance, yaw=0.0, pitch=0.0) for stance in captures.still(FRAMES)]
    try:
        found = verdict(judge, captures.of(subject, motion))
    except PictureError:
        return "NoPicture"
    return str(found.decision or found.reason)


def _sessions(judge: LivenessJudge, shown: Sequence[Presentation]) -> list[list[object]]:
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for one in shown:
        groups[one.species][outcome(judge, one.path)] += 1
    rows = [_session(species, found, shown[0].is_attack) for species, found in groups.items()]
    return [row for _, row in sorted(rows, key=lambda row: (-row[0], str(row[1][0])))]


def _session(species: str, found: Counter[str], is_attack: bool) -> tuple[float, list[object]]:
    """The error rate, -1 where nothing was decided, and the row."""
    decided, total = sum(found[name] for name in DECISIONS), found.total()
    wrong = found["realface"] if is_attack else decided - found["realface"]
    error = 100 * wrong / decided if decided else -1.0
    refusals = Counter({name: count for name, count in found.items() if name not in DECISIONS}).most_common(1)
    shares = (f"{error:.0f}" if decided else "none decided", found["uncertain"], f"{100 * (1 - decided / total):.0f}")
    return error, [species, total, decided, *shares, refusals[0][0] if refusals else ""]


def _alone(library: ModelLibrary, engine: Engine, shown: Sequence[Presentation]) -> Iterator[list[object]]:
    """What the detectors say of one picture, whatever the gates before them would: APCER, or BPCER."""
    groups: dict[tuple[bool, str, bool], list[bool]] = defaultdict(list)
    for one in shown:
        (picture,) = engine.decode([one.path.read_bytes()])
        for face in engine.detect(picture, limit=1):
            enough = attack.context(picture, face.box) >= attack.LEAST_CONTEXT
            species = one.species.split(", ")[0]
            groups[not one.is_attack, species, enough].append(_is_real(library, picture, face) is one.is_attack)
    for (is_real, species, enough), wrong in sorted(groups.items()):
        name = f"{'real' if is_real else 'attack'}: {species}"
        room = "enough" if enough else "too little"
        yield [name, room, len(wrong), f"{100 * sum(wrong) / len(wrong):.0f}"]


def _is_real(library: ModelLibrary, picture: Picture, face: Face) -> bool:
    return bool(attack.live_scores(library, 1, [attack.Sighting(picture, face.box)])[0] >= REAL_FROM)


def verdict_time(judge: LivenessJudge, rounds: int) -> float:
    """Milliseconds from ten JPEGs of 720 x 960 pixels in memory to the verdict."""
    shown = captures.subject("deepface/images/img33.jpg", (720, 960))
    frames = captures.of(shown, captures.still(FRAMES))
    took = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        verdict(judge, frames)
        took.append((time.perf_counter() - started) * 1000)
    return median(took[1:])
