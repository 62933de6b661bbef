"""Trains what is read off the glasses model's features: python dev.py models train-readouts

For each readout of `shared/engine/attributes/readouts.json`: a line (`ridge`) through the labelled faces of
`../shared/faces` (tests/labels), each seen several times (`views`). People are dealt into five parts. The shipped line
has not seen the part that the tests measure (`tests.folds.HELD_OUT`); the figures in the file are of five lines, each
measured on the part that it has not seen. The random numbers are seeded: the same pictures give the same file, but for
the rounding of the processor.
"""

import argparse
import json
import sys
from base64 import b64encode
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.models import ridge
from infra.models.ridge import Floats, Line
from infra.models.rows import SEED, Look, Rows, rows
from infra.models.tasks import TASKS
from infra.models.training_set import examples
from shared.engine import Engine, ModelLibrary
from shared.engine.attributes import strips
from shared.engine.batches import answers
from shared.engine.workers import cores
from tests.folds import FOLDS, HELD_OUT

FILE = Path(strips.__file__).with_name("readouts.json")
PENALTY = 0.5

_DECIMALS = 4


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the parser of `dev.py models`."""
    command = commands.add_parser("train-readouts", help="train what is read off the glasses model's features")
    command.add_argument("--file", type=Path, default=FILE, help="where it goes (default: the shipped file)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Trains every readout, tells how it does, and writes the file."""
    library = ModelLibrary.find()
    known = list(examples(Engine(library), np.random.default_rng(SEED)))
    readouts = {}
    for name, task in TASKS.items():
        readout = trained(rows(task, known, look(library)), task.false_positives)
        sys.stdout.write(f"{name}: {readout['measured']}\n")
        readouts[name] = {"strip": task.strip, **readout}
    model = library.manifest.models[strips.MODEL].sha256
    options.file.write_text(json.dumps({"model": model, "readouts": readouts}, indent=2) + "\n")
    return 0


def look(library: ModelLibrary) -> Look:
    """The model's features of strips."""
    session = library.session(strips.MODEL)

    def features(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        (found,) = answers(session, [strips.FEATURES], pictures, strips.tensor, cores())
        return found.reshape(len(found), -1)

    return features


def trained(data: Rows, allowed: float | None) -> dict[str, object]:
    """The readout: its weights, the odds from which it says yes, and how it does on people that it has not seen."""
    line, scores = unseen(data)
    used = data.real & (data.fold != HELD_OUT)
    scale, shift = ridge.calibration(scores[used], data.truth[used])
    odds = scores * scale + shift
    threshold = 0.0
    if allowed is not None:
        threshold = float(np.quantile(odds[used & ~data.truth], 1 - allowed, method="higher"))
    return {
        "weights": b64encode((line.weights * scale).astype("<f2").tobytes()).decode(),
        "bias": round(line.bias * scale + shift, _DECIMALS),
        "threshold": round(threshold, _DECIMALS),
        "measured": measured(odds, threshold, data),
    }


def unseen(data: Rows) -> tuple[Line, Floats]:
    """The line that has not seen the part that is held out; and what each part's own such line says of it."""
    lines, scores = [], np.zeros(len(data.truth))
    for fold in range(FOLDS):
        others = data.fold != fold
        lines.append(ridge.fit(data.features[others], data.truth[others], data.worth[others], PENALTY))
        scores[~others] = lines[fold](data.features[~others])
    return lines[HELD_OUT], scores


def measured(odds: Floats, threshold: float, data: Rows) -> dict[str, object]:
    """Area under the ROC curve, and how many of how many are found, falsely found, and found where it is made up."""
    real, shows = data.real, data.truth
    figures: dict[str, object] = {"area": round(ridge.area(odds[real], shows[real]), _DECIMALS)}
    groups = {"found": real & shows, "falselyFound": real & ~shows, "foundWhereMadeUp": data.made_up}
    for name, group in groups.items():
        if group.any():
            figures[name] = [int((odds[group] >= threshold).sum()), int(group.sum())]
    return figures
