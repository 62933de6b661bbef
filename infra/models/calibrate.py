"""python dev.py models calibrate RECOGNISER --pictures FOLDER: the confidence scale of a recogniser, from pictures.

Half of the people, among each other and with the rest, make the scale; the rest, among each other, check it: the false
match rate that is measured on those pairs at the scale's confidences 0.3 and 0.4 is printed, and stands in the file.
"""

import argparse
import json
import math
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from infra.models.pictures import Faces, NotLabelled, embed, labels
from shared import settings
from shared.engine import Engine, ModelLibrary
from shared.engine.manifest import load
from shared.engine.recipes import Recogniser
from shared.gallery import impostors
from shared.gallery.confidence import CALIBRATIONS, ConfidenceScale
from shared.people.scores import CALIBRATION

CHECKED = (0.3, 0.4)
SHOWN, PROGRESS = 10, 500


class CannotCalibrate(Exception):
    """The pictures do not give a scale; the text says why."""


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("calibrate", help="make the confidence scale of a recogniser from labelled pictures")
    parser.add_argument("recogniser", metavar="RECOGNISER", help="its name in a manifest")
    parser.add_argument("--pictures", type=Path, required=True, metavar="FOLDER", help="with identities.csv")
    parser.add_argument("--source", default="", help="what the pictures are; default: the folder's name")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises CannotCalibrate, ModelError."""
    own = settings.folder(os.environ, "FACE_OWN_MODELS_DIR")
    everywhere = dict.fromkeys(load().recognition_models, options.recogniser)  # so that no other model is needed
    library = ModelLibrary.find(settings.folder(os.environ, "FACE_MODELS_DIR"), own, everywhere)
    model = next(iter(everywhere))
    recogniser = library.manifest.recogniser(model)
    try:
        found = embed(Engine(library), model, options.pictures, labels(options.pictures), _progress)
        document = calibration(recogniser, found, options.source or options.pictures.resolve().name)
    except (NotLabelled, impostors.NoScale) as error:
        raise CannotCalibrate(str(error)) from None
    folder = own / CALIBRATION if own else CALIBRATIONS
    folder.mkdir(exist_ok=True)
    file = folder / f"{recogniser.name}.json"
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    _tell(document, found, file)
    return 0


def calibration(recogniser: Recogniser, found: Faces, source: str) -> dict[str, Any]:
    """The file's content. Raises NoScale."""
    made, check = (found.of(wanted) for wanted in (impostors.is_for_calibration, _is_for_checking))
    together = np.concatenate([made.templates, check.templates])
    scores = impostors.impostor_scores(together, (*made.people, *check.people), len(made.people))
    points = impostors.scale_points(scores)
    scale = ConfidenceScale.through([(point.cosine, point.false_match_rate) for point in points])
    others = impostors.impostor_scores(check.templates, check.people)
    return {
        "recogniser": recogniser.name,
        "fingerprint": recogniser.fingerprint,
        "source": source,
        "people": len(set(found.people)),
        "pictures": len(found.people),
        "impostor_pairs": len(scores),
        "points": [asdict(point) for point in points],
        "checked_on": {
            "people": len(set(check.people)),
            "pictures": len(check.people),
            "impostor_pairs": len(others),
            "false_match_rates": [
                {"confidence": at, "measured": impostors.false_match_rate(others, scale.cosine_at(at))}
                for at in CHECKED
            ],
        },
    }


def _is_for_checking(person: str) -> bool:
    return not impostors.is_for_calibration(person)


def _tell(document: dict[str, Any], found: Faces, file: Path) -> None:
    print(f"{file}: {document['impostor_pairs']} comparisons of {document['people']} people")
    for point in document["points"]:
        confidence = -math.log10(point["false_match_rate"]) / 10
        known = "extrapolated" if point["false_matches"] is None else f"{point['false_matches']} false matches"
        print(f"  confidence {confidence:.2f} from cosine {point['cosine']:.3f}  {known}")
    checked = document["checked_on"]
    print(f"{checked['impostor_pairs']} other comparisons, of {checked['people']} people:")
    for rate in checked["false_match_rates"]:
        print(f"  false match rate at confidence {rate['confidence']}: {rate['measured']:.2e}")
    print("most alike of different people (one person under two names makes the scale too strict):")
    for cosine, one, other in impostors.closest(found.templates, found.people, SHOWN):
        print(f"  {cosine:.3f}  {found.files[one]}  {found.files[other]}")


def _progress(done: int, of: int) -> None:
    if done and done % PROGRESS == 0:
        print(f"{done} of {of} pictures", file=sys.stderr, flush=True)
