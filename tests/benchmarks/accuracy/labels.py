"""What the CSV files of a folder of pictures say about them: the conventions of shared/faces/README.md.

A folder with any of these files is one set; a folder of such folders is several. Paths are relative to the CSV.

    identities.csv         file,person                     whose face is the largest of the picture
    pairs.csv              file_a,file_b,same              comparisons that somebody chose
    identify_gallery.csv   file,person                     who is enrolled
    identify_probes.csv    file,person,enrolled            who is searched for
    group.csv              file,person                     what is to be grouped; else identities.csv is
    boxes.csv              file,left,top,width,height      every face of the picture
    noses.csv              file,x,y                        one point of every face
    counts.csv             file,faces | min_faces          how many faces there are, or at least are
    landmarks.csv          file,left_eye_x,left_eye_y,...  points of the faces of boxes.csv, in the same order
    attributes.csv         file[,left,top,width,height],ATTRIBUTE,...   of one face, the largest where no box is given
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

Row = dict[str, str]

TABLES = (
    *("identities", "pairs", "identify_gallery", "identify_probes", "group"),
    *("boxes", "noses", "counts", "landmarks", "attributes"),
)
NO_BENCHMARK = {"bad_inputs", "liveness"}
"""Folders of shared/faces for other tests."""


@dataclass(frozen=True, eq=False)
class PictureSet:
    """One set: its name, and the rows of its tables. `file` columns hold paths of pictures below `root`."""

    name: str
    root: Path
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        """In the order of the file; none where there is no such table."""
        return self.tables.get(table, [])

    @cached_property
    def persons(self) -> dict[str, str]:
        """File -> person."""
        return {row["file"]: row["person"] for row in self.rows("identities")}

    @property
    def files(self) -> list[str]:
        """Every picture that a label is about, once, in the order of its first label."""
        return list(dict.fromkeys(file for table in TABLES for row in self.rows(table) for file in files_of(row)))

    def only(self, files: Iterable[str]) -> "PictureSet":
        """What is said about these pictures alone."""
        kept = set(files)
        tables = {name: [row for row in rows if kept.issuperset(files_of(row))] for name, rows in self.tables.items()}
        return replace(self, tables=tables)


def files_of(row: Row) -> tuple[str, ...]:
    """The pictures that a row is about."""
    return (row["file"],) if "file" in row else (row["file_a"], row["file_b"])


def read(folder: Path) -> list[PictureSet]:
    """The sets in a folder, by name. Raises FileNotFoundError where there are no labels."""
    folders = [folder, *sorted(path for path in folder.iterdir() if path.is_dir() and path.name not in NO_BENCHMARK)]
    sets = [PictureSet(path.name, path, _tables(path)) for path in folders]
    found = [one for one in sets if one.tables]
    if not found:
        raise FileNotFoundError(f"{folder} has no labels: none of {', '.join(f'{name}.csv' for name in TABLES)}")
    return found


def by_eye(file: Path, root: Path) -> PictureSet:
    """attributes.csv of another place than the pictures', which lie below `root`: those that are there."""
    rows = [row for row in _rows(file) if row.get("decidable", "yes") == "yes" and (root / row["file"]).is_file()]
    return PictureSet("labels by eye", root, {"attributes": rows})


def _tables(folder: Path) -> dict[str, list[Row]]:
    return {name: list(_rows(path)) for name in TABLES if (path := folder / f"{name}.csv").is_file()}


def _rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def sampled(one: PictureSet, known: int, others: int) -> PictureSet:
    """A smaller set: about `known` pictures of persons and `others` of strangers, evenly spread.

    Persons stay whole, so that there are genuine pairs.
    """
    of_person: dict[str, list[str]] = defaultdict(list)
    for file, person in one.persons.items():
        of_person[person].append(file)
    mean = len(one.persons) / max(len(of_person), 1)
    files = [file for person in _spread(sorted(of_person), round(known / max(mean, 1))) for file in of_person[person]]
    strangers = [file for file in one.files if file not in one.persons]
    return one.only([*files, *_spread(strangers, others)])


def _spread(items: list[str], count: int) -> list[str]:
    if len(items) <= count:
        return items
    return [items[at * len(items) // count] for at in range(count)]
