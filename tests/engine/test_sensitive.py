"""Age, gender and smile, against what there is to compare them with."""

import numpy as np
import pytest

from shared.engine import Attributes, Engine, decode
from tests import faces
from tests.faces import Label

SMILES = [label for label in faces.labels() if label.mask == "no" and label.mouth == "free"]


def _measured(engine: Engine, label: Label, *names: str) -> Attributes:
    picture = decode(label.path.read_bytes())
    (found,) = engine.attributes(picture, [faces.labelled(engine.detect(picture), label)], names)
    return found


def _smiles(engine: Engine, word: str, step: int) -> list[float]:
    labels = [label for label in SMILES if label.smile == word][::step]
    return [smile for label in labels if (smile := _measured(engine, label, "smile").smile) is not None]


@pytest.mark.slow
def test_smiles_are_told_from_other_mouths(engine: Engine) -> None:
    """By labels made by eye; those called doubtful lie between."""
    yes, doubtful, no = _smiles(engine, "yes", 16), _smiles(engine, "doubtful", 10), _smiles(engine, "no", 20)
    assert min(len(yes), len(doubtful), len(no)) >= 40
    assert np.mean(np.array(yes) > 0.5) >= 0.93
    assert np.mean(np.array(no) < 0.5) >= 0.93
    assert np.median(no) < np.median(doubtful) < np.median(yes)


def test_the_happy_picture_of_a_person_smiles_more_than_the_plain_one(engine: Engine) -> None:
    """Five people of the Yale faces, which the weights were not fitted to."""
    smiles: dict[str, dict[str, float]] = {}
    for row in faces.rows("yale", "attributes"):
        if row["condition"] in {"happy", "normal"}:
            picture = decode((faces.folder("yale") / row["file"]).read_bytes())
            (found,) = engine.attributes(picture, engine.detect(picture, limit=1), ["smile"])
            assert found.smile is not None
            smiles.setdefault(row["person"], {})[row["condition"]] = found.smile
    assert len(smiles) == 5
    assert all(one["happy"] > one["normal"] + 0.3 for one in smiles.values())


def test_beards_and_moustaches_are_mens(engine: Engine) -> None:
    labels = [label for label in faces.labels() if label.beard == "beard" or label.moustache == "yes"]
    genders = [_measured(engine, label, "gender").gender for label in labels[::2] if "lfw" in label.path.parts]
    assert len(genders) >= 70
    assert np.mean([gender == "male" for gender in genders]) >= 0.95


@pytest.mark.parametrize("name", ["Hadley_Bilger_0001", "Daniel_Radcliffe_0003"])
def test_children_look_younger_than_old_people(name: str, engine: Engine) -> None:
    by_name = {label.path.stem: label for label in faces.labels()}
    young = _measured(engine, by_name[name], "age").age
    old = _measured(engine, by_name["Clint_Eastwood_0001"], "age").age
    assert young is not None
    assert old is not None
    assert young + 15 < old


@pytest.mark.slow
def test_ages_of_one_person_agree(engine: Engine) -> None:
    """Median spread within a person 5 years, though some of the pictures are years apart; between persons it is 11."""
    ages: dict[str, list[float]] = {}
    for label in [label for label in faces.labels() if "lfw" in label.path.parts][:700:2]:
        age = _measured(engine, label, "age").age
        assert age is not None
        ages.setdefault(label.path.stem.rpartition("_")[0], []).append(age)
    within = [float(np.std(some, ddof=1)) for some in ages.values() if len(some) >= 2]
    assert len(within) >= 15
    assert np.median(within) < 7
    assert np.std([some[0] for some in ages.values()]) > 8
