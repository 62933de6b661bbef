"""`python dev.py bench [TABLE ...]`: prints the tables of docs/benchmarks.md, measured now on this machine.

`rekey` and `accuracy` run only when they are named; the latter prints the report of docs/accuracy.md.

detect        Detect with faceId
attributes    what each attribute adds to a detect
enrolment     faces into a group
recognition   training and identify in groups of up to --persons
faceids       find similar and group among faceIds
audit         what the audit trail adds to a call
rekey         a change of key in a group of --persons, beside callers of two processes
liveness      verdicts over labelled pictures, --pictures for a folder of your own with a liveness.csv
accuracy      what is found, recognised and told right, on labelled pictures
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from infra.local.azurite import Azurite
from shared.store.key_ring import create_key_ring
from tests.benchmarks import detect, gallery, liveness, photos, rekey
from tests.benchmarks.accuracy import report
from tests.benchmarks.accuracy.document import markdown
from tests.benchmarks.attributes import attributes
from tests.benchmarks.auditing import COLUMNS, auditing
from tests.benchmarks.report import MEGABYTE, ratio, table
from tests.contract.process import service_process

TIMES = ("detect", "attributes", "enrolment", "recognition", "faceids", "audit", "liveness")
TABLES = (*TIMES, "rekey", "accuracy")
PERSONS = 100_000
DETECTED = (
    "photo",
    "faces",
    "HTTP",
    "engine",
    "floor",
    "engine / floor",
    "HTTP adds",
    "OpenCV",
    "engine / OpenCV",
)


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    wanted, rounds = arguments.tables or TIMES, arguments.rounds
    if unknown := set(wanted) - set(TABLES):
        parser.error(f"there is no table {', '.join(sorted(unknown))}")
    prints: Mapping[str, Callable[[], None]] = {
        "detect": lambda: table("Detect with faceId, medians in ms", DETECTED, _detected(rounds)),
        "attributes": lambda: attributes(rounds),
        "enrolment": lambda: gallery.enrolment(max(rounds // 3, 1)),
        "recognition": lambda: gallery.recognition(arguments.persons, rounds),
        "faceids": lambda: gallery.many_face_ids(max(rounds // 10, 1)),
        "audit": lambda: table("The audit trail, medians in ms", COLUMNS, auditing(rounds)),
        "liveness": lambda: liveness.report(arguments.pictures, rounds),
        "rekey": lambda: rekey.report(arguments.persons),
        "accuracy": lambda: print(markdown(report.sections(report.options(arguments)))),
    }
    for name in TABLES:
        if name in wanted:
            prints[name]()


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__, formatter_class=formatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="those of times where none is named")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each contender")
    parser.add_argument("--persons", type=int, default=PERSONS, help="in the largest group: 1,000 or more")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="of accuracy and liveness: with CSV files")
    report.add_arguments(parser)
    return parser


def _detected(rounds: int) -> Iterator[list[object]]:
    with tempfile.TemporaryDirectory() as folder:
        ring = Path(folder) / "key_ring.json"
        create_key_ring(ring)
        with Azurite(Path(folder) / "azurite") as azurite, service_process(azurite.connection_string, ring) as service:
            for name, data in (("1080p", photos.photo_1080p()), ("12 MP", photos.photo_12_megapixels())):
                took = detect.measure(data, service, rounds)
                yield [
                    *(f"{name}, {len(data) / MEGABYTE:.1f} MB", took.faces, took.http, took.engine, took.floor),
                    *(ratio(took.engine, took.floor), took.added, took.opencv, ratio(took.engine, took.opencv)),
                ]


if __name__ == "__main__":
    main()
