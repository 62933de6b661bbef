"""Fits the weights of shared/engine/attributes/smile.py to the labels by eye, and says how good they are.

    python -m tests.labels.fit_smile

Doubtful smiles, masks and covered mouths are left out. The accuracy is that of faces whose person the weights have not
seen (five parts). Some minutes, most of them for the meshes.
"""

import numpy as np
from numpy.typing import NDArray

from shared.engine import Engine, ModelLibrary, decode
from shared.engine.attributes.smile import shape
from tests.faces import Label, labelled, labels

_RIDGE = 0.01  # of the squared weights of standardised measures
_STEPS = 30
_PARTS = 5

Numbers = NDArray[np.float64]


def main() -> None:
    chosen = [label for label in labels() if label.smile != "doubtful" and label.mask == "no" and label.mouth == "free"]
    engine = Engine(ModelLibrary.find())
    shapes, smiles = (
        np.array([_shape(engine, label) for label in chosen]),
        np.array([label.smile == "yes" for label in chosen]),
    )
    persons = [label.path.stem.rpartition("_")[0] or label.path.stem for label in chosen]
    part = np.array([sorted(set(persons)).index(person) % _PARTS for person in persons])
    guessed = np.zeros(len(chosen))
    for held in range(_PARTS):
        weights, bias = fitted(shapes[part != held], smiles[part != held])
        guessed[part == held] = shapes[part == held] @ weights + bias
    right = (guessed > 0) == smiles
    print(f"{len(chosen)} faces, {smiles.sum()} smile; right: {right.mean():.3f}")
    print(f"of smiles {right[smiles].mean():.3f}, of others {right[~smiles].mean():.3f}")
    weights, bias = fitted(shapes, smiles)
    print(f"_WEIGHTS = ({', '.join(f'{weight:.2f}' for weight in weights)})\n_BIAS = {bias:.2f}")


def _shape(engine: Engine, label: Label) -> Numbers:
    picture = decode(label.path.read_bytes())
    return shape(engine.landmarks(picture, [labelled(engine.detect(picture), label)])[0])


def fitted(shapes: Numbers, smiles: NDArray[np.bool_]) -> tuple[Numbers, float]:
    """Weights and bias of the logistic regression, by Newton's method."""
    mean, spread = shapes.mean(axis=0), shapes.std(axis=0)
    inputs = np.c_[(shapes - mean) / spread, np.ones(len(shapes))]
    ridge = np.append(np.full(shapes.shape[1], _RIDGE), 0)
    weights = np.zeros(len(ridge))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chance - smiles) / len(smiles) + ridge * weights
        curve = (inputs * (chance * (1 - chance))[:, None]).T @ inputs / len(smiles) + np.diag(ridge)
        weights -= np.linalg.solve(curve, slope)
    plain = weights[:-1] / spread
    return plain, float(weights[-1] - plain @ mean)


if __name__ == "__main__":
    main()
