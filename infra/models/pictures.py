"""A folder of labelled pictures, and the templates of the faces in them."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.engine import Engine, PictureError, decode

LABELS = "identities.csv"

SECOND = 0.8
"""A picture with a second face of so much of the largest one's area may mean either."""


class NotLabelled(Exception):
    """The folder does not say whom its pictures show."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """One face of each picture: `files`, `people` and the rows of `templates` go together."""

    files: tuple[str, ...]
    people: tuple[str, ...]
    templates: NDArray[np.float32]

    def of(self, wanted: Callable[[str], bool]) -> "Faces":
        """Those of the people who are wanted."""
        rows = [row for row, person in enumerate(self.people) if wanted(person)]
        files, people = tuple(self.files[row] for row in rows), tuple(self.people[row] for row in rows)
        return Faces(files, people, self.templates[rows])


def labels(folder: Path) -> list[tuple[str, str]]:
    """File and person, from the folder's identities.csv (`file,person`). Raises NotLabelled."""
    try:
        with (folder / LABELS).open(newline="", encoding="utf-8") as file:
            return [(row["file"], row["person"]) for row in csv.DictReader(file)]
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise NotLabelled(f"{folder / LABELS} does not list file,person: {type(error).__name__}") from None


def embed(
    engine: Engine,
    recognition_model: str,
    folder: Path,
    pictures: Sequence[tuple[str, str]],
    progress: Callable[[int, int], None],
) -> Faces:
    """The largest faces of these pictures of the folder. `progress` is told how many of how many are done.

    Left out is a picture that cannot be read, or that does not show whom the label means: it has no face, or a second
    one that is nearly as large (SECOND). Raises ModelError."""
    found: list[tuple[str, str, NDArray[np.float32]]] = []
    for done, (file, person) in enumerate(pictures):
        progress(done, len(pictures))
        try:
            picture = decode((folder / file).read_bytes())
        except (OSError, PictureError):
            continue
        faces = engine.detect(picture, "detection_03", limit=2)
        if len(faces) == 1 or (faces and faces[1].box.area < SECOND * faces[0].box.area):
            found.append((file, person, engine.embed(picture, faces[:1], recognition_model)[0]))
    if not found:
        return Faces((), (), np.zeros((0, 1), np.float32))
    files, people, templates = zip(*found, strict=True)
    return Faces(files, people, np.stack(templates))
