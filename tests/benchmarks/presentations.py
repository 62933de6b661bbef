"""Labelled pictures of real faces and of attacks, for the figures of liveness."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.engine import Engine
from tests import faces

PHOTOS = ("deepface", "compreface", "face_recognition", "facenet_pytorch", "azure")
"""Sources of photographs of people: bona fide, with the room around the face that photographers leave."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """`species`: the attack, or what a real face comes from."""

    path: Path
    is_attack: bool
    species: str


def presentations(folder: Path | None, engine: Engine) -> list[Presentation]:
    """Of a folder with a liveness.csv; without one of shared/faces, with photographs as further real faces."""
    shown = list(_labelled(folder or faces.folder("liveness")))
    if folder is None:
        shown += [
            Presentation(path, False, f"photos of {name}") for name in PHOTOS for path in _of_one_person(name, engine)
        ]
    return shown


def _labelled(folder: Path) -> Iterator[Presentation]:
    """The rows of its liveness.csv: file, label (real or spoof), subject, attack, framing."""
    with (folder / "liveness.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            is_attack = row["label"] == "spoof"
            kind = (row["attack"] or "attack") if is_attack else "real face"
            species = ", ".join(filter(None, (kind, row["subject"], row.get("framing", ""))))
            yield Presentation(folder / row["file"], is_attack, species)


def _of_one_person(name: str, engine: Engine) -> Iterator[Path]:
    for path in faces.pictures(name):
        (picture,) = engine.decode([path.read_bytes()])
        if len(engine.detect(picture)) == 1:
            yield path
