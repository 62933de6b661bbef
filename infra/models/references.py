"""What each model answers to a picture that is computed, as recorded: a file that answers otherwise is not the model.

    python -m infra.models.references

records anew, from the model files of this installation. The recorded values are those of files that were compared with
their sources running in their own frameworks. Kernels round differently from machine to machine, by far less than
TOLERANCE; a graph that is wrong is off by far more.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.models.errors import NotReproduced
from shared.engine.manifest import Model
from shared.engine.recipes import Axes
from shared.engine.sessions import Session

RECORDED = Path(__file__).with_name("references.json")
FACES, SIDE = 2, 128  # of an axis that varies
VALUES = 16  # of each output, spread evenly
TOLERANCE = 2e-3  # of the greatest recorded value


def check(model: Model, session: Session) -> None:
    """Raises NotReproduced."""
    recorded = read().get(model.name)
    if recorded is None:
        raise NotReproduced(f"{model.name}: there is no recorded answer")
    answered = answers(model, session, recorded["range"])
    for output, values in recorded["outputs"].items():
        off = float(np.abs(np.array(answered[output]) - values).max())
        if not off <= TOLERANCE * max(map(abs, values)):
            raise NotReproduced(f"{model.name}: {output} is off by {off:.2g} from what is recorded")


def read() -> Mapping[str, Any]:
    recorded: Mapping[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return recorded


def answers(model: Model, session: Session, scale: tuple[float, float]) -> dict[str, list[float]]:
    """VALUES of each output, for a picture whose darkest and brightest values are `scale`."""
    inputs = {name: picture(_shape(axes), scale) for name, axes in model.inputs.items()}
    outputs = sorted(model.outputs)
    answered = session.run(outputs, inputs)
    return {name: _sample(values) for name, values in zip(outputs, answered, strict=True)}


def picture(shape: tuple[int, ...], scale: tuple[float, float]) -> NDArray[np.float32]:
    """A light oval with two dark spots on stripes, somewhat other in each channel and face.

    Whole numbers until the end, so that it is the same to the bit everywhere."""
    channels_last = shape[-1] == 3
    count, height, width = (shape[0], *(shape[1:3] if channels_last else shape[2:]))
    y, x = np.mgrid[0:height, 0:width] * 256 // np.array([height, width]).reshape(2, 1, 1)  # 0 to 255 across
    faces = [
        np.stack([_channel(x + 4 * face, y, channel) for channel in range(3)], axis=-1 if channels_last else 0)
        for face in range(count)
    ]
    low, high = np.float32(scale[0]), np.float32(scale[1])
    return low + np.stack(faces).astype(np.float32) / np.float32(255) * (high - low)


def _channel(x: NDArray[np.int64], y: NDArray[np.int64], channel: int) -> NDArray[np.int64]:
    """0 to 255."""
    light: NDArray[np.int64] = 40 + np.abs((3 * x + 2 * y) % 128 - 64) // 2 + 10 * channel
    light[4 * (x - 128) ** 2 + 2 * (y - 132) ** 2 < 4 * 80**2] = 190 - 15 * channel
    for eye in (96, 160):
        light[(x - eye) ** 2 + 2 * (y - 108) ** 2 < 14**2] = 45
    light[(x - 128) ** 2 // 6 + (y - 180) ** 2 < 9**2] = 110 - 25 * channel
    return light


def _shape(axes: Axes) -> tuple[int, ...]:
    """The first axis that varies counts faces."""
    sizes = [axis if isinstance(axis, int) else SIDE for axis in axes]
    return (axes[0] if isinstance(axes[0], int) else FACES, *sizes[1:])


def _sample(values: NDArray[np.float32]) -> list[float]:
    flat = values.ravel()
    places = np.linspace(0, len(flat) - 1, min(VALUES, len(flat))).astype(int)
    return [float(value) for value in flat[places]]


def record() -> dict[str, Any]:
    """From this installation's files, with the ranges that stand in RECORDED."""
    from infra.models.listing import library  # which reads the settings

    installed, ranges = library(), read()
    return {
        name: {
            "range": ranges[name]["range"],
            "outputs": _rounded(answers(model, installed.session(name), ranges[name]["range"])),
        }
        for name, model in installed.manifest.models.items()
        if name in ranges
    }


def _rounded(outputs: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: [float(f"{value:.6g}") for value in values] for name, values in outputs.items()}


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
