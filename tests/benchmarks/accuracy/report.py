"""`python dev.py bench accuracy`: the report, section by section."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared import settings
from shared.engine import Engine, ModelLibrary
from shared.gallery.confidence import IDENTICAL, ConfidenceScale
from shared.people.scores import Scores
from tests import faces

from . import attributes, clustering, detection, identification, labels, landmarks, synthetic, verification
from .document import Section, Table, count
from .labels import PictureSet
from .survey import Survey

BY_EYE = Path(faces.__file__).with_name("labels") / "attributes.csv"
RECOGNITION_MODEL = "recognition_04"
DETECTION_MODELS = ("detection_01", "detection_03")

SMALL_KNOWN, SMALL_OTHERS, SMALL_LABELLED, SMALL_SYNTHETIC = 24, 8, 40, 4
SYNTHETIC = 70


@dataclass(frozen=True, slots=True)
class Options:
    """`recogniser`: one of the manifest's or of FACE_OWN_MODELS_DIR, instead of the one behind `recognition_model`."""

    pictures: Path = faces.ROOT
    recognition_model: str = RECOGNITION_MODEL
    recogniser: str = ""
    detection_model: str = DETECTION_MODELS[-1]
    small: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("accuracy")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--recogniser", default="", metavar="ID", help="a recogniser, also an owner's")
    which.add_argument("--recognition-model", default=RECOGNITION_MODEL, metavar="NAME")
    group.add_argument("--detection-model", default=DETECTION_MODELS[-1], metavar="NAME")
    group.add_argument("--small", action="store_true", help="a sub-sample, in seconds")


def options(arguments: argparse.Namespace) -> Options:
    return Options(
        *(arguments.pictures or faces.ROOT, arguments.recognition_model, arguments.recogniser),
        *(arguments.detection_model, arguments.small),
    )


def sections(chosen: Options) -> list[Section]:
    """The whole report. Raises FileNotFoundError where there are no labels, ModelError."""
    engine, name, scale = _recogniser(chosen)
    sets = _sets(chosen)
    survey = Survey(engine, chosen.detection_model, chosen.recognition_model, attributes.fields())
    survey.look(sets)
    report = [
        _about(chosen, name, sets, survey),
        detection.section(sets, survey),
        verification.section(sets, survey, scale),
        identification.section(sets, survey, scale),
        clustering.section(sets, survey, scale),
        attributes.section(sets, survey),
        landmarks.section(sets, survey),
    ]
    if chosen.pictures == faces.ROOT:
        same = synthetic.Same(chosen.recognition_model, scale.cosine_at(IDENTICAL))
        extent = synthetic.Extent(SMALL_SYNTHETIC, 4) if chosen.small else synthetic.Extent(SYNTHETIC, 1)
        report.append(synthetic.section(engine, DETECTION_MODELS, same, extent))
    return report


def _recogniser(chosen: Options) -> tuple[Engine, str, ConfidenceScale]:
    own = settings.folder(os.environ, "FACE_OWN_MODELS_DIR")
    named = {chosen.recognition_model: chosen.recogniser} if chosen.recogniser else {}
    library = ModelLibrary.find(own=own, chosen=named)
    recogniser = library.manifest.recogniser(chosen.recognition_model)
    scale = Scores.load(library.manifest, own).scales[recogniser.id]
    return Engine(library), recogniser.name, scale


def _sets(chosen: Options) -> list[PictureSet]:
    sets = labels.read(chosen.pictures)
    if chosen.small:
        sets = [labels.sampled(one, SMALL_KNOWN, SMALL_OTHERS) for one in sets]
    if chosen.pictures == faces.ROOT and BY_EYE.is_file():
        eye = labels.by_eye(BY_EYE, chosen.pictures)
        sets.append(labels.sampled(eye, 0, SMALL_LABELLED) if chosen.small else eye)
    return sets


def _about(chosen: Options, recogniser: str, sets: Sequence[PictureSet], survey: Survey) -> Section:
    rows = [
        [one.name, count(len(one.files)), count(len(set(one.persons.values()))), ", ".join(one.tables)] for one in sets
    ]
    scope = (
        "Every labelled picture."
        if not chosen.small
        else (
            f"A sub-sample: of each set about {SMALL_KNOWN} pictures of persons and {SMALL_OTHERS} others, "
            f"{SMALL_LABELLED} of those labelled by eye, {SMALL_SYNTHETIC} faces of each synthetic case."
        )
    )
    notes = (
        f"- {scope} {count(len(survey))} pictures, seen once each.\n"
        f"- `{chosen.detection_model}`, `{chosen.recognition_model}` (recogniser `{recogniser}`).\n"
        "- Layout after ISO/IEC 19795-1 and NIST's FRTE reports; every rate stands with its sample."
    )
    return Section("Test data", notes, [Table("Sets", ("set", "pictures", "persons", "labels"), rows)])
