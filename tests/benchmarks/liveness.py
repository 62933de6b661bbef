"""Liveness over labelled pictures, in the terms of ISO/IEC 30107-3, and the time from the last frame to the verdict.

Each picture becomes a capture of ten frames by a small camera motion, since single pictures are what there is: this
measures the attack detectors and the gates before them, not what people do.

APCER: attack presentations of one kind taken for real faces, of all of that kind. BPCER: real ones taken for attacks.
No decision: those that were refused for a reason, or were uncertain. All three are shares of all presentations.
"""

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image, ImageOps

from shared.engine import Engine, ModelLibrary, PictureError
from shared.people.captures import INTERVAL_MILLISECONDS, LEAST_FRAME_SIDE, Sent, taken
from shared.people.liveness_judge import LivenessJudge
from shared.people.scores import Scores
from shared.store.attempts import Judgement
from tests import captures, faces
from tests.benchmarks.report import table

FRAMES = 10
PHOTOS = ("deepface", "compreface", "face_recognition", "facenet_pytorch", "azure")
"""Sources of photographs of people: bona fide, with the room around the face that photographers leave."""

DECISIONS = ("realface", "spoofface", "uncertain")
COLUMNS = ("", "kind", "n", "taken for real", "taken for an attack", "uncertain", "refused", "most often for")


@dataclass(frozen=True, slots=True)
class Presentation:
    """`kind`: the attack, or what a real face comes from. `framing`: crop or full_frame."""

    path: Path
    is_attack: bool
    kind: str
    framing: str


def report(folder: Path | None, rounds: int) -> None:
    library = ModelLibrary.find()
    engine = Engine(library)
    judge = LivenessJudge(engine, Scores.load(library.manifest))
    shown = list(labelled(folder or faces.folder("liveness")))
    if folder is None:
        shown += [
            Presentation(path, False, f"photos of {name}", "photo") for name in PHOTOS for path in single(name, engine)
        ]
    rows = list(_rows(judge, shown))
    table("Liveness, shares of all presentations in per cent, attacks with the worst first", COLUMNS, rows)
    print(
        f"\nFrom the last of {FRAMES} frames to the verdict, median of {rounds}: {verdict_time(judge, rounds):.0f} ms"
    )


def labelled(folder: Path) -> Iterator[Presentation]:
    """The rows of its liveness.csv: file, label (real or spoof), subject, attack, framing."""
    with (folder / "liveness.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            is_attack = row["label"] == "spoof"
            kind = (row["attack"] or "attack") if is_attack else "real face"
            yield Presentation(folder / row["file"], is_attack, f"{kind}, {row['subject']}", row.get("framing", ""))


def single(name: str, engine: Engine) -> Iterator[Path]:
    """A source's photographs of one person."""
    for path in faces.pictures(name):
        (picture,) = engine.decode([path.read_bytes()])
        if len(engine.detect(picture)) == 1:
            yield path


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


def _rows(judge: LivenessJudge, shown: list[Presentation]) -> Iterator[list[object]]:
    groups: dict[tuple[bool, str, str], Counter[str]] = defaultdict(Counter)
    for one in shown:
        groups[not one.is_attack, one.kind, one.framing][outcome(judge, one.path)] += 1
    attacks_first = sorted(groups.items(), key=lambda item: (item[0][0], -_share(item[1], "realface"), item[0]))
    for (is_real, kind, framing), found in attacks_first:
        decided = sum(found[decision] for decision in DECISIONS)
        refusals = Counter({name: count for name, count in found.items() if name not in DECISIONS})
        shares = [f"{_share(found, name):.0f}" for name in DECISIONS]
        yield [
            *("real" if is_real else "attack", f"{kind}, {framing}", found.total(), *shares),
            f"{100 * (found.total() - decided) / found.total():.0f}",
            refusals.most_common(1)[0][0] if refusals else "",
        ]


def _share(found: "Counter[str]", name: str) -> float:
    return 100 * found[name] / found.total()


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
